import type { Pcm } from '../audio/pcm.ts';

/** A BCP 47 tag such as `en-US`. */
export type Language = string;

/** What docs/providers.md says of a provider besides what it `can` do, each in a few words; '' for nothing. */
export interface ProviderAbout {
  readonly what: string;
  /** Where audio or text goes; '' when it stays on the machine. */
  readonly network: string;
  /** The fields of the configuration that must be set. */
  readonly key: string;
  readonly weights: string;
  readonly licence: string;
}

/** What callers are likely to say at this point. The same `id` always stands for the same phrases, so that providers may keep what they make of it. */
export interface PhraseSet {
  readonly id: string;
  /** In which they are; absent for any. */
  readonly language?: Language;
  readonly phrases: readonly string[];
}

export interface ListenOptions {
  readonly sampleRateHz: number;
  readonly language: Language;
  readonly signal: AbortSignal;
  /** Ignored by a provider whose `can.phrases` is false. */
  readonly phrases?: PhraseSet;
  /** Told by a provider whose `can.connects` is true as soon as its service is reached and takes audio. */
  readonly onConnected?: () => void;
  /** Told by a chain which of its members has heard it, with the final result. */
  readonly onEngine?: (name: string) => void;
}

export type Heard =
  | { readonly kind: 'partial'; readonly text: string }
  | {
      readonly kind: 'final';
      /** '' when nothing was said. */
      readonly text: string;
      /** 0 to 1. */
      readonly confidence: number;
    };

/** How busy an engine of this machine is: requests or streams that are worked on, and requests that wait for a thread. */
export interface EngineLoad {
  readonly provider: string;
  readonly running: number;
  readonly waiting: number;
}

/** Turns speech into text. One instance serves every call. */
export interface SpeechToText {
  readonly name: string;
  readonly can: {
    /** Tells what it hears while the caller still speaks. */
    readonly interim: boolean;
    /** Can be told what callers are likely to say. */
    readonly phrases: boolean;
    /** Reaches out to a service, and tells `onConnected` when it is there. */
    readonly connects?: boolean;
    readonly languages: readonly Language[];
    readonly sampleRatesHz: readonly number[];
  };
  /**
   * Listens to one utterance.
   * @param audio 16-bit mono PCM, in order, at `options.sampleRateHz`; ends when the utterance ends.
   * @yields any number of `partial`, then exactly one `final`.
   * @throws ParleyError `stt-unavailable`, `speech-overloaded` (retryable), `stt-rejected`, `speech-key-refused` (not retryable); the signal's reason when aborted.
   */
  listen(audio: AsyncIterable<Pcm>, options: ListenOptions): AsyncIterable<Heard>;
  /** Prepares what later calls need (models, phrase sets). Optional to call; `listen` works without it. */
  warmUp(phrases: readonly PhraseSet[]): Promise<void>;
  /**
   * Tells by one cheap request whether it can be used as it is configured (key, address, files); for `npm run doctor`.
   * Absent where there is nothing to ask.
   * @returns what a person reads about it, such as `westeurope, 12 voices`; never a key.
   * @throws ParleyError with a remedy; the signal's reason.
   */
  probe?(options: { readonly signal: AbortSignal }): Promise<string>;
  /** Of itself, or of its members; absent where it works elsewhere. */
  load?(): readonly EngineLoad[];
  /** Idempotent; rejects what is pending. */
  close(): Promise<void>;
}

export interface SpeakOptions {
  readonly sampleRateHz: number;
  readonly language: Language;
  readonly signal: AbortSignal;
  /** One of `can.voices`; when absent, the one that is configured for the provider, or its own choice for the language. */
  readonly voice?: string;
  /** Told by a chain which of its members speaks, with its first sound, and again when another takes over. */
  readonly onEngine?: (name: string) => void;
}

/** Turns text into speech. One instance serves every call. */
export interface TextToSpeech {
  readonly name: string;
  readonly can: {
    /** Yields the first samples before the last are made. */
    readonly streaming: boolean;
    readonly languages: readonly Language[];
    readonly voices: readonly string[];
    readonly sampleRatesHz: readonly number[];
  };
  /**
   * Speaks one sentence or a few; the text is plain and already normalised (`speech/text`).
   * @yields PCM at `options.sampleRateHz`, in order; nothing for a text without words.
   * @throws ParleyError `tts-unavailable`, `speech-overloaded` (retryable), `tts-rejected`, `speech-key-refused` (not retryable); the signal's reason when aborted.
   */
  speak(text: string, options: SpeakOptions): AsyncIterable<Pcm>;
  /** In a chain: the name of the member that would speak now. */
  servedBy?(language: Language): string;
  /** As {@link SpeechToText.probe}. */
  probe?(options: { readonly signal: AbortSignal }): Promise<string>;
  /** Of itself, or of its members; absent where it works elsewhere. */
  load?(): readonly EngineLoad[];
  /** Idempotent; rejects what is pending. */
  close(): Promise<void>;
}
