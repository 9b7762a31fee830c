import type { Decoded } from './decode.ts';

/**
 * Which decode is what the caller said. The numbers come from 244 commands spoken by four synthesiser voices through 8 kHz
 * mu-law, 120 sentences that are no commands, and noise, tones and silence.
 */

/** A decode and its text; that of a phrase is the phrase as it was given. */
export interface Candidate extends Decoded {
  readonly text: string;
}

/** Above this, "nothing was said" is the likeliest of all. Noise, tones and silence lie from -0.4 to 0; of the commands 5 in 244. */
const probablyEmpty = -0.7;
/** When it is probably nothing, only a phrase that fits well is taken: the best that noise gave was -14. */
const certainPhrase = -6;
/** A phrase that is about as likely as any text at all is taken, whatever the free text looks like ("One, ten." for "London"). */
const asLikely = 0.5;
/** How much less likely than the free text a phrase may be: a base, and so much for each of its tokens. */
const allowance = { base: 4, perToken: 0.6 };
/** A phrase must not be much shorter or longer than what was heard: cut-off commands and swallowed words. */
const wordRatio = { least: 0.6, most: 2 };

/** @param emptyLogProbability of the end as the very first token. */
export function saysNothing(emptyLogProbability: number): boolean {
  return emptyLogProbability > probablyEmpty;
}

/** Whether a phrase was said although probably nothing was. */
export function takesPhraseOverNothing(phrase: Candidate): boolean {
  return phrase.logProbability > certainPhrase;
}

/** Whether the phrase is taken in place of the free text. */
export function takesPhraseOverText(free: Candidate, phrase: Candidate): boolean {
  const gap = free.logProbability - phrase.logProbability;
  if (gap < asLikely) return true;
  if (gap >= allowance.base + allowance.perToken * phrase.tokens.length) return false;
  const heard = wordCount(free.text);
  const words = wordCount(phrase.text);
  return words >= wordRatio.least * heard && (words <= 2 || words <= wordRatio.most * heard);
}

/** Each digit counts as the word that it is when spoken. */
function wordCount(text: string): number {
  return text.replace(/\d/g, ' $& ').split(/\s+/).filter(Boolean).length;
}

/**
 * The share of utterances like this one that were right word for word. What the model thinks of itself, the mean probability
 * of its tokens, means little for free text under 0.8 and much above; a phrase that was taken is nearly always right.
 */
export function confidenceOf(decoded: Candidate): number {
  const sureness = Math.exp(decoded.logProbability / (decoded.tokens.length + 1));
  if (decoded.phrase >= 0) return 0.75 + 0.25 * sureness;
  return 1 / (1 + Math.exp(-22 * (sureness - 0.86)));
}
