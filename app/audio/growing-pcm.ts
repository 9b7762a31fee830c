import type { Pcm } from './pcm.ts';

/** Audio that is still being made or spoken: whoever reads it, now or later, gets all of it from its beginning. */
export class GrowingPcm implements AsyncIterable<Pcm> {
  readonly #pieces: Pcm[];
  #ended = false;
  #more = Promise.withResolvers<undefined>();

  constructor(pieces: readonly Pcm[] = []) {
    this.#pieces = [...pieces];
  }

  push(piece: Pcm): void {
    this.#pieces.push(piece);
    this.#wake();
  }

  /** There is no more. Idempotent. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Resolves when there is something to hear, or when there will be nothing. */
  async begun(): Promise<void> {
    while (this.#pieces.length === 0 && !this.#ended) await this.#more.promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Pcm> {
    for (let at = 0; ; at++) {
      while (at >= this.#pieces.length && !this.#ended) await this.#more.promise;
      const piece = this.#pieces[at];
      if (piece === undefined) return;
      yield piece;
    }
  }

  #wake(): void {
    this.#more.resolve(undefined);
    this.#more = Promise.withResolvers();
  }
}
