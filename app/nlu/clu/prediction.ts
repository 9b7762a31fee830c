import { z } from 'zod';
import type { Day } from '../spec.ts';
import { readTimex } from '../remote/timex.ts';
import type { PredictedEntity, Prediction } from '../remote/understanding.ts';

/** The answer of `analyze-conversations` (api-version 2023-04-01), as far as it is read. */
const resolutionSchema = z.object({
  resolutionKind: z.string(),
  timex: z.string().optional(),
  value: z.union([z.string(), z.number()]).optional(),
  begin: z.string().optional(),
});
const informationSchema = z.object({
  extraInformationKind: z.string(),
  value: z.string().optional(),
  key: z.string().optional(),
});
const entitySchema = z.object({
  category: z.string(),
  text: z.string(),
  offset: z.int().min(0),
  length: z.int().min(0),
  resolutions: z.array(resolutionSchema).default([]),
  extraInformation: z.array(informationSchema).default([]),
});
export const answerSchema = z.object({
  result: z.object({
    prediction: z.object({
      topIntent: z.string(),
      intents: z.array(z.object({ category: z.string(), confidenceScore: z.number() })),
      entities: z.array(entitySchema),
    }),
  }),
});

type CluEntity = z.output<typeof entitySchema>;

export function readPrediction(
  { result: { prediction } }: z.output<typeof answerSchema>,
  now: Date,
  timeZone: string,
): Prediction {
  return {
    topIntent: prediction.topIntent,
    intents: prediction.intents.map(({ category, confidenceScore }) => ({
      name: category,
      confidence: confidenceScore,
    })),
    entities: prediction.entities.map((entity) => ({
      name: entity.category,
      start: entity.offset,
      end: entity.offset + entity.length,
      ...worth(entity, now, timeZone),
    })),
  };
}

/** What an entity is worth, by the prebuilt component that found it or the list's key. */
function worth(entity: CluEntity, now: Date, timeZone: string): Partial<PredictedEntity> {
  const { extraInformation, resolutions } = entity;
  const kinds = extraInformation
    .filter(({ extraInformationKind }) => extraInformationKind === 'EntitySubtype')
    .map(({ value = '' }) => value.toLowerCase());
  const is = (prefix: string): boolean => kinds.some((kind) => kind.startsWith(prefix));
  const resolved = (kind: string) =>
    resolutions.filter(({ resolutionKind }) => resolutionKind.toLowerCase().includes(kind));
  if (is('geography') || is('location')) return { kind: 'city' };
  if (is('datetime') || resolved('datetime').length + resolved('temporalspan').length > 0) {
    const day = dayOf([...resolved('datetime'), ...resolved('temporalspan')], now, timeZone);
    return { kind: 'day', ...(day && { day }) };
  }
  if (is('phonenumber') || is('phone')) return { kind: 'extension' };
  if (is('person')) return { kind: 'name' };
  const [number] = resolved('number');
  if (is('quantity.number') || is('number') || number !== undefined) {
    const value = Number(number?.value ?? Number.NaN);
    return { kind: 'count', ...(Number.isFinite(value) && { number: value }) };
  }
  const key = extraInformation.find(({ extraInformationKind }) => extraInformationKind === 'ListKey')?.key;
  return key === undefined ? {} : { value: key };
}

function dayOf(
  resolutions: readonly z.output<typeof resolutionSchema>[],
  now: Date,
  timeZone: string,
): Day | undefined {
  const [first] = resolutions;
  const dates = resolutions.flatMap(({ value, begin }) =>
    typeof value === 'string' ? value : (begin ?? []),
  );
  return first && readTimex({ timex: first.timex ?? '', dates }, now, timeZone);
}
