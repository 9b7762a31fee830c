import { ParleyError } from '../errors.ts';

/** What stands in place of a redacted value. */
const redacted = '[redacted]';

/** Names (without case, `-` and `_`) whose values are never printed. */
const secretNames =
  /(?:password|passwd|passphrase|secret|token|key|authorization|credentials?|cookie|cookies|signature)$/;

/** Names whose values are what callers say, or who they are: printed only when the operator asks for it. */
const speechNames = new Set([
  'text',
  'texts',
  'heard',
  'said',
  'say',
  'saying',
  'spoken',
  'speech',
  'utterance',
  'transcript',
  'phrase',
  'phrases',
  'sentence',
  'sentences',
  'slots',
  'city',
  'unknownplace',
  'name',
  'unknownname',
  'digit',
  'digits',
  'caller',
  'callerid',
  'callernumber',
  'callername',
  'number',
  'connectedname',
  'connectednumber',
]);

/** Deeper than this is cut off, so that a log line stays a line. */
const deepest = 6;

export interface RedactOptions {
  /** Leaves what callers say and who they are as it is; secrets are redacted all the same. */
  readonly showSpeech: boolean;
}

/** A copy of `fields` that may be printed: plain data, secrets and speech replaced by field name, errors taken apart. */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
  options: RedactOptions,
): Record<string, unknown> {
  return plainObject(fields, options, 0, new Set());
}

/** Takes passwords and keys out of addresses (`user:password@`, `?api_key=`) and header lines inside a text. */
export function redactText(text: string): string {
  return text
    .replace(/(:\/\/)[^\s/@:]*:[^\s/@]*@/g, `$1${redacted}@`)
    .replace(
      /([?&](?:api_?key|key|password|token|access_token|sig|signature|secret)=)[^\s&#"']+/gi,
      `$1${redacted}`,
    )
    .replace(/\b(Basic|Bearer)\s+[\w.~+/-]{8,}=*/g, `$1 ${redacted}`);
}

function plainObject(
  object: object,
  options: RedactOptions,
  depth: number,
  above: ReadonlySet<object>,
): Record<string, unknown> {
  const inside = new Set(above).add(object);
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    copy[name] = hides(name, options) ? redacted : plain(value, options, depth + 1, inside);
  }
  return copy;
}

function hides(fieldName: string, options: RedactOptions): boolean {
  const name = fieldName.toLowerCase().replace(/[-_]/g, '');
  return secretNames.test(name) || (!options.showSpeech && speechNames.has(name));
}

function plain(value: unknown, options: RedactOptions, depth: number, above: ReadonlySet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (above.has(value)) return '[circular]';
  if (value instanceof Error) return plainError(value, options, depth, above);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth > deepest) return '[deeper]';
  if (value instanceof Map) return plainObject(fromMap(value), options, depth, above);
  if (Array.isArray(value) || value instanceof Set) {
    const inside = new Set(above).add(value);
    return [...(value as Iterable<unknown>)].map((item) => plain(item, options, depth + 1, inside));
  }
  return plainObject(value, options, depth, above);
}

function fromMap(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> {
  return Object.fromEntries([...map].map(([name, value]) => [String(name), value]));
}

/** A ParleyError becomes code, message, remedy and cause; any other error name, message, its code, cause and stack. */
function plainError(
  error: Error,
  options: RedactOptions,
  depth: number,
  above: ReadonlySet<object>,
): Record<string, unknown> {
  const inside = new Set(above).add(error);
  const cause =
    error.cause === undefined || depth > deepest ? undefined : plain(error.cause, options, depth + 1, inside);
  const message = redactText(error.message);
  const causeField = cause === undefined ? {} : { cause };
  if (error instanceof ParleyError) {
    return { code: error.code, message, remedy: redactText(error.remedy), ...causeField };
  }
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...causeField,
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
  };
}
