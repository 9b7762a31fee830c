import { digitsToWords } from './numbers.ts';

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
