import { GrowingPcm } from '../audio/growing-pcm.ts';
import type { Pcm } from '../audio/pcm.ts';

/** Synthesises a sentence, and tells which engine speaks. */
export type Making = (signal: AbortSignal, onEngine: (name: string) => void) => AsyncIterable<Pcm>;

/** A sentence as sound, for all who say it. */
export interface SpokenSentence {
  readonly audio: Ahead;
  /** Which engine speaks it, known with its first sound. */
  readonly engine: () => string;
}

interface Entry extends SpokenSentence {
  /** More of those who need it. */
  readonly neededUntil: (signal: AbortSignal) => void;
  samples: number;
}

/**
 * The sentences that were spoken lately, and those that are being spoken: what is said to many callers (a headline, the
 * weather of a day) is synthesised once. The least used go when there is more audio than is to be kept.
 */
export class SpokenLately {
  readonly #mostSamples: number;
  readonly #entries = new Map<string, Entry>();
  #samples = 0;

  constructor(mostSamples: number) {
    this.#mostSamples = mostSamples;
  }

  /**
   * @param engine that would speak it now. What another one spoke in the end is not kept.
   * @param signal aborted when it is not needed any more; the synthesis ends when nobody needs it.
   */
  share(engine: string, text: string, signal: AbortSignal, make: Making): SpokenSentence {
    const key = `${engine}\n${text}`;
    const entry = this.#entries.get(key) ?? this.#enter(key, engine, make);
    // The last to be used is the last to go.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.neededUntil(signal);
    return entry;
  }

  #enter(key: string, engine: string, make: Making): Entry {
    const stop = new AbortController();
    const engines = new Set<string>();
    let needed = 0;
    let isWhole = false;
    const forget = (): void => this.#forget(key, entry);
    const keep = (samples: number): void => {
      isWhole = true;
      const [by = engine, ...others] = engines;
      if (by !== engine || others.length > 0) forget();
      if (this.#entries.get(key) !== entry) return;
      entry.samples = samples;
      this.#samples += samples;
      this.#makeRoom();
    };
    const spoken = async function* (): AsyncGenerator<Pcm> {
      let samples = 0;
      try {
        for await (const piece of make(stop.signal, (name) => engines.add(name))) {
          samples += piece.length;
          yield piece;
        }
        keep(samples);
      } catch (error) {
        forget();
        throw error;
      }
    };
    const leave = (reason: unknown): void => {
      needed -= 1;
      if (needed > 0 || isWhole) return;
      // Nobody who comes now may join what is being given up.
      forget();
      stop.abort(reason);
    };
    const entry: Entry = {
      audio: new Ahead(spoken),
      engine: () => [...engines].at(-1) ?? engine,
      samples: 0,
      neededUntil: (signal) => {
        needed += 1;
        if (signal.aborted) leave(signal.reason);
        else signal.addEventListener('abort', () => leave(signal.reason), { once: true });
      },
    };
    return entry;
  }

  #makeRoom(): void {
    for (const [key, entry] of this.#entries) {
      if (this.#samples <= this.#mostSamples) return;
      // What is still being spoken takes no room yet.
      if (entry.samples > 0) this.#forget(key, entry);
    }
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#samples -= entry.samples;
  }
}

/** A synthesis that may run ahead of whoever listens to it. As long as one sentence, so it is bounded. */
export class Ahead implements AsyncIterable<Pcm> {
  readonly #source: () => AsyncIterable<Pcm>;
  readonly #audio = new GrowingPcm();
  #running: Promise<void> | undefined;

  constructor(source: () => AsyncIterable<Pcm>) {
    this.#source = source;
  }

  /** Resolves when there is something to hear. */
  begin(): Promise<void> {
    this.#running ??= this.#run();
    // Whoever listens gets the error; a sentence that nobody listens to has none.
    this.#running.catch(() => undefined);
    return this.#audio.begun();
  }

  async #run(): Promise<void> {
    try {
      for await (const piece of this.#source()) this.#audio.push(piece);
    } finally {
      this.#audio.end();
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Pcm> {
    void this.begin();
    yield* this.#audio;
    await this.#running;
  }
}
