/** What an answer says: known as a whole, or sentences that still come while the first are being said. */
export type Sayable = readonly string[] | Telling;

export interface TellingOptions {
  /** Ends it where it is. */
  readonly signal: AbortSignal;
  /** An honest sentence for the end when the rest does not come. */
  readonly whenBroken: string;
  readonly onBroken: (error: unknown) => void;
}

/** Sentences that come while they are being said: whoever reads them, now or later, gets all from the first one on. */
export class Telling implements AsyncIterable<string> {
  readonly #sentences: string[] = [];
  readonly #said: string[] = [];
  #ended = false;
  #more = Promise.withResolvers<undefined>();

  constructor(source: AsyncIterable<string>, options: TellingOptions) {
    void this.#follow(source, options);
  }

  /** Those that the caller has heard the beginning of; grows while the answer is said. */
  get said(): readonly string[] {
    return this.#said;
  }

  /** Notes that a sentence begins to be said, if it is one of these. */
  noteSaid(sentence: string): void {
    if (this.#sentences.includes(sentence) && !this.#said.includes(sentence)) this.#said.push(sentence);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (let at = 0; ; at++) {
      while (at >= this.#sentences.length && !this.#ended) await this.#more.promise;
      const sentence = this.#sentences[at];
      if (sentence === undefined) return;
      yield sentence;
    }
  }

  /** Never rejects. */
  async #follow(
    source: AsyncIterable<string>,
    { signal, whenBroken, onBroken }: TellingOptions,
  ): Promise<void> {
    try {
      for await (const sentence of source) {
        this.#sentences.push(sentence);
        this.#wake();
      }
    } catch (error) {
      if (!signal.aborted) {
        onBroken(error);
        this.#sentences.push(whenBroken);
      }
    }
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#more.resolve(undefined);
    this.#more = Promise.withResolvers();
  }
}
