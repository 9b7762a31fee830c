import type { Line } from '../asterisk/lines/spec.ts';
import type { Log } from '../ops/log.ts';
import { fromWordAt, type Sentence } from './speaker.ts';
import { Upcoming } from './upcoming.ts';

/** Makes the sentences anew, so that they can be said again after they were cut. */
export type Script = (signal: AbortSignal) => AsyncIterable<Sentence>;

export interface MouthOptions {
  readonly line: Line;
  readonly log: () => Log;
  /** The first sound of what is said is made, is on its way, is heard. */
  readonly onSound: (moment: 'synthesised' | 'sent' | 'started', engine?: string) => void;
  /** A sentence begins to be said. */
  readonly onSentence: (text: string) => void;
  /** The caller spoke into it when so much of its sentence was heard. */
  readonly onStopped: (heardMs: number) => void;
  /** All of it was said, was stopped, or failed; not told for what was replaced by something newer. */
  readonly onSaid: () => void;
}

/** How much of a script was heard: whole sentences, and a part of the next. */
interface HeardSoFar {
  sentences: number;
  ms: number;
}

const nothing: Script = async function* () {
  // Nothing was said yet.
};

/** Says one thing at a time to the caller, sentence by sentence; what is said next takes the place of what was. */
export class Mouth {
  readonly #options: MouthOptions;
  #script: Script = nothing;
  #heard: HeardSoFar = { sentences: 0, ms: 0 };
  #saying = new AbortController();
  #filling = new AbortController();
  #prepared:
    { readonly sentences: Upcoming; readonly script: Script; readonly stop: AbortController } | undefined;
  /** Resolves when the line is free. */
  #free: Promise<unknown> = Promise.resolve();

  constructor(options: MouthOptions) {
    this.#options = options;
  }

  /** Makes the first sound ready; `sayPrepared` says it, `forget` throws it away. */
  prepare(script: Script): void {
    this.forget();
    const stop = new AbortController();
    const sentences = new Upcoming(script(stop.signal));
    this.#prepared = { sentences, script, stop };
    void sentences.ready().then(() => {
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
    const rest = restOf(this.#script(this.#saying.signal), from, ms);
    this.#begin(this.#script, new Upcoming(rest), { sentences: from, ms });
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

  #begin(script: Script, sentences: Upcoming, heard: HeardSoFar): void {
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
    sentences: Upcoming,
    heard: HeardSoFar,
    signal: AbortSignal,
    free: Promise<unknown>,
  ): Promise<void> {
    const { line, onSound, onSentence, onStopped } = this.#options;
    const log = this.#options.log();
    try {
      await free;
      for (let first = true; ; first = false) {
        const sentence = await sentences.take(signal);
        if (sentence === undefined) return;
        log.info('say', { said: sentence.text });
        onSentence(sentence.text);
        const { completed, heardMs } = await line.say(sentence.speech, {
          signal,
          ...(first && {
            onSent: () => onSound('sent'),
            onStarted: () => onSound('started', sentence.engine?.()),
          }),
        });
        if (!completed) {
          log.info('stopped by the caller', { heardMs: Math.round(heardMs) });
          onStopped(Math.round(heardMs));
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

/** What was not heard, from the word that was being said `ms` into the sentence `from`. */
async function* restOf(
  sentences: AsyncIterable<Sentence>,
  from: number,
  ms: number,
): AsyncGenerator<Sentence> {
  let at = 0;
  for await (const sentence of sentences) {
    if (at >= from) yield at === from && ms > 0 ? fromWordAt(sentence, ms) : sentence;
    at += 1;
  }
}
