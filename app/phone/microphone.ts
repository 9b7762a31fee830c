import { fromDb } from '../audio/level.ts';
import { clip16 } from '../audio/mix.ts';
import type { Audio, Pcm } from '../audio/pcm.ts';
import { resample } from '../audio/resample.ts';

/** What a caller's microphone picks up beside the caller. */
export interface Surroundings {
  /** Heard as it is, from the beginning again when it is over, between two moments of the call. */
  readonly background?: { readonly audio: Audio; readonly fromMs: number; readonly toMs: number } | undefined;
  /** The other side's own voice comes back out of the loudspeaker. */
  readonly echo?: { readonly downDb: number; readonly lateMs: number } | undefined;
}

/**
 * Audio that waits in Asterisk, so that a caller whose process is held up for a moment has no hole in what is heard of
 * him.
 */
export const leadMs = 60;
/** From the moment at which the phone's recorder hears something to the one at which it can come back: measured, lead included. */
const roundTripMs = 80;
/**
 * More than this may wait in Asterisk only while the caller speaks. A machine that stands still for a moment makes all that
 * follows later, but no room gives an echo back later and later.
 */
const mostAheadMs = 140;
/** Pieces that wait for Asterisk to take them; more are thrown away, oldest first. */
const mostWaiting = 50;

interface Utterance {
  readonly samples: Pcm;
  readonly fromSample: number;
  readonly done: () => void;
}

/**
 * What a caller with surroundings sends: for each piece of audio that is heard one of the same length, so the other
 * side's audio is its clock. The caller's speech, the background and the echo are added up.
 */
export class Microphone {
  readonly #sampleRateHz: number;
  readonly #background: { readonly samples: Pcm; readonly from: number; readonly to: number } | undefined;
  readonly #echoFactor: number = 0;
  /** What was heard and has not come back yet. */
  readonly #echo: number[] = [];
  readonly #waiting: Pcm[] = [];
  #wake: () => void = () => undefined;
  #utterance: Utterance | undefined;
  /** Samples that were made so far. */
  #made = 0;
  #dropped = 0;
  readonly #aheadMs: () => number;

  /** @param options.aheadMs how much of what was sent Asterisk has not taken yet. */
  constructor(options: {
    readonly sampleRateHz: number;
    readonly surroundings: Surroundings;
    readonly aheadMs?: () => number;
  }) {
    const { sampleRateHz, surroundings, aheadMs = () => 0 } = options;
    this.#aheadMs = aheadMs;
    const { background, echo } = surroundings;
    this.#sampleRateHz = sampleRateHz;
    this.#background = background && {
      samples: resample(background.audio.samples, background.audio.sampleRateHz, sampleRateHz),
      from: this.#inSamples(background.fromMs),
      to: this.#inSamples(background.toMs),
    };
    this.#waiting.push(this.#make(new Int16Array(this.#inSamples(leadMs))));
    this.#echoFactor = echo === undefined ? 0 : fromDb(-echo.downDb);
    const heldMs = Math.max(0, (echo?.lateMs ?? 0) - roundTripMs);
    this.#echo.push(...new Array<number>(this.#inSamples(heldMs)).fill(0));
  }

  /** Pieces that were thrown away because Asterisk did not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Each piece of what the other side says, in order. */
  hear(samples: Pcm): void {
    for (const sample of samples) this.#echo.push(sample);
    const made = this.#make(samples);
    if (this.#utterance === undefined && this.#aheadMs() > mostAheadMs) return;
    this.#waiting.push(made);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#wake();
  }

  /** What is to be sent, as it is made; without an end. */
  async *stream(): AsyncGenerator<Pcm, never> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /**
   * The caller says something and resolves when it was sent and will have been heard, one thing at a time.
   * @throws the signal's reason, and says no more then.
   */
  async speak(samples: Pcm, options: { readonly signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    signal.throwIfAborted();
    if (this.#utterance !== undefined) throw new Error('a caller says one thing at a time');
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#utterance = { samples, fromSample: this.#made, done: () => resolve(undefined) };
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      this.#utterance = undefined;
      signal.removeEventListener('abort', stop);
    }
  }

  /** As many samples as were heard. */
  #make(heard: Pcm): Pcm {
    const background = this.#background;
    const utterance = this.#utterance;
    const echo = this.#echo.splice(0, heard.length);
    const made = Int16Array.from(heard, (_, i) => {
      const at = this.#made + i;
      const around =
        background !== undefined && at >= background.from && at < background.to
          ? (background.samples[at % background.samples.length] ?? 0)
          : 0;
      const said = utterance?.samples[at - utterance.fromSample] ?? 0;
      return clip16(said + around + this.#echoFactor * (echo[i] ?? 0));
    });
    this.#made += made.length;
    if (
      utterance !== undefined &&
      this.#made >= utterance.fromSample + utterance.samples.length + this.#inSamples(leadMs)
    )
      utterance.done();
    return made;
  }

  #inSamples(ms: number): number {
    return Math.round((ms * this.#sampleRateHz) / 1000);
  }
}
