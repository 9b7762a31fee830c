import { concatPcm, type Pcm } from '../audio/pcm.ts';
import { wordStart } from '../audio/word-start.ts';
import type { Speech } from '../asterisk/lines/spec.ts';
import { ParleyError } from '../errors.ts';
import type { Language, TextToSpeech } from '../speech/spec.ts';
import { normaliseForSpeech } from '../speech/text/normalise.ts';
import { splitSentences } from '../speech/text/sentences.ts';
import type { Prompts, PromptName } from './prompts.ts';
import { Ahead, SpokenLately } from './spoken-lately.ts';
import type { Sayable } from './telling.ts';

export interface SpeakerOptions {
  readonly tts: TextToSpeech;
  readonly prompts: Prompts;
  readonly language: Language;
  readonly sampleRateHz: number;
  /** How long a sound may be waited for, the first one and each that follows. */
  readonly deadlineMs: number;
  /** Audio that is kept of what was said lately. */
  readonly keptBytes: number;
}

/** One sentence, ready to be heard. */
export interface Sentence {
  readonly text: string;
  readonly speech: Speech;
  /** Which engine speaks it, known with its first sound; absent where it was recorded ahead. */
  readonly engine?: () => string | undefined;
}

/** Turns what the bot wants to say into sentences of sound. */
export class Speaker {
  readonly #options: SpeakerOptions;
  /** What is prepared, by engine and text: a bot has one voice at a time. */
  readonly #ready = new Map<string, Map<string, Pcm>>();
  readonly #lately: SpokenLately;
  #preparing = new AbortController();

  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#lately = new SpokenLately(options.keptBytes / Int16Array.BYTES_PER_ELEMENT);
  }

  /** A fixed prompt: recorded ahead, or synthesised as a whole where it was not. */
  prompt(name: PromptName): Sentence {
    const { prompts, sampleRateHz } = this.#options;
    const { text, audio } = prompts.get(name);
    if (audio === undefined) {
      let engine = this.#engine;
      const onEngine = (by: string): void => {
        engine = by;
      };
      const whole = new AbortController().signal;
      const made = this.#readyBy(engine).get(text) ?? new Ahead(() => this.#speak(text, whole, onEngine));
      return { text, speech: { audio: made, sampleRateHz }, engine: () => engine };
    }
    return {
      text,
      speech: { audio: audio.samples, sampleRateHz: audio.sampleRateHz, key: prompts.keyOf(name) },
    };
  }

  /**
   * Synthesises sentences that are said word for word again and again, one after the other, so that their first sound
   * comes without synthesis later on. To be called again when another engine speaks from now on; what an engine has
   * made is kept for when it speaks again. A call ends those before it.
   * @throws ParleyError `tts-*`; the signal's reason.
   */
  async prepare(texts: readonly string[], signal: AbortSignal): Promise<void> {
    this.#preparing.abort();
    const preparing = new AbortController();
    this.#preparing = preparing;
    const until = AbortSignal.any([signal, preparing.signal]);
    try {
      const { unrecorded } = this.#options.prompts;
      for (const text of new Set([...unrecorded, ...texts.flatMap((each) => splitSentences(each))])) {
        if (this.#readyBy(this.#engine).has(text)) continue;
        const engines = new Set<string>();
        const pieces: Pcm[] = [];
        for await (const piece of this.#speak(text, until, (name) => engines.add(name))) pieces.push(piece);
        const [engine = this.#engine, ...others] = engines;
        // Two voices in one sentence are not kept.
        if (others.length === 0) this.#readyBy(engine).set(text, concatPcm(pieces));
      }
    } catch (error) {
      if (!preparing.signal.aborted) throw error;
    }
  }

  /**
   * Sentences as sound, as they come. Each is synthesised when it is first needed, or earlier by `prepare`.
   * @param signal ends the synthesis of those that are not yet spoken.
   */
  async *sentences(texts: Sayable, signal: AbortSignal): AsyncGenerator<Sentence> {
    const { sampleRateHz } = this.#options;
    for await (const some of texts) {
      for (const text of splitSentences(some)) {
        const engine = this.#engine;
        const ready = this.#readyBy(engine).get(text);
        if (ready !== undefined) {
          yield { text, speech: { audio: ready, sampleRateHz }, engine: () => engine };
          continue;
        }
        const spoken = this.#lately.share(engine, text, signal, (until, onEngine) =>
          this.#speak(text, until, onEngine),
        );
        yield { text, speech: { audio: spoken.audio, sampleRateHz }, engine: spoken.engine };
      }
    }
  }

  /** The one that would speak now. */
  get #engine(): string {
    const { tts, language } = this.#options;
    return tts.servedBy?.(language) ?? tts.name;
  }

  #readyBy(engine: string): Map<string, Pcm> {
    const ready = this.#ready.get(engine) ?? new Map<string, Pcm>();
    this.#ready.set(engine, ready);
    return ready;
  }

  async *#speak(text: string, signal: AbortSignal, onEngine: (name: string) => void): AsyncGenerator<Pcm> {
    const { tts, language, sampleRateHz, deadlineMs } = this.#options;
    const late = new AbortController();
    const waitForSound = (): NodeJS.Timeout => setTimeout(() => late.abort(stalled), deadlineMs);
    const stalled = new ParleyError('tts-unavailable', {
      provider: tts.name,
      reason: `no sound came for ${deadlineMs} ms`,
    });
    let timer = waitForSound();
    try {
      for await (const piece of tts.speak(normaliseForSpeech(text, language), {
        language,
        sampleRateHz,
        onEngine,
        signal: AbortSignal.any([signal, late.signal]),
      })) {
        clearTimeout(timer);
        yield piece;
        timer = waitForSound();
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Begins to synthesise a sentence, so that it is ready when the one before it has been heard.
 * Resolves when its first sound is there, or when there will be none; never rejects.
 */
export async function prepare(sentence: Sentence | undefined): Promise<void> {
  const audio = sentence?.speech.audio;
  if (audio instanceof Ahead) await audio.begin();
}

/** The same sentence from the word that was being said at `fromMs`. */
export function fromWordAt(sentence: Sentence, fromMs: number): Sentence {
  const { audio, sampleRateHz } = sentence.speech;
  const rest = async function* (): AsyncGenerator<Pcm> {
    const pieces: Pcm[] = [];
    for await (const piece of audio instanceof Int16Array ? [audio] : audio) pieces.push(piece);
    const whole = concatPcm(pieces);
    yield whole.subarray(wordStart(whole, sampleRateHz, fromMs));
  };
  return { ...sentence, speech: { audio: new Ahead(rest), sampleRateHz } };
}
