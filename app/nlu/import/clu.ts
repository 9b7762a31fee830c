import { z } from 'zod';
import { placeholders } from '../content.ts';
import { sampleFrom } from '../own/sample.ts';
import type { OwnEntity } from '../own/spec.ts';
import { Names } from './names.ts';
import { prebuiltOf } from './prebuilt.ts';
import type { ImportedApp } from './spec.ts';

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const name = z.string().min(1);

const entitySchema = z.looseObject({
  category: name,
  list: z
    .looseObject({
      sublists: list(
        z.looseObject({
          listKey: z.string(),
          synonyms: list(z.looseObject({ language: z.string().optional(), values: list(z.string()) })),
        }),
      ),
    })
    .nullish(),
  prebuilts: list(z.looseObject({ category: name })),
  regex: z.looseObject({ expressions: list(z.looseObject({ regexPattern: z.string() })) }).nullish(),
});

/** An exported CLU project (2022 and 2023 formats), as far as it is read. */
export const cluSchema = z.looseObject({
  projectFileVersion: z.string(),
  metadata: z.looseObject({
    projectKind: z.literal('Conversation', { error: 'only projects of the kind Conversation can be read' }),
    projectName: z.string().default('project'),
    language: z.string().default('en'),
  }),
  assets: z.looseObject({
    intents: z.array(z.looseObject({ category: name })),
    entities: list(entitySchema),
    utterances: list(
      z.looseObject({
        text: z.string(),
        intent: z.string(),
        language: z.string().nullish(),
        entities: list(z.looseObject({ category: name, offset: z.int().min(0), length: z.int().min(1) })),
      }),
    ),
  }),
});

type CluProject = z.output<typeof cluSchema>;

/** Brings an exported CLU project into Parley's terms. */
export function importClu({ projectFileVersion, metadata, assets, ...rest }: CluProject): ImportedApp {
  const names = new Names(placeholders);
  const intentNames = new Names([]);
  const language = (metadata.language.split('-')[0] ?? 'en').toLowerCase();
  const notes: string[] = [];
  const entities = assets.entities.flatMap(readEntity);
  const intents = assets.intents.map(({ category }) => ({ intent: intentNames.of(category), was: category }));
  const others = assets.utterances.filter((each) => !isOurs(each.language));
  if (others.length > 0)
    notes.push(`${others.length} utterances in other languages are kept in imported.yaml.`);
  const utterances = assets.utterances
    .filter((each) => isOurs(each.language))
    .map(({ text, intent, entities: labels }) => ({
      intent: intentNames.of(intent),
      sample: sampleFrom(
        text.replace(/[{}]/g, ' '),
        labels.map(({ category, offset, length }) => ({
          entity: names.find(category) ?? names.of(category),
          start: offset,
          end: offset + length,
        })),
      ).sample,
    }));
  const read = new Set(['intents', 'entities', 'utterances']);
  const moreAssets = Object.fromEntries(Object.entries(assets).filter(([name]) => !read.has(name)));
  return {
    name: metadata.projectName,
    format: `CLU ${projectFileVersion}`,
    language,
    intents,
    entities,
    utterances,
    patterns: [],
    phrases: [],
    leftovers: { ...rest, metadata, ...moreAssets, ...(others.length > 0 && { utterances: others }) },
    notes,
  };

  function isOurs(tag: string | null | undefined): boolean {
    return tag === null || tag === undefined || tag.toLowerCase().startsWith(language);
  }

  // An entity of CLU may be found in several ways; here it is a list, a pattern, a built-in one, or learned.
  function readEntity({
    category,
    list: listed,
    prebuilts,
    regex,
  }: z.output<typeof entitySchema>): OwnEntity[] {
    const ways = [listed?.sublists.length, regex?.expressions.length, prebuilts.length].filter(
      (count) => count,
    );
    if (ways.length > 1)
      notes.push(
        `The entity ${category} is found in several ways; here it is the first of list, pattern, prebuilt.`,
      );
    const word = names.of(category);
    const common = { name: word, ...(word !== category && { was: category }) };
    if (listed?.sublists.length) {
      const values = listed.sublists.map(({ listKey, synonyms }) => [
        listKey,
        synonyms.flatMap((each) => (isOurs(each.language) ? each.values : [])),
      ]);
      return [{ ...common, kind: 'list', values: Object.fromEntries(values) as Record<string, string[]> }];
    }
    if (regex?.expressions.length) {
      const pattern = regex.expressions.map(({ regexPattern }) => `(?:${regexPattern})`).join('|');
      return [{ ...common, kind: 'regex', pattern }];
    }
    const known = prebuilts.map((each) => prebuiltOf(each.category)).find(({ kind }) => kind !== 'unknown');
    if (known?.kind === 'built-in') return [{ ...common, kind: 'is', of: known.name }];
    if (known?.kind === 'pattern') return [{ ...common, kind: 'regex', pattern: known.regex }];
    return [{ ...common, kind: 'learned', examples: [] }];
  }
}
