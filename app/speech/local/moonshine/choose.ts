import type { Decoded } from './decode.ts';

/**
 * Which decode is what the caller said. The numbers come from 244 commands and 120 other sentences spoken by four synthesiser
 * voices, 160 short prompts of a human speaker, and noise, tones and silence, all of it through 8 kHz mu-law, with 38,000
 * phrases: of 87 commands that were misheard 79 are put right, and 7 of 200 other utterances are taken for a phrase.
 */

/** A decode and its text; that of a phrase is the phrase as it was given. */
export interface Candidate extends Decoded {
  readonly text: string;
}

/** Above this, "nothing was said" is the likeliest of all. Noise, tones and silence lie from -0.4 to 0; of 360 commands 5, and 200 with noise 10 dB below them. */
const probablyEmpty = -0.45;
/** When it is probably nothing, only a phrase likelier than this is taken: the best that noise gave was -14. */
export const certainPhrase = -6;
/**
 * A phrase that is about as likely as any text at all is taken, whatever the free text looks like ("One, ten." for "London");
 * one that is nearly so unless it has more to say ("My bread." for "Madrid", "Whatsoever." for "What's the weather?"). Without
 * the latter 6.3 % and not 3.8 % of the words of 360 commands are wrong, and of 700 other utterances as many are taken for a phrase.
 */
const asLikely = 1;
const nearlyAsLikely = 3;
/** As many words as were heard and one more, or so many times as many letters. */
const mostMoreLetters = 1.6;
/** How much less likely than the free text a phrase may be: so much, and more for each of its tokens. Any word is near to some other. */
const allowance = { oneWord: 3, moreWords: 4, perToken: 0.8 };
/** One word is not replaced when it was heard this surely (the mean probability of its tokens): "November" is not "no". */
const sureOfOneWord = 0.87;
/** A phrase must not be much shorter or longer than what was heard: cut-off commands and swallowed words. */
const wordRatio = { least: 0.6, most: 2 };

/** @param emptyLogProbability of the end as the very first token. */
export function saysNothing(emptyLogProbability: number): boolean {
  return emptyLogProbability > probablyEmpty;
}

/** Whether the phrase is taken in place of the free text. */
export function takesPhraseOverText(free: Candidate, phrase: Candidate): boolean {
  // The phrase and more was heard: "will it rain in Dublin" is not all of "Will it rain in Dublin on Friday?"
  if (spaced(free.text).includes(spaced(phrase.text))) return false;
  const gap = free.logProbability - phrase.logProbability;
  if (gap < asLikely) return true;
  const heard = wordCount(free.text);
  const words = wordCount(phrase.text);
  if (heard === 1 && words === 1 && sureness(free) > sureOfOneWord) return false;
  const saysNoMore =
    words <= heard + 1 || letterCount(phrase.text) <= mostMoreLetters * letterCount(free.text);
  if (gap < nearlyAsLikely && saysNoMore) return true;
  const base = words === 1 ? allowance.oneWord : allowance.moreWords;
  if (gap >= base + allowance.perToken * phrase.tokens.length) return false;
  return words >= wordRatio.least * heard && (words <= 2 || words <= wordRatio.most * heard);
}

/** Its words alone, so that one text can be looked for in another: "read me the news" is not in "Bread me the news." */
function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()} `;
}

/** Each digit counts as the word that it is when spoken. */
function wordCount(text: string): number {
  return text.replace(/\d/g, ' $& ').split(/\s+/).filter(Boolean).length;
}

function letterCount(text: string): number {
  return text.replace(/[^\p{L}\p{N}]/gu, '').length;
}

/**
 * The share of utterances like this one that were right word for word. What the model thinks of itself, the mean probability
 * of its tokens, means little for free text under 0.8 and much above; a phrase that was taken is nearly always right.
 */
export function confidenceOf(decoded: Candidate): number {
  if (decoded.phrase >= 0) return 0.75 + 0.25 * sureness(decoded);
  return 1 / (1 + Math.exp(-22 * (sureness(decoded) - 0.86)));
}

function sureness({ tokens, logProbability }: Decoded): number {
  return Math.exp(logProbability / (tokens.length + 1));
}
