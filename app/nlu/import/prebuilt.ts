import type { Placeholder } from '../content.ts';

/** Prebuilt entities of LUIS and CLU that Parley knows itself. */
const builtIn: Readonly<Record<string, Placeholder>> = {
  geographyv2: 'city',
  geography: 'city',
  'geography.location': 'city',
  datetimev2: 'day',
  datetime: 'day',
  number: 'count',
  'quantity.number': 'count',
  phonenumber: 'extension',
  personname: 'name',
  'person.name': 'name',
};

const amount = '\\d+(?:[ .]\\d+)?';

/** Patterns for others, as they are heard on the telephone. */
const patterns: Readonly<Record<string, string>> = {
  email: '\\S+(?: dot \\S+)* at \\S+(?: dot \\S+)+',
  money: `${amount} (?:dollars?|euros?|pounds?|cents?|francs?|yen)`,
  currency: `${amount} (?:dollars?|euros?|pounds?|cents?|francs?|yen)`,
  age: `${amount} (?:years?|months?|weeks?)(?: old)?`,
  percentage: `${amount} ?(?:percent|per cent|%)`,
  temperature: `${amount} degrees?(?: celsius| fahrenheit)?`,
  ordinal: '(?:\\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)',
  dimension: `${amount} (?:miles?|meters?|metres?|kilometers?|kilometres?|feet|foot|inch(?:es)?|kilos?|pounds?|litres?|liters?)`,
};

export type Prebuilt =
  | { readonly kind: 'built-in'; readonly name: Placeholder }
  | { readonly kind: 'pattern'; readonly regex: string }
  | { readonly kind: 'unknown' };

/** What stands for a prebuilt entity, by its name with or without `builtin.`. */
export function prebuiltOf(name: string): Prebuilt {
  const key = name.replace(/^builtin\./i, '').toLowerCase();
  const known = builtIn[key] ?? builtIn[key.split('.')[0] ?? ''];
  if (known !== undefined) return { kind: 'built-in', name: known };
  const regex = patterns[key] ?? patterns[key.split('.').at(-1) ?? ''];
  return regex === undefined ? { kind: 'unknown' } : { kind: 'pattern', regex };
}
