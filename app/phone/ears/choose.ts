import { digitsToWords, wordsToDigits } from './numbers.ts';

/**
 * How much less likely than the likeliest text one with the phrase may be, as the difference of their log-probabilities
 * (see spot.ts). Measured on 40 sentences of a bot, spoken by `slt` and `rms` through 8 kHz mu-law: of 142 phrases that were
 * said the plain text holds 115; with these limits 140 are found, and of 178 that were not said one ("Cindy" for
 * "Sydney"). Numbers sound alike more often (fourteen and forty, "seven in" and eleven).
 */
const largestGaps = { words: 3.4, numbers: 1.3 } as const;

/**
 * A phrase that was said is not far behind in the first reading either (6.0 at most of those 142), so whatever is
 * further behind is not looked for in the others.
 */
export const hopelessGap = 6.5;

export function largestGapOf(phrase: string): number {
  return /\d/.test(wordsToDigits(phrase)) ? largestGaps.numbers : largestGaps.words;
}

/** A text that ends much earlier than the likeliest one left out what it could not explain. */
const shortestPart = 0.6;

/** Whether a text of so many tokens that holds a phrase is as long as what was said; see spot.ts. */
export function takesAsSaid(tokens: number, tokensOfLikeliest: number): boolean {
  return tokens >= shortestPart * tokensOfLikeliest;
}

/** How the recogniser may write a phrase of lower-case words inside a sentence: as names, at the beginning, with numbers as words. */
export function spellingsOf(phrase: string): string[] {
  return [...new Set([phrase, digitsToWords(phrase)])].flatMap((way) => {
    const names = way.replace(/(?<=^|\s)\p{L}/gu, (letter) => letter.toUpperCase());
    const sentence = way.replace(/^\p{L}/u, (letter) => letter.toUpperCase());
    return [...new Set([way, names, sentence])];
  });
}
