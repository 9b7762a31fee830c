import { GrowingPcm } from '../../audio/growing-pcm.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { abortablePieces } from '../abortable.ts';

/** The audio of one utterance, kept while it flows: whoever reads it, now or later, gets all of it. */
export class Tape {
  /** Resolves when the audio is over; rejects with what went wrong with it. */
  readonly ended: Promise<void>;
  readonly #audio = new GrowingPcm();
  #failure: { readonly error: unknown } | undefined;

  /** @param tooLong makes what is thrown at more than so many samples. */
  constructor(
    source: AsyncIterable<Pcm>,
    longest: number,
    { signal, tooLong }: { readonly signal: AbortSignal; readonly tooLong: () => Error },
  ) {
    this.ended = this.#record(source, longest, signal, tooLong);
    this.ended.catch(() => undefined);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** From its beginning. @throws what went wrong with the audio. */
  async *read(): AsyncGenerator<Pcm, void, undefined> {
    yield* this.#audio;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #record(
    source: AsyncIterable<Pcm>,
    longest: number,
    signal: AbortSignal,
    tooLong: () => Error,
  ): Promise<void> {
    let length = 0;
    try {
      for await (const piece of abortablePieces(source, signal)) {
        length += piece.length;
        if (length > longest) throw tooLong();
        this.#audio.push(piece);
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#audio.end();
    }
  }
}
