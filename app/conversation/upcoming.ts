import { prepare, type Sentence } from './speaker.ts';

/** Sentences in the order in which they are said; the next one is always being got ready. */
export class Upcoming {
  readonly #sentences: AsyncIterator<Sentence>;
  #next: Promise<Sentence | undefined>;

  constructor(sentences: AsyncIterable<Sentence>) {
    this.#sentences = sentences[Symbol.asyncIterator]();
    this.#next = this.#fetch();
  }

  /** Resolves when the first sound of the next one is there, or when there will be none. */
  async ready(): Promise<void> {
    await prepare(await this.#next);
  }

  /** The next one; undefined at the end, and as soon as the signal is aborted. */
  async take(signal: AbortSignal): Promise<Sentence | undefined> {
    const stopped = Promise.withResolvers<undefined>();
    const stop = (): void => {
      stopped.resolve(undefined);
    };
    signal.addEventListener('abort', stop);
    try {
      const sentence = await Promise.race([this.#next, stopped.promise]);
      if (signal.aborted) return undefined;
      if (sentence !== undefined) this.#next = this.#fetch();
      return sentence;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #fetch(): Promise<Sentence | undefined> {
    const next = await this.#sentences.next();
    if (next.done === true) return undefined;
    void prepare(next.value);
    return next.value;
  }
}
