import type { Lexicon } from './lexicon.ts';
import { correct, tokenise, type Token } from './tokens.ts';

/** The words of an utterance as understanding looks at them: known slips put right, "um" and "could you please" left out. */
export function prepare(text: string, lexicon: Lexicon): Token[] {
  const spoken = correct(tokenise(text), lexicon).filter((token) => !lexicon.fillers.has(token.word));
  return withoutLeadIns(spoken, lexicon);
}

function withoutLeadIns(tokens: Token[], lexicon: Lexicon): Token[] {
  const words = tokens.map((token) => token.word);
  let from = 0;
  for (;;) {
    const lead = lexicon.leadIns.at(words, from);
    // Of an utterance that is nothing but such words, the last of them stays.
    if (lead === undefined || from + lead.length >= words.length) break;
    from += lead.length;
  }
  return tokens.slice(from);
}

/** Masked words without "please", "for me" and the like at the end. */
export function withoutEndings(words: readonly string[], lexicon: Lexicon): readonly string[] {
  let to = words.length;
  for (;;) {
    const ending = lexicon.endings.before(words, to);
    if (ending === undefined || ending.length >= to) break;
    to -= ending.length;
  }
  return words.slice(0, to);
}
