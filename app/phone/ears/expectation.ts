import { messageOf, ParleyError } from '../../errors.ts';
import { digitsToWords, wordsToDigits } from './numbers.ts';

/** What a caller expects to hear: a regular expression, and the phrases that it stands for where they can be listed. */
export interface Expectation {
  readonly source: string;
  /** Whether the text fits, in one of the ways in which it can be written. */
  matches(text: string): boolean;
  /** All texts that fit, in lower case; empty when there are too many, as with `.*`. */
  readonly phrases: readonly string[];
}

/** @param pattern a JavaScript regular expression; upper and lower case are the same. @throws ParleyError `phone-usage`. */
export function expectation(pattern: string | RegExp): Expectation {
  const source = typeof pattern === 'string' ? pattern : pattern.source;
  let regex: RegExp;
  try {
    regex = new RegExp(source, 'i');
  } catch (error) {
    throw new ParleyError('phone-usage', { reason: messageOf(error) }, { cause: error });
  }
  const phrases = listPhrases(source);
  return {
    source,
    phrases,
    matches: (text) =>
      waysToWrite(text).some((way) => regex.test(way)) || phrases.some((phrase) => holds(text, phrase)),
  };
}

/**
 * A recognised text in the ways in which people may write it: as it is; without punctuation, hyphens as spaces or gone;
 * numbers as digits, digits said one by one joined, numbers as words. All but the first are in lower case.
 */
function waysToWrite(text: string): string[] {
  const { spelled, plain, unhyphened, digits, joined } = formsOf(text);
  return [...new Set([spelled, plain, unhyphened, digits, joined, digitsToWords(plain)])];
}

/** Whether one text holds another as whole words. Numbers are compared as numbers: 33 does not hold 30. */
function holds(text: string, phrase: string): boolean {
  const one = formsOf(text);
  const other = formsOf(phrase);
  const forms =
    other.digits === other.plain
      ? (['plain', 'unhyphened', 'digits'] as const)
      : (['digits', 'joined'] as const);
  return forms.some((form) => ` ${one[form]} `.includes(` ${other[form]} `));
}

function formsOf(text: string): Record<'spelled' | 'plain' | 'unhyphened' | 'digits' | 'joined', string> {
  const spelled = respell(text);
  const plain = plainly(spelled.replaceAll('-', ' '));
  const digits = wordsToDigits(plain);
  const joined = digits.replace(/\b\d(?: \d)+\b/g, (run) => run.replaceAll(' ', ''));
  return { spelled, plain, unhyphened: plainly(spelled.replaceAll('-', '')), digits, joined };
}

/** Moonshine learned some spellings from old books and some from the other side of the ocean. */
const respellings: readonly (readonly [RegExp, string])[] = [
  [/\bgood[- ]?bye?\b/gi, 'goodbye'],
  [/\bto-(day|morrow|night)\b/gi, 'to$1'],
  [/\bper cent\b/gi, 'percent'],
  [/\b(kilo|centi|milli)?metre(s?)\b/gi, '$1meter$2'],
];

/** The usual spelling, with the capital that the first letter had. */
export function respell(text: string): string {
  return respellings.reduce(
    (result, [from, to]) =>
      result.replace(from, (found: string) => {
        const usual = found.replace(from, to);
        return /^\p{Lu}/u.test(found) ? usual.charAt(0).toUpperCase() + usual.slice(1) : usual;
      }),
    text,
  );
}

function plainly(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[’‘]/g, "'")
    .replace(/(?<=\d):(?=\d)/g, ' ')
    .replace(/\b([ap])\. ?m\b\.?/g, '$1m')
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const mostPhrases = 40;

/**
 * All texts that a regular expression stands for, as long as it is made of letters, alternatives, groups, optional
 * parts and small character classes. Anything else has no list.
 */
export function listPhrases(source: string): string[] {
  try {
    const reader = new PhraseReader(source);
    const phrases = reader.readAlternatives();
    if (!reader.atEnd) return [];
    const plain = [...new Set(phrases.map((phrase) => plainly(phrase)))].filter((phrase) => phrase !== '');
    // A pattern that fits the empty text fits everything.
    return plain.length < new Set(phrases).size ? [] : plain;
  } catch (error) {
    if (error instanceof NoList) return [];
    throw error;
  }
}

class NoList extends Error {}

/** Recursive descent: alternatives of sequences of atoms, each with an optional `?`. */
class PhraseReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  readAlternatives(): string[] {
    const all = this.#readSequence();
    while (this.#take('|')) all.push(...this.#readSequence());
    if (all.length > mostPhrases) throw new NoList();
    return all;
  }

  #readSequence(): string[] {
    let texts = [''];
    while (!this.atEnd && !this.#isNext('|') && !this.#isNext(')')) {
      const atom = this.#readAtom();
      const ways = this.#take('?') ? ['', ...atom] : atom;
      if (this.#isNext('*') || this.#isNext('+') || this.#isNext('{')) throw new NoList();
      texts = texts.flatMap((text) => ways.map((way) => text + way));
      if (texts.length > mostPhrases) throw new NoList();
    }
    return texts;
  }

  #readAtom(): string[] {
    if (this.#take('(')) {
      this.#take('?:');
      if (this.#isNext('?')) throw new NoList();
      const inside = this.readAlternatives();
      if (!this.#take(')')) throw new NoList();
      return inside;
    }
    if (this.#take('[')) return this.#readClass();
    if (this.#take('\\b')) return [''];
    if (this.#take('\\s+') || this.#take('\\s')) return [' '];
    if (this.#take('\\')) return [this.#readPunctuation()];
    if (/[.^$*+{}\]]/.test(this.#source[this.#at] ?? '')) throw new NoList();
    return [this.#readCharacter()];
  }

  #readClass(): string[] {
    const members: string[] = [];
    while (!this.#take(']')) {
      if (this.atEnd || /[\\^-]/.test(this.#source[this.#at] ?? '')) throw new NoList();
      members.push(this.#readCharacter());
    }
    return members;
  }

  #readPunctuation(): string {
    const character = this.#readCharacter();
    if (/[\p{L}\p{N}]/u.test(character)) throw new NoList();
    return character;
  }

  #readCharacter(): string {
    return this.#source[this.#at++] ?? '';
  }

  #isNext(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#isNext(text)) return false;
    this.#at += text.length;
    return true;
  }
}
