import type { BotContent } from '../content.ts';
import { fold } from '../text.ts';
import type { Lexicon } from './lexicon.ts';
import { PhraseBook } from './phrase-book.ts';
import { phraseKey, type Token } from './tokens.ts';

type Affirmation = 'yes' | 'no';

/**
 * Tells whether a whole utterance is a yes or a no: "yeah, sure", "no, that's wrong".
 * @param asked the bot has just asked for one, so that even "know" is one.
 * @param opening it is enough that the utterance, being short, begins with one.
 */
export type AffirmationReader = (
  tokens: readonly Token[],
  asked: boolean,
  opening?: boolean,
) => Affirmation | undefined;

const longestOpening = 6;

export function createAffirmationReader({ affirmations }: BotContent, lexicon: Lexicon): AffirmationReader {
  const plain: [string, Affirmation][] = [
    ...affirmations.yes.map((phrase): [string, Affirmation] => [phraseKey(phrase), 'yes']),
    ...affirmations.no.map((phrase): [string, Affirmation] => [phraseKey(phrase), 'no']),
  ];
  const book = new PhraseBook(plain);
  const bookWhenAsked = new PhraseBook<Affirmation>([
    ...Object.entries(affirmations.heardWhenAsked).map(
      ([heard, meant]) => [phraseKey(heard), meant] as const,
    ),
    ...plain,
  ]);

  const idleWords = new Set(affirmations.idle.map(fold));

  return (tokens, asked, opening = false) => {
    const words = tokens.map((token) => token.word);
    let verdict: Affirmation | undefined;
    for (let at = 0; at < words.length;) {
      const found = (asked ? bookWhenAsked : book).at(words, at);
      if (found !== undefined) {
        if (verdict !== undefined && verdict !== found.value) return undefined;
        verdict = found.value;
        at += found.length;
        continue;
      }
      // "uh-huh" is a yes, a mere "uh" nothing: fillers are left out only here.
      const idle =
        lexicon.fillers.has(words[at] ?? '') || idleWords.has(words[at] ?? '')
          ? 1
          : lexicon.endings.at(words, at)?.length;
      if (idle === undefined) return opening && words.length <= longestOpening ? verdict : undefined;
      at += idle;
    }
    return verdict;
  };
}
