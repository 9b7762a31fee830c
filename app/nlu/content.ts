import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { messageOf, ParleyError } from '../errors.ts';
import type { OwnContent } from './own/overlay.ts';

/**
 * The bot's content: what callers say, as data. docs/bot.md explains every key. Answers and prompts are read by those
 * who speak them.
 */

const text = z.string().trim().min(1);
const texts = z.array(text);
const numbers = z.record(text, z.int().min(0));
/** The placeholders, and slots, that Parley itself knows. */
export const placeholders = ['city', 'day', 'count', 'extension', 'name'] as const;

/** What a sample may leave open, such as `{city}`. */
export type Placeholder = (typeof placeholders)[number];

const sample = text.regex(/^[^{}]*(?:\{(?:city|day|count|extension|name)\}[^{}]*)*$/, {
  error: `only the placeholders ${placeholders.map((name) => `{${name}}`).join(', ')} are known`,
});
const samples = z.array(sample);

const intentSchema = z.strictObject({
  intent: text.regex(/^[A-Z]\w*$/, { error: 'an intent is a name like GetWeather' }),
  slots: z.array(z.enum(placeholders)),
  common: samples,
  samples,
});

const fragmentsSchema = z.strictObject({ common: samples, samples });

const affirmationsSchema = z.strictObject({
  yes: texts.min(1),
  no: texts.min(1),
  idle: texts,
  heardWhenAsked: z.record(text, z.enum(['yes', 'no'])),
});

const part = z.enum(['morning', 'afternoon', 'evening', 'night']);

const dayPattern = z.strictObject({
  say: text,
  is: z.enum(['weekday', 'weekend', 'week', 'after', 'ago', 'next', 'first', 'date', 'today']),
  which: z.enum(['coming', 'following', 'next', 'last']).optional(),
  days: z.int().min(1).optional(),
});

const wordsSchema = z.strictObject({
  languages: texts.min(1),
  fillers: texts,
  leadIns: texts,
  endings: texts,
  heardAs: z.record(text, text),
  heardFirst: z.record(text, text),
  heardLast: z.record(text, text),
  numbers,
  hundred: text.optional(),
  thousand: text,
  andAfterHundred: text.optional(),
  andAfterTens: text.optional(),
  counts: numbers,
  digits: numbers,
  repeats: numbers,
  heardAsNumber: numbers,
  ordinals: numbers,
  ordinalEndings: texts,
  weekdays: z.record(text, z.int().min(0).max(6)),
  months: z.record(text, z.int().min(1).max(12)),
  feasts: z.record(text, text.regex(/^\d\d-\d\d$/, { error: 'a date like 12-25' })),
  parts: z.record(text, part),
  days: z.record(
    text,
    z.strictObject({ from: z.int(), days: z.int().min(1).optional(), part: part.optional() }),
  ),
  dayPatterns: z.array(dayPattern),
  partLeads: texts,
  beforeDay: texts,
  placeWords: texts,
  placeLinks: texts,
  notPlaces: texts,
  onAfterPlace: texts,
  followUps: texts,
  placeTopics: texts,
  beforePlace: texts,
  afterPlace: texts,
  callWords: texts,
  weakCallWords: texts,
  afterName: texts,
  beforeName: texts,
  titles: texts,
  notNames: texts,
  extensionWords: texts,
  notNumbers: texts,
  countedThings: texts,
  beforeCount: texts,
  examples: z.strictObject(
    Object.fromEntries(placeholders.map((name) => [name, texts.min(1)])) as Record<Placeholder, typeof texts>,
  ),
  firstNames: text,
  common: text,
});

const phrasesSchema = z.strictObject({
  commonDays: texts,
  days: texts,
  dayLead: text,
  counts: texts,
  asked: z.strictObject({
    city: texts,
    cityPolitely: texts,
    day: texts,
    count: texts,
    extension: texts,
    name: texts,
    value: texts,
  }),
  confirmed: z.strictObject({ yes: texts, no: texts, further: texts, city: texts, day: texts, name: texts }),
  qualifiedIn: texts,
  qualified: texts,
  likelyCountries: z.record(text, z.number().min(0)),
  statesOf: texts,
  spelling: z.strictObject({
    digits: texts.length(10),
    tens: z.array(z.string()).length(10),
    zeroToo: text.optional(),
    double: text,
  }),
  capitals: texts,
  smallWords: texts,
  question: text.refine(isPattern, { error: 'it is no regular expression' }),
  questionMarks: z.tuple([z.string(), z.string()]),
});

const placesSchema = z.strictObject({
  keepAccents: z.boolean().default(false),
  rename: z.array(z.tuple([text, text.length(2), text])),
  aliases: z.record(text, text),
  misheard: z.record(text, text),
  extra: z.array(
    z.strictObject({
      name: text,
      region: z.string(),
      country: text.length(2),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      population: z.number().min(0),
      timeZone: text,
    }),
  ),
  countries: z.record(
    text.length(2),
    z.strictObject({ name: text.optional(), capital: text.optional(), names: texts.optional() }),
  ),
  regions: z.record(text.length(2), z.record(text, texts)),
  regionsAlone: z.array(text.length(2)),
  byRegion: texts,
});

type IntentContent = z.output<typeof intentSchema>;
export type Words = z.output<typeof wordsSchema>;
export type Places = z.output<typeof placesSchema>;
export type Phrases = z.output<typeof phrasesSchema>;

export interface BotContent {
  /** In the order of their names, `None` among them. */
  readonly intents: readonly IntentContent[];
  readonly fragments: z.output<typeof fragmentsSchema>;
  readonly affirmations: z.output<typeof affirmationsSchema>;
  readonly words: Words;
  readonly phrases: Phrases;
  readonly places: Places;
  /** What a bot of one's own adds. */
  readonly own?: OwnContent;
}

/** The folder with the content for a language tag such as `en-US`. */
export function botFolder(language: string): string {
  return fileURLToPath(new URL(`../bot/${language.split('-')[0] ?? language}`, import.meta.url));
}

/**
 * Reads a bot's content.
 * @param folder with `intents/*.yaml`, `fragments.yaml`, `affirmations.yaml`, `words.yaml`, `phrases.yaml`, `places.yaml`.
 * @throws ParleyError `bot-content-invalid` naming the file and the place in it.
 */
export function loadBotContent(folder: string): BotContent {
  const intents = filesIn(join(folder, 'intents')).map((file) =>
    checkSlots(file, readContent(file, intentSchema)),
  );
  const names = intents.map((each) => each.intent);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(join(folder, 'intents'), `the intent ${twice} is there twice`);
  if (!names.includes('None')) throw invalid(join(folder, 'intents'), 'there is no intent None');
  return {
    intents,
    fragments: readContent(join(folder, 'fragments.yaml'), fragmentsSchema),
    affirmations: readContent(join(folder, 'affirmations.yaml'), affirmationsSchema),
    words: readContent(join(folder, 'words.yaml'), wordsSchema),
    phrases: readContent(join(folder, 'phrases.yaml'), phrasesSchema),
    places: readContent(join(folder, 'places.yaml'), placesSchema),
  };
}

const builtIn = new Map<string, BotContent>();

/**
 * The content that comes with Parley in a language; each is read once.
 * @throws ParleyError `language-unknown` when there is none in it.
 */
export function builtInContent(language = 'en-US'): BotContent {
  const folder = botFolder(language);
  if (!existsSync(folder)) {
    const known = readdirSync(join(folder, '..')).join(', ');
    throw new ParleyError('language-unknown', { language, known });
  }
  const content = builtIn.get(folder) ?? loadBotContent(folder);
  builtIn.set(folder, content);
  return content;
}

/** What a sample leaves open, in its order: placeholders, and entities of the bot's own. */
export function placeholdersOf(sample: string): string[] {
  return [...sample.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function checkSlots(file: string, content: IntentContent): IntentContent {
  if (content.intent === 'None') return content;
  for (const list of ['common', 'samples'] as const) {
    for (const [index, each] of content[list].entries()) {
      const strange = placeholdersOf(each).find((name) => !content.slots.some((slot) => slot === name));
      // A city in "cancel the call to {name}" is no slot of Stop, but must not confuse it either.
      if (strange !== undefined && content.slots.length > 0) {
        throw invalid(file, `${list}[${index}]: {${strange}} is not among its slots`);
      }
    }
  }
  if (content.common.length + content.samples.length === 0) throw invalid(file, 'samples: there are none');
  return content;
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'iu').source !== '';
  } catch {
    return false;
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    throw invalid(folder, messageOf(error), error);
  }
}

/** Reads and checks a file of content. @throws ParleyError `bot-content-invalid` naming the line and the key. */
export function readContent<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(file, messageOf(error), error);
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) throw invalid(file, broken.message, broken);
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  const reasons = result.error.issues.map((issue) => {
    const node = document.getIn(issue.path, true);
    const start = isNode(node) ? node.range?.[0] : undefined;
    const line = start === undefined ? '' : `line ${lines.linePos(start).line}, `;
    return `${line}${place(issue.path)}: ${issue.message}`;
  });
  throw invalid(file, reasons.join('; '), result.error);
}

function place(path: readonly PropertyKey[]): string {
  const steps = path.map((step, index) =>
    typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`,
  );
  return steps.join('') || 'the whole file';
}

function invalid(file: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('bot-content-invalid', { file: basename(file), reason }, { cause });
}
