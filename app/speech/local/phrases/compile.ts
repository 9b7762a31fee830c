import { buildSpellingIndex, type SpellingIndex } from './spelling.ts';
import { encodeText } from '../moonshine/tokens.ts';
import { TrieBuilder, type Trie } from './trie.ts';

/** What the recogniser makes of a phrase set. All of it is in shared memory; sending it to a thread copies nothing. */
export interface CompiledPhrases {
  readonly trie: Trie;
  readonly spellings: SpellingIndex;
}

/** How Moonshine ends what it writes; it always begins with a capital letter. */
const endings = ['', '.', '?', '!'];

/** 50,000 phrases take half a second to one. */
export function compilePhrases(phrases: readonly string[]): CompiledPhrases {
  const builder = new TrieBuilder();
  const known = new Map<string, readonly number[]>();
  // The vocabulary has no piece that reaches over a space, so words are encoded one by one, each once.
  const encodeWord = (word: string): readonly number[] => {
    let tokens = known.get(word);
    if (!tokens) {
      tokens = encodeText(word);
      known.set(word, tokens);
    }
    return tokens;
  };
  phrases.forEach((phrase, index) => {
    const words = phrase
      .trim()
      .replace(/[.?!]+$/, '')
      .split(/\s+/)
      .filter(Boolean);
    const [first, ...others] = words;
    if (first === undefined) return;
    const written = [first.charAt(0).toUpperCase() + first.slice(1), ...others];
    const last = written.pop() ?? '';
    const beginning = written.flatMap(encodeWord);
    for (const ending of endings) builder.add([...beginning, ...encodeWord(last + ending)], index);
  });
  return { trie: builder.build(), spellings: buildSpellingIndex(phrases) };
}
