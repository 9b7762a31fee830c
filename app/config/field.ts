import { z } from 'zod';

interface FieldMeta {
  readonly says: string;
  /** The environment variable, where it is not PARLEY_ and the path in capitals. */
  readonly env?: string;
  /** Never printed. */
  readonly secret?: boolean;
}

const metaOf = z.registry<FieldMeta>();

/** What is said about a field, undefined for a group of fields. */
export function fieldMeta(schema: z.core.$ZodType): FieldMeta | undefined {
  return metaOf.get(schema);
}

/** A field with the sentence that is said about it. */
export function field<T extends z.ZodType>(schema: T, says: string, more: Omit<FieldMeta, 'says'> = {}): T {
  metaOf.add(schema, { says, ...more });
  return schema;
}

export const port = z.int().min(0).max(65_535);
export const milliseconds = z.int().min(0);
export const unit = z.number().min(0).max(1);
export const bcp47 = z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);
export const address = z.union([z.ipv4(), z.ipv6(), z.hostname()]);
