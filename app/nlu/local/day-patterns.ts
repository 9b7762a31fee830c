import type { Words } from '../content.ts';
import { fold } from '../text.ts';
import type { Part } from './days.ts';
import { numeralAt } from './numbers.ts';
import type { Lexicon } from './lexicon.ts';

/** What the words of a pattern stand for. */
type DayMeaning = Omit<Words['dayPatterns'][number], 'say'>;

/** One way of naming a day: words and classes such as `{weekday}` in a row. */
interface Sequence {
  readonly elements: readonly string[];
  /** What must come next without belonging to it. */
  readonly next: readonly string[];
  readonly meaning: DayMeaning;
}

/** What a pattern's classes stood for. */
export interface Bound {
  weekday?: number;
  month?: number;
  day?: number;
  number?: number;
  part?: Part;
}

export interface PatternMatch extends Bound {
  readonly to: number;
  readonly meaning: DayMeaning;
}

interface Read {
  readonly length: number;
  readonly value: number;
}
type Reader = (words: readonly string[], at: number, lexicon: Lexicon) => Read | undefined;

const longestCount = 366;

/** The classes that a pattern may name, which slot each fills, and how it is read. */
const classes: Readonly<Record<string, readonly [slot: Exclude<keyof Bound, 'part'>, read: Reader]>> = {
  weekday: ['weekday', (words, at, { weekdays }) => single(weekdays.get(words[at] ?? ''))],
  month: ['month', (words, at, { months }) => single(months.get(words[at] ?? ''))],
  number: ['number', count],
  /** A day of the month: "25th", "first", "twenty fifth". */
  ordinal: ['day', (words, at, lexicon) => ofMonth(ordinal(words, at, lexicon))],
  /** "25th" alone. */
  ordinalInFigures: ['day', (words, at, lexicon) => ofMonth(ordinalInFigures(words[at], lexicon))],
  /** "twenty fifth" or "25th": no other thing is likely to be counted so far. */
  longOrdinal: [
    'day',
    (words, at, lexicon) => {
      const found = ordinal(words, at, lexicon);
      return found !== undefined && found.length > 1 ? ofMonth(found) : undefined;
    },
  ],
  /** "25". */
  figures: [
    'day',
    (words, at) => (/^\d{1,2}$/.test(words[at] ?? '') ? ofMonth(single(Number(words[at]))) : undefined),
  ],
  /** "25th", "first" or "twenty five". */
  dayOfMonth: [
    'day',
    (words, at, lexicon) => ofMonth(ordinal(words, at, lexicon) ?? count(words, at, lexicon)),
  ],
};

/**
 * The patterns of a language, made ready for looking up. A pattern is words in a row; `(a|b c)` is one of several, `?`
 * behind a word or behind brackets makes it optional, `{class}` stands for what the class reads, what comes after `/`
 * must follow without belonging to the day, and `$` there is the end.
 */
export class DayPatterns {
  readonly #byWord = new Map<string, Sequence[]>();
  readonly #others: Sequence[] = [];

  /** @throws Error naming a class that there is none of. */
  constructor(patterns: Words['dayPatterns']) {
    for (const { say, ...meaning } of patterns) {
      const [own = '', next = ''] = say.split('/');
      const followed = expand(next);
      for (const elements of expand(own)) {
        for (const after of followed) this.#add({ elements, next: after, meaning });
      }
    }
  }

  /** All that begin at `words[index]`. */
  at(words: readonly string[], index: number, lexicon: Lexicon): PatternMatch[] {
    const candidates = [...(this.#byWord.get(words[index] ?? '') ?? []), ...this.#others];
    return candidates.flatMap((sequence) => match(sequence, words, index, lexicon) ?? []);
  }

  #add(sequence: Sequence): void {
    const [first = ''] = sequence.elements;
    for (const element of sequence.elements) {
      const name = classOf(element);
      if (name !== undefined && name !== 'part' && !Object.hasOwn(classes, name))
        throw new Error(`dayPatterns: there is no {${name}}`);
    }
    if (first === '') return;
    if (classOf(first) !== undefined) this.#others.push(sequence);
    else this.#byWord.set(first, [...(this.#byWord.get(first) ?? []), sequence]);
  }
}

function match(
  { elements, next, meaning }: Sequence,
  words: readonly string[],
  index: number,
  lexicon: Lexicon,
): PatternMatch | undefined {
  const bound: Bound = {};
  let at = index;
  for (const element of elements) {
    const name = classOf(element);
    if (name === undefined) {
      if (words[at] !== element) return undefined;
      at++;
      continue;
    }
    if (name === 'part') {
      const part = lexicon.parts.get(words[at] ?? '');
      if (part === undefined) return undefined;
      bound.part = part;
      at++;
      continue;
    }
    const [slot, read] = classes[name] ?? [];
    const found = read?.(words, at, lexicon);
    if (slot === undefined || found === undefined) return undefined;
    bound[slot] = found.value;
    at += found.length;
  }
  const follows = next.every((word, ahead) => (word === '$' ? undefined : word) === words[at + ahead]);
  return follows ? { ...bound, to: at, meaning } : undefined;
}

function classOf(element: string): string | undefined {
  return element.startsWith('{') ? element.slice(1, -1) : undefined;
}

/** All rows of words that a pattern stands for. */
function expand(pattern: string): string[][] {
  let rows: string[][] = [[]];
  for (const [, group, word = '', optional] of pattern.matchAll(/(?:\(([^)]*)\)|([^\s()?]+))(\?)?/g)) {
    const choices =
      group === undefined ? [[word]] : group.split('|').map((choice) => choice.trim().split(/\s+/));
    if (optional !== undefined) choices.push([]);
    rows = rows.flatMap((row) => choices.map((choice) => [...row, ...choice.map(plain)]));
  }
  return rows;
}

// Accents and capitals do not matter; the names of classes are taken as they are.
function plain(element: string): string {
  return classOf(element) === undefined ? fold(element) : element;
}

function single(value: number | undefined): Read | undefined {
  return value === undefined ? undefined : { length: 1, value };
}

function ofMonth(read: Read | undefined): Read | undefined {
  return read !== undefined && read.value >= 1 && read.value <= 31 ? read : undefined;
}

function count(words: readonly string[], at: number, lexicon: Lexicon): Read | undefined {
  const numeral = numeralAt(words, at, lexicon);
  if (numeral?.value === undefined || numeral.value > longestCount) return undefined;
  return { length: numeral.length, value: numeral.value };
}

function ordinalInFigures(word = '', { ordinalEndings }: Lexicon): Read | undefined {
  const [, figures, ending = ''] = /^(\d{1,2})(\p{L}+)$/u.exec(word) ?? [];
  return ordinalEndings.has(ending) ? single(Number(figures)) : undefined;
}

function ordinal(words: readonly string[], at: number, lexicon: Lexicon): Read | undefined {
  const word = words[at] ?? '';
  const tens = lexicon.numbers.get(word);
  const unit = lexicon.ordinals.get(words[at + 1] ?? '');
  if (tens !== undefined && tens >= 20 && tens <= 30 && unit !== undefined && unit < 10)
    return { length: 2, value: tens + unit };
  return ordinalInFigures(word, lexicon) ?? single(lexicon.ordinals.get(word));
}
