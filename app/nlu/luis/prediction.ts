import { z } from 'zod';
import type { Day } from '../spec.ts';
import type { PredictedEntity, Prediction } from '../remote/understanding.ts';
import { readTimex } from '../remote/timex.ts';

/** The answer of the LUIS v3.0 prediction interface, as far as it is read. */
const predictionSchema = z.object({
  topIntent: z.string(),
  intents: z.record(z.string(), z.object({ score: z.number().optional() })).default({}),
  entities: z.record(z.string(), z.unknown()).default({}),
});

const instanceSchema = z.object({
  type: z.string(),
  startIndex: z.int().min(0),
  length: z.int().min(1),
});
const instancesSchema = z.record(z.string(), z.array(instanceSchema));
const dateSchema = z.object({
  values: z
    .array(
      z.object({
        timex: z.string(),
        resolution: z.array(z.object({ value: z.string().optional(), start: z.string().optional() })),
      }),
    )
    .min(1),
});
const entitiesSchema = z.record(z.string(), z.unknown());

/** Reads what LUIS answers to a request with `verbose`. @throws ZodError when it is something else. */
export function readPrediction(answer: unknown, now: Date, timeZone: string): Prediction {
  const { topIntent, intents, entities } = predictionSchema.parse(answer);
  return {
    topIntent,
    intents: Object.entries(intents).map(([name, { score }]) => ({ name, confidence: score ?? 0 })),
    entities: readEntities(entities, now, timeZone),
  };
}

function readEntities(
  entities: Readonly<Record<string, unknown>>,
  now: Date,
  timeZone: string,
): PredictedEntity[] {
  const { $instance, ...values } = entities;
  const instances = instancesSchema.parse($instance ?? {});
  return Object.entries(values).flatMap(([name, list]) => {
    if (!Array.isArray(list)) return [];
    return list.flatMap((value: unknown, index): PredictedEntity[] => {
      const instance = instances[name]?.[index];
      if (instance === undefined) return [];
      // A role goes by its own name, and tells the type that it is a role of.
      const role = instance.type.startsWith('builtin.') && !instance.type.startsWith(`builtin.${name}`);
      const span = { name, role, start: instance.startIndex, end: instance.startIndex + instance.length };
      const nested = entitiesSchema.safeParse(value);
      const children =
        nested.success && '$instance' in nested.data ? readEntities(nested.data, now, timeZone) : [];
      return [{ ...span, ...worth(instance.type, value, now, timeZone) }, ...children];
    });
  });
}

/** What a value is worth, by the prebuilt type of its entity. */
function worth(
  type: string,
  value: unknown,
  now: Date,
  timeZone: string,
): Partial<Pick<PredictedEntity, 'kind' | 'value' | 'day' | 'number'>> {
  const plain = type.replace(/^builtin\./, '');
  if (plain.startsWith('geographyV2')) {
    const place = z.object({ value: z.string() }).safeParse(value);
    return { kind: 'city', ...(place.success && { value: place.data.value }) };
  }
  if (plain.startsWith('datetimeV2')) {
    const day = dayOf(value, now, timeZone);
    return { kind: 'day', ...(day && { day }) };
  }
  switch (plain) {
    case 'number':
      return { kind: 'count', ...(typeof value === 'number' && { number: value }) };
    case 'phonenumber':
      return { kind: 'extension', ...(typeof value === 'string' && { value }) };
    case 'personName':
      return { kind: 'name', ...(typeof value === 'string' && { value }) };
    default: {
      // A list gives the canonical values that its words may stand for.
      const [canonical] = Array.isArray(value) ? (value as unknown[]) : [value];
      return typeof canonical === 'string' ? { value: canonical } : {};
    }
  }
}

function dayOf(value: unknown, now: Date, timeZone: string): Day | undefined {
  const date = dateSchema.safeParse(value);
  if (!date.success) return undefined;
  const [first] = date.data.values;
  const dates = date.data.values.flatMap(({ resolution }) =>
    resolution.flatMap((each) => each.value ?? each.start ?? []),
  );
  return first && readTimex({ timex: first.timex, dates }, now, timeZone);
}
