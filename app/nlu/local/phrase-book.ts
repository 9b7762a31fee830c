/** A phrase that was found among words. */
export interface Found<T> {
  /** In words. */
  readonly length: number;
  readonly value: T;
}

/** Phrases and what they stand for; finds the longest that begins, or ends, at a word. */
export class PhraseBook<T> {
  readonly #phrases = new Map<string, T>();
  // How long the phrases are that begin or end with a word.
  readonly #longestFrom = new Map<string, number>();
  readonly #longestTo = new Map<string, number>();

  /** @param phrases words joined by single blanks (`phraseKey`), with their values. */
  constructor(phrases: Iterable<readonly [string, T]>) {
    for (const [phrase, value] of phrases) {
      const words = phrase.split(' ');
      const first = words[0] ?? '';
      const last = words.at(-1) ?? '';
      this.#phrases.set(phrase, value);
      this.#longestFrom.set(first, Math.max(words.length, this.#longestFrom.get(first) ?? 0));
      this.#longestTo.set(last, Math.max(words.length, this.#longestTo.get(last) ?? 0));
    }
  }

  /** The longest phrase that begins at `words[index]`. */
  at(words: readonly string[], index: number): Found<T> | undefined {
    const longest = this.#longestFrom.get(words[index] ?? '') ?? 0;
    for (let length = Math.min(longest, words.length - index); length > 0; length--) {
      const phrase = words.slice(index, index + length).join(' ');
      const value = this.#phrases.get(phrase);
      if (value !== undefined) return { length, value };
    }
    return undefined;
  }

  /** The longest phrase that ends before `words[end]`. */
  before(words: readonly string[], end: number): Found<T> | undefined {
    const longest = this.#longestTo.get(words[end - 1] ?? '') ?? 0;
    for (let length = Math.min(longest, end); length > 0; length--) {
      const value = this.#phrases.get(words.slice(end - length, end).join(' '));
      if (value !== undefined) return { length, value };
    }
    return undefined;
  }
}
