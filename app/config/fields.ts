import { z } from 'zod';
import { fieldMeta } from './field.ts';
import { configSchema } from './schema.ts';

/** One field of the configuration, as the loader and the generated documents see it. */
export interface Field {
  /** Such as `line.silenceMs`. */
  readonly path: string;
  /** Environment variable, such as `PARLEY_LINE_SILENCE_MS`. */
  readonly env: string;
  readonly says: string;
  readonly secret: boolean;
  /** What it may be, in words. */
  readonly type: string;
  readonly default: unknown;
}

/** All fields in the order of the schema. */
export function configFields(): Field[] {
  return walk(configSchema, []);
}

function walk(schema: z.core.$ZodType, path: readonly string[]): Field[] {
  const meta = fieldMeta(schema);
  if (meta !== undefined) {
    const { inner, fallback } = unwrap(schema);
    return [
      {
        path: path.join('.'),
        env: meta.env ?? envOf(path),
        says: meta.says,
        secret: meta.secret ?? false,
        type: typeOf(inner),
        default: fallback,
      },
    ];
  }
  const { inner } = unwrap(schema);
  const def = defOf(inner);
  if (def.type !== 'object') throw new Error(`the field ${path.join('.')} has no sentence`);
  return Object.entries(def.shape ?? {}).flatMap(([key, child]) => walk(child, [...path, key]));
}

/** `line.silenceMs` -> `PARLEY_LINE_SILENCE_MS`. */
function envOf(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase());
  return `PARLEY_${words.join('_')}`;
}

/** The parts of zod's internal definition that are read here. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly defaultValue?: unknown;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
}

function defOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def;
}

function unwrap(schema: z.core.$ZodType): { inner: z.core.$ZodType; fallback: unknown } {
  let inner = schema;
  let fallback: unknown;
  for (;;) {
    const def = defOf(inner);
    if (def.innerType === undefined) return { inner, fallback };
    if (def.type === 'default') fallback = def.defaultValue;
    inner = def.innerType;
  }
}

/** The parts of a JSON Schema that a field's type is told from. */
interface JsonType {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonType;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly anyOf?: readonly unknown[];
}

function typeOf(schema: z.core.$ZodType): string {
  const json = z.toJSONSchema(schema) as unknown as JsonType;
  if (json.enum !== undefined) return json.enum.join(' or ');
  if (json.anyOf !== undefined) return 'address';
  switch (json.type) {
    case 'integer':
    case 'number':
      return `${json.type === 'integer' ? 'whole number' : 'number'}${rangeOf(json)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return json.items?.properties ? `list of ${Object.keys(json.items.properties).join(' and ')}` : 'list';
    case 'object':
      return 'names and values';
    default:
      return json.format === 'uri' ? 'URL' : 'text';
  }
}

/** Where there is no limit of ours, the schema gives the largest whole number. */
function rangeOf({ minimum = -Infinity, maximum = Infinity }: JsonType): string {
  const low = minimum > Number.MIN_SAFE_INTEGER;
  const high = maximum < Number.MAX_SAFE_INTEGER;
  if (low && high) return `, ${minimum} to ${maximum}`;
  if (low) return `, ${minimum} or more`;
  return high ? `, at most ${maximum}` : '';
}
