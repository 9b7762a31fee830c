import type { BotContent } from '../content.ts';
import type { CityList } from '../cities.ts';
import { dateIn, isoDate } from '../local/calendar.ts';
import { createAffirmationReader } from '../local/affirmation.ts';
import { createLexicon } from '../local/lexicon.ts';
import { createDirectory } from '../local/people.ts';
import { correct, tokenise } from '../local/tokens.ts';
import type { Day, EntityValue, Mention, Slots, Understanding, UnderstandOptions } from '../spec.ts';
import { cityNamed } from './city.ts';

/** What a service of understanding says, in common terms. */
export interface Prediction {
  readonly topIntent: string;
  readonly intents: readonly { readonly name: string; readonly confidence: number }[];
  readonly entities: readonly PredictedEntity[];
}

/** A mention of something: `text.slice(start, end)` of what was sent. */
export interface PredictedEntity {
  /** As the app calls it. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** What it stands for, where the service says so: the canonical value of a list. */
  readonly value?: string;
  /** What kind of thing it is, where that is one of Parley's own. */
  readonly kind?: 'city' | 'day' | 'count' | 'extension' | 'name';
  readonly day?: Day;
  readonly number?: number;
  /** It is one of them under another name: the place in "to Paris". */
  readonly role?: boolean;
}

export interface ReaderParts {
  readonly content: BotContent;
  readonly cities: CityList;
  readonly directory: readonly string[];
  /** IANA name of the zone that callers are taken to be in. */
  readonly timeZone: string;
  /** Names of the service's intents that Parley knows by another. */
  readonly intents: Readonly<Record<string, string>>;
  /** Kinds of its entities, by their names. */
  readonly entities: Readonly<Record<string, string>>;
}

/** Reads a service's predictions as understandings. */
export interface PredictionReader {
  read(text: string, prediction: Prediction, options: UnderstandOptions): Understanding;
  /** What needs no service: nothing said, and a mere yes or no. */
  alone(text: string, options: UnderstandOptions): Understanding | undefined;
}

const kinds = ['city', 'day', 'count', 'extension', 'name'] as const;
// Of an utterance that names something, so many other words may say nothing of what is wanted: "and in Paris please".
const fewWords = 4;
const sureConfidence = 0.97;

export function createPredictionReader(parts: ReaderParts): PredictionReader {
  const { content, cities, intents, entities, timeZone } = parts;
  const lexicon = createLexicon(content.words, []);
  const affirmationOf = createAffirmationReader(content, lexicon);
  const directory = createDirectory(parts.directory);

  return { read, alone };

  function alone(text: string, { expecting }: UnderstandOptions): Understanding | undefined {
    const tokens = correct(tokenise(text), lexicon);
    const plain = { text, intent: 'None', slots: {}, mentions: [], fragment: false };
    const ranking = [{ intent: 'None', confidence: 1 }];
    const affirmation = affirmationOf(tokens, expecting === 'confirmation');
    if (affirmation !== undefined) return { ...plain, confidence: sureConfidence, ranking, affirmation };
    return tokens.length === 0 ? { ...plain, confidence: 1, ranking } : undefined;
  }

  function read(text: string, prediction: Prediction, options: UnderstandOptions): Understanding {
    const ranking = prediction.intents
      .map(({ name, confidence }) => ({ intent: intents[name] ?? name, confidence: within(confidence) }))
      .sort((a, b) => b.confidence - a.confidence);
    const top = intents[prediction.topIntent] ?? prediction.topIntent;
    const best = ranking.find(({ intent }) => intent === top) ?? { intent: top, confidence: 1 };
    const filled = fill(text, prediction.entities, options);
    const whole = { text, ...best, ...filled, ranking: ranking.length > 0 ? ranking : [best] };
    if (top !== 'None') return { ...whole, fragment: false };
    const fragment = filled.mentions.length > 0 && otherWords(text, filled.mentions) <= fewWords;
    if (fragment) return { ...whole, confidence: sureConfidence, fragment };
    return { text, ...best, slots: {}, mentions: [], ranking: whole.ranking, fragment };
  }

  function fill(
    text: string,
    found: readonly PredictedEntity[],
    options: UnderstandOptions,
  ): Pick<Understanding, 'slots' | 'mentions' | 'entities'> {
    const slots: { -readonly [Name in keyof Slots]?: Slots[Name] } = {};
    const mentions: Mention[] = [];
    const own: Record<string, EntityValue[]> = {};
    for (const entity of [...found].sort((a, b) => a.start - b.start)) {
      const span = { start: entity.start, end: entity.end };
      const said = text.slice(span.start, span.end);
      if (said === '') continue;
      const put = <Name extends keyof Slots>(slot: Name, value: Slots[Name]): void => {
        if (slots[slot] !== undefined || value === undefined) return;
        slots[slot] = value;
        mentions.push({ slot, ...span });
      };
      const mapped = kinds.find((each) => each === entities[entity.name]);
      const kind = mapped ?? (entity.role === true ? undefined : entity.kind);
      switch (kind) {
        case 'city': {
          const city = cityNamed(entity.value ?? said, cities);
          if (city === undefined) put('unknownPlace', said);
          else put('city', city);
          break;
        }
        case 'day':
          put('day', entity.day);
          break;
        case 'count':
          if (options.expecting === 'extension') put('extension', said.replace(/\D/g, '') || undefined);
          else put('count', wholeNumber(entity.number ?? Number(entity.value ?? said)));
          break;
        case 'extension':
          put('extension', (entity.value ?? said).replace(/\D/g, '') || undefined);
          break;
        case 'name': {
          const known = listed(entity.value ?? said);
          if (known === undefined) put('unknownName', said);
          else put('name', known);
          break;
        }
        case undefined: {
          const value = roleValue(entity, options) ?? entity.value ?? said;
          (own[entity.name] ??= []).push({ value, text: said, ...span });
          put(`@${entity.name}`, value);
        }
      }
    }
    return { slots, mentions, ...(Object.keys(own).length > 0 && { entities: own }) };
  }

  /** As `local/slots.ts` values roles. */
  function roleValue(entity: PredictedEntity, { now }: UnderstandOptions): string | undefined {
    if (entity.kind === 'city' && entity.value !== undefined) return cityNamed(entity.value, cities)?.name;
    if (entity.kind === 'day' && entity.day !== undefined)
      return isoDate(dateIn(timeZone, now).dayNumber + entity.day.daysFromToday);
    return entity.number?.toString();
  }

  function listed(name: string): string | undefined {
    const words = tokenise(name).map(({ word }) => word);
    const exact = directory.at(words, 0);
    return exact?.length === words.length ? exact.name : directory.alike(words)?.name;
  }
}

function wholeNumber(value: number): number | undefined {
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function within(confidence: number): number {
  return Math.min(1, Math.max(0, confidence));
}

/** How many words of an utterance belong to none of the mentions. */
function otherWords(text: string, mentions: readonly Mention[]): number {
  return tokenise(text).filter(
    (token) => !mentions.some(({ start, end }) => token.start < end && token.end > start),
  ).length;
}
