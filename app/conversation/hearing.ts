import { GrowingPcm } from '../audio/growing-pcm.ts';
import type { Audio, Pcm } from '../audio/pcm.ts';
import { ParleyError } from '../errors.ts';
import type { ListenOptions, SpeechToText } from '../speech/spec.ts';

/** What is asked of the recogniser besides the audio's rate. */
export type HearingOptions = Omit<ListenOptions, 'sampleRateHz' | 'signal'>;

/** Audio of one turn that is kept at most. */
const longestTurnMs = 60_000;

/** A recognition that follows what the caller says. */
interface Live {
  readonly stream: GrowingPcm;
  readonly text: Promise<string>;
  readonly stop: AbortController;
}

/**
 * Listens to what a caller says in one turn. The recogniser follows while the caller speaks; when the caller goes on
 * after a pause it is given everything once more, so that it hears one sentence and not two halves.
 */
export class Hearing {
  readonly #stt: SpeechToText;
  readonly #onPartial: (text: string) => void;
  readonly #onEngine: (name: string) => void;
  #pieces: Audio[] = [];
  #ms = 0;
  /** Set while the recogniser is to follow. */
  #following: HearingOptions | undefined;
  #live: Live | undefined;

  /** @param onEngine told with the final text which engine heard it. */
  constructor(
    stt: SpeechToText,
    onPartial: (text: string) => void,
    onEngine: (name: string) => void = () => undefined,
  ) {
    this.#stt = stt;
    this.#onPartial = onPartial;
    this.#onEngine = onEngine;
  }

  /** Forgets what was said before. */
  clear(): void {
    this.stop();
    this.#pieces = [];
    this.#ms = 0;
  }

  /** The caller speaks: what was said so far, and what is to come, is recognised as it comes. */
  follow(options: HearingOptions): void {
    this.stop();
    if (!this.#stt.can.interim) return;
    this.#following = options;
    if (this.#pieces.length > 0) this.#begin(options);
  }

  push(audio: Audio): void {
    const ms = (audio.samples.length / audio.sampleRateHz) * 1000;
    if (this.#ms + ms > longestTurnMs) return;
    this.#pieces.push(audio);
    this.#ms += ms;
    if (this.#live !== undefined) this.#live.stream.push(audio.samples);
    // The first piece tells the rate.
    else if (this.#following !== undefined) this.#begin(this.#following);
  }

  /**
   * What was said so far; '' for nothing.
   * @throws ParleyError `stt-*`, `speech-overloaded`; the signal's reason.
   */
  async text(options: HearingOptions, signal: AbortSignal): Promise<string> {
    if (this.#pieces.length === 0) return '';
    const live = this.#live ?? this.#begin(options);
    const { stream, text, stop } = live;
    const abort = (): void => {
      stop.abort(signal.reason);
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    stream.end();
    try {
      return await text;
    } finally {
      signal.removeEventListener('abort', abort);
      // The caller may have gone on meanwhile: then another recognition follows already.
      if (this.#live === live) {
        this.#live = undefined;
        this.#following = undefined;
      }
    }
  }

  /** Ends the recognition, not the audio. Idempotent. */
  stop(): void {
    this.#live?.stop.abort();
    this.#live = undefined;
    this.#following = undefined;
  }

  #begin(options: HearingOptions): Live {
    const stop = new AbortController();
    const stream = new GrowingPcm(this.#pieces.map(({ samples }) => samples));
    const text = this.#recognise(stream, {
      ...options,
      sampleRateHz: this.#pieces[0]?.sampleRateHz ?? 16_000,
      signal: stop.signal,
    });
    // Whoever asks for the text gets the error.
    text.catch(() => undefined);
    const live = { stream, text, stop };
    this.#live = live;
    return live;
  }

  async #recognise(audio: AsyncIterable<Pcm>, options: ListenOptions): Promise<string> {
    let engine = this.#stt.name;
    const onEngine = (name: string): void => {
      engine = name;
    };
    for await (const heard of this.#stt.listen(audio, { ...options, onEngine })) {
      if (heard.kind === 'final') {
        this.#onEngine(engine);
        return heard.text.trim();
      }
      this.#onPartial(heard.text);
    }
    throw new ParleyError('stt-unavailable', {
      provider: this.#stt.name,
      reason: 'it ended without a final result',
    });
  }
}
