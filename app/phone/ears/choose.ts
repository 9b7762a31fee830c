import { digitsToWords, wordsToDigits } from './numbers.ts';

/**
 * How much less likely than the likeliest text one with the phrase may be, as the difference of their log-probabilities
 * (see spot.ts). Of 90 phrases in sentences of the synthesiser's voices `slt` and `rms`, through 8 kHz mu-law, all but
 * one lay below 2.5, and of 110 that were not said all but two above 3.5: "eleven" for "seven in" (2.1) and "Cindy" for
 * "Sydney" (2.5). Numbers sound alike more often (fourteen, forty), and those that were said lay below 1.3.
 */
const largestGaps = { words: 2.4, numbers: 1.3 } as const;

/**
 * A phrase that was said is not far behind in the first reading either (6.0 at most of those 90), so whatever is
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
