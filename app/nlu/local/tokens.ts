import { fold } from '../text.ts';
import type { PhraseBook } from './phrase-book.ts';

/** One word of an utterance, and where it stands in it: `text.slice(start, end)`. */
export interface Token {
  /** In lower case, without accents; contractions are taken apart ("what's" is "what" and "is"). */
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Written with a capital letter. */
  readonly capital: boolean;
  /** Written in capitals only, such as "TX". */
  readonly upper: boolean;
  /** Whether a comma or the like stands before it. */
  readonly pause: boolean;
}

// "D.C." and "U.S."; "20th" and "6002"; words with an apostrophe inside.
const pattern =
  /\p{L}(?:\.\p{L})+(?!\p{L})|\p{N}+(?:st|nd|rd|th)?(?!\p{L})|[\p{L}\p{M}\p{N}]+(?:['’ʼ]\p{L}+)*/gu;

const endings: readonly (readonly [RegExp, string])[] = [
  [/^can't$/, 'can not'],
  [/^won't$/, 'will not'],
  [/^shan't$/, 'shall not'],
  [/^let's$/, 'let us'],
  [/^o'clock$/, 'oclock'],
  [/^(.+)n't$/, '$1 not'],
  [/^(.+)'s$/, '$1 is'],
  [/^(.+)'m$/, '$1 am'],
  [/^(.+)'re$/, '$1 are'],
  [/^(.+)'ve$/, '$1 have'],
  [/^(.+)'ll$/, '$1 will'],
  [/^(.+)'d$/, '$1 would'],
];

/** The words of a text. */
export function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    const [raw] = match;
    const start = match.index;
    const end = start + raw.length;
    const gap = text.slice(last, start);
    last = end;
    const common = {
      start,
      end,
      capital: /^\p{Lu}/u.test(raw),
      upper: raw.length > 1 && raw === raw.toUpperCase() && /\p{Lu}/u.test(raw),
    };
    const words = wordsOf(fold(raw).replace(/[’ʼ]/g, "'"));
    for (const [index, word] of words.entries()) {
      tokens.push({ ...common, word, pause: index === 0 && /[,;:.!?—]|\s[-–]\s/.test(gap) });
    }
  }
  return tokens;
}

function wordsOf(raw: string): string[] {
  if (!raw.includes("'")) return [raw.replace(/\./g, '')];
  for (const [ending, by] of endings) {
    if (ending.test(raw)) return raw.replace(ending, by).replace(/'/g, '').split(' ');
  }
  return [raw.replace(/'/g, '')];
}

/** The words of a phrase, joined by single blanks: what phrase books are made of. */
export function phraseKey(text: string): string {
  return tokenise(text)
    .map((token) => token.word)
    .join(' ');
}

/** What a recogniser is known to write for something else: anywhere, or only at the beginning or the end. */
export interface Corrections {
  readonly heardAs: PhraseBook<readonly string[]>;
  readonly heardFirst: PhraseBook<readonly string[]>;
  readonly heardLast: PhraseBook<readonly string[]>;
}

/** Puts known slips right. The new words take the place of the old in the text. */
export function correct(tokens: readonly Token[], { heardAs, heardFirst, heardLast }: Corrections): Token[] {
  const corrected: Token[] = [];
  const words = tokens.map((token) => token.word);
  for (let index = 0; index < tokens.length;) {
    const found =
      heardAs.at(words, index) ??
      (index === 0 && words.length > 1 ? heardFirst.at(words, index) : undefined) ??
      (index === words.length - 1 && index > 0 ? heardLast.at(words, index) : undefined);
    const first = tokens[index];
    const last = tokens[index + (found?.length ?? 1) - 1];
    if (first === undefined || last === undefined) break;
    if (found === undefined) corrected.push(first);
    else {
      for (const word of found.value) corrected.push({ ...first, word, end: last.end });
    }
    index += found?.length ?? 1;
  }
  return corrected;
}
