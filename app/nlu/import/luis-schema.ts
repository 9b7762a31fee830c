import { z } from 'zod';

/** An exported LUIS app (`luis_schema_version` 4 to 7), as far as it is read; whatever else is there is kept. */

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const roles = list(z.string());
const name = z.string().min(1);

/** What a machine-learned entity is made of. */
export interface LuisMlEntity {
  readonly name: string;
  readonly children: readonly LuisMlEntity[];
  readonly roles: readonly string[];
  readonly features: readonly {
    readonly modelName?: string | undefined;
    readonly isRequired?: boolean | undefined;
  }[];
}

const mlEntity: z.ZodType<LuisMlEntity> = z.lazy(() =>
  z.looseObject({
    name,
    children: list(
      z.union([
        mlEntity,
        name.transform((plain) => ({ name: plain, children: [], roles: [], features: [] })),
      ]),
    ),
    roles,
    features: list(z.looseObject({ modelName: z.string().optional(), isRequired: z.boolean().optional() })),
  }),
);

/** A labelled stretch of an utterance; `endPos` belongs to it. */
export interface LuisLabel {
  readonly entity: string;
  readonly startPos: number;
  readonly endPos: number;
  readonly role?: string | null | undefined;
  readonly children: readonly LuisLabel[];
}

const label: z.ZodType<LuisLabel> = z.lazy(() =>
  z.looseObject({
    entity: name,
    startPos: z.int().min(0),
    endPos: z.int().min(0),
    role: z.string().nullish(),
    children: list(label),
  }),
);

export const luisSchema = z.looseObject({
  luis_schema_version: z.string().regex(/^[4-7]\./, { error: 'only 4.x to 7.x can be read' }),
  name: z.string().default('app'),
  culture: z.string().default('en-us'),
  intents: z.array(z.looseObject({ name })),
  entities: list(mlEntity),
  hierarchicals: list(
    z.looseObject({ name, children: list(z.union([name, z.looseObject({ name })])), roles }),
  ),
  composites: list(z.looseObject({ name, children: list(z.union([name, z.looseObject({ name })])), roles })),
  closedLists: list(
    z.looseObject({
      name,
      subLists: list(z.looseObject({ canonicalForm: z.string(), list: list(z.string()) })),
      roles,
    }),
  ),
  prebuiltEntities: list(z.looseObject({ name, roles })),
  patternAnyEntities: list(z.looseObject({ name, roles, explicitList: list(z.string()) })),
  regex_entities: list(z.looseObject({ name, regexPattern: z.string(), roles })),
  phraselists: list(z.looseObject({ name, words: z.string() })),
  model_features: list(z.looseObject({ name, words: z.string() })),
  patterns: list(z.looseObject({ pattern: z.string(), intent: z.string() })),
  utterances: list(z.looseObject({ text: z.string(), intent: z.string(), entities: list(label) })),
});

export type LuisApp = z.output<typeof luisSchema>;
