import type { Line } from '../asterisk/lines/spec.ts';
import type { Log } from '../ops/log.ts';
import { fromWordAt, prepare, type Sentence } from './speaker.ts';

/** Makes the sentences anew, so that they can be said again after they were cut. */
export type Script = (signal: AbortSignal) => readonly Sentence[];

export interface MouthOptions {
  readonly line: Line;
  readonly log: () => Log;
  /** The first sound of what is said is made, is on its way, is heard. */
  readonly onSound: (moment: 'synthesised' | 'sent' | 'started') => void;
  /** All of it was said, was stopped, or failed; not told for what was replaced by something newer. */
  readonly onSaid: () => void;
}

/** How much of a script was heard: whole sentences, and a part of the next. */
interface HeardSoFar {
  sentences: number;
  ms: number;
}

const nothing: Script = () => [];

/** Says one thing at a time to the caller, sentence by sentence; what is said next takes the place of what was. */
export class Mouth {
  readonly #options: MouthOptions;
  #script: Script = nothing;
  #heard: HeardSoFar = { sentences: 0, ms: 0 };
  #saying = new AbortController();
  #filling = new AbortController();
  #prepared:
    | { readonly sentences: readonly Sentence[]; readonly script: Script; readonly stop: AbortController }
    | undefined;
  /** Resolves when the line is free. */
  #free: Promise<unknown> = Promise.resolve();

  constructor(options: MouthOptions) {
    this.#options = options;
  }

  /** Makes the first sound ready; `sayPrepared` says it, `forget` throws it away. */
  prepare(script: Script): void {
    this.forget();
    const stop = new AbortController();
    const sentences = script(stop.signal);
    this.#prepared = { sentences, script, stop };
    void prepare(sentences[0]).then(() => {
      if (!stop.signal.aborted) this.#options.onSound('synthesised');
    });
  }

  forget(): void {
    this.#prepared?.stop.abort();
    this.#prepared = undefined;
  }

  /** @returns false when nothing was prepared. */
  sayPrepared(): boolean {
    const prepared = this.#prepared;
    if (prepared === undefined) return false;
    this.#prepared = undefined;
    this.stop();
    this.#saying = prepared.stop;
    this.#begin(prepared.script, prepared.sentences, { sentences: 0, ms: 0 });
    return true;
  }

  say(script: Script): void {
    this.prepare(script);
    this.sayPrepared();
  }

  /** What was not heard of what was said last, from the word where it was cut. */
  sayRest(): void {
    this.forget();
    this.stop();
    this.#saying = new AbortController();
    const { sentences: from, ms } = this.#heard;
    const [cut, ...others] = this.#script(this.#saying.signal).slice(from);
    const rest = cut === undefined ? [] : [ms > 0 ? fromWordAt(cut, ms) : cut, ...others];
    this.#begin(this.#script, rest, { sentences: from, ms });
  }

  /** Stops at once. */
  stop(): void {
    this.#saying.abort();
    this.#filling.abort();
  }

  /** Plays a sound until something is said or it is stopped. */
  fill(sound: Sentence): void {
    const { line } = this.#options;
    this.#filling = new AbortController();
    const { signal } = this.#filling;
    this.#free = this.#free
      .then(() => (signal.aborted ? undefined : line.say(sound.speech, { signal })))
      .catch(() => undefined);
  }

  #begin(script: Script, sentences: readonly Sentence[], heard: HeardSoFar): void {
    this.#script = script;
    this.#heard = heard;
    this.#filling.abort();
    const { signal } = this.#saying;
    this.#free = this.#speak(sentences, heard, signal, this.#free).then(() => {
      // A newer thing that is said reports for itself.
      if (signal === this.#saying.signal) this.#options.onSaid();
    });
  }

  /** Never rejects. */
  async #speak(
    sentences: readonly Sentence[],
    heard: HeardSoFar,
    signal: AbortSignal,
    free: Promise<unknown>,
  ): Promise<void> {
    const { line, onSound } = this.#options;
    const log = this.#options.log();
    try {
      await free;
      for (const [at, { text, speech }] of sentences.entries()) {
        if (signal.aborted) return;
        void prepare(sentences[at + 1]);
        log.info('say', { said: text });
        const first = at === 0;
        const { completed, heardMs } = await line.say(speech, {
          signal,
          ...(first && { onSent: () => onSound('sent'), onStarted: () => onSound('started') }),
        });
        if (!completed) {
          log.info('stopped by the caller', { heardMs: Math.round(heardMs) });
          heard.ms += heardMs;
          return;
        }
        heard.sentences += 1;
        heard.ms = 0;
      }
    } catch (error) {
      if (!line.hungUp.aborted && !signal.aborted) log.error('this could not be said', { error });
    }
  }
}
