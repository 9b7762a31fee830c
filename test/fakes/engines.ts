import { tone } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { ParleyError } from '../../app/errors.ts';
import { abortable, abortablePieces } from '../../app/speech/abortable.ts';
import type {
  Heard,
  Language,
  ListenOptions,
  SpeakOptions,
  SpeechToText,
  TextToSpeech,
} from '../../app/speech/spec.ts';

/** Speech engines that go wrong in every way on which a chain must go on. */

const languages = ['en-US'];
const sampleRatesHz = [8_000, 16_000];

export type SttManner =
  | 'works'
  /** Does not even reach its service. */
  | 'unreachable'
  /** Is connected and tells nothing, ever. */
  | 'hangs'
  /** Tells a partial text and no final one. */
  | 'no final'
  /** Tells no partial text; the final one comes when `release` is called. */
  | 'late'
  /** Hears nothing in whatever is said. */
  | 'deaf'
  | 'refuses'
  /** Fails after the first piece of audio. */
  | 'breaks'
  /** Ends after the first piece of audio, without a result. */
  | 'ends'
  | 'overloaded';

export interface UnreliableStt extends SpeechToText {
  manner: SttManner;
  /** Samples that each listening got. */
  readonly got: number[];
  /** Listenings that run. */
  readonly running: number;
  /** What is late comes now. */
  release(): void;
  readonly closed: boolean;
}

export function unreliableStt(
  name: string,
  manner: SttManner = 'works',
  can: Partial<SpeechToText['can']> = {},
): UnreliableStt {
  const closing = new AbortController();
  const got: number[] = [];
  let late = Promise.withResolvers<undefined>();
  let running = 0;

  async function* listen(audio: AsyncIterable<Pcm>, options: ListenOptions): AsyncGenerator<Heard> {
    const how = engine.manner;
    const at = got.push(0) - 1;
    const signal = AbortSignal.any([options.signal, closing.signal]);
    const fails = (reason: string) => new ParleyError('stt-unavailable', { provider: name, reason });
    signal.throwIfAborted();
    running += 1;
    try {
      if (how === 'refuses') throw fails('it refuses');
      if (how === 'overloaded') throw new ParleyError('speech-overloaded', { provider: name, waiting: 1 });
      if (how === 'unreachable') await never(signal);
      options.onConnected?.();
      for await (const { length } of abortablePieces(audio, signal)) {
        got[at] = (got[at] ?? 0) + length;
        if (how === 'breaks') throw fails('it broke off');
        if (how === 'ends') return;
        if (how === 'works' || how === 'no final') yield { kind: 'partial', text: `${name}?` };
      }
      if (how === 'hangs' || how === 'no final') await never(signal);
      if (how === 'late') await abortable(late.promise, signal);
      yield { kind: 'final', text: how === 'deaf' ? '' : `heard by ${name}`, confidence: 1 };
    } finally {
      running -= 1;
    }
  }

  const engine: UnreliableStt = {
    name,
    manner,
    can: { interim: true, phrases: true, connects: true, languages, sampleRatesHz, ...can },
    got,
    get running() {
      return running;
    },
    get closed() {
      return closing.signal.aborted;
    },
    release() {
      late.resolve(undefined);
      late = Promise.withResolvers();
    },
    listen,
    warmUp: () =>
      engine.manner === 'refuses'
        ? Promise.reject(new ParleyError('stt-unavailable', { provider: name, reason: 'it refuses' }))
        : abortable(Promise.resolve(), closing.signal),
    close() {
      closing.abort(new ParleyError('stt-unavailable', { provider: name, reason: 'it was closed' }));
      return Promise.resolve();
    },
  };
  return engine;
}

export type TtsManner =
  | 'works'
  | 'refuses'
  /** No sound ever comes. */
  | 'hangs'
  /** Fails after two words. */
  | 'breaks'
  /** Says two words and no more. */
  | 'stalls';

export interface UnreliableTts extends TextToSpeech {
  manner: TtsManner;
  /** Texts that it was to speak. */
  readonly asked: { readonly text: string; readonly voice: string | undefined }[];
  readonly running: number;
  readonly closed: boolean;
}

export const msPerWord = 200;

/** Speaks a tone of its own for each word, with a short pause after it. */
export function unreliableTts(
  name: string,
  toneHz: number,
  more: {
    readonly manner?: TtsManner;
    readonly voices?: readonly string[];
    readonly languages?: readonly Language[];
  } = {},
): UnreliableTts {
  const closing = new AbortController();
  const asked: UnreliableTts['asked'] = [];
  let running = 0;

  async function* speak(text: string, options: SpeakOptions): AsyncGenerator<Pcm> {
    const { sampleRateHz, voice } = options;
    const how = engine.manner;
    asked.push({ text, voice });
    const signal = AbortSignal.any([options.signal, closing.signal]);
    signal.throwIfAborted();
    const fails = () => new ParleyError('tts-unavailable', { provider: name, reason: 'it is broken' });
    running += 1;
    try {
      if (how === 'refuses') throw fails();
      if (how === 'hangs') await never(signal);
      for (const [at, word] of text.split(/\s+/).entries()) {
        if (!/\w/.test(word)) continue;
        if (at === 2 && how === 'breaks') throw fails();
        if (at === 2 && how === 'stalls') await never(signal);
        await abortable(Promise.resolve(), signal);
        yield concatPcm([
          tone(toneHz, msPerWord - 40, sampleRateHz),
          new Int16Array((sampleRateHz * 40) / 1000),
        ]);
      }
    } finally {
      running -= 1;
    }
  }

  const engine: UnreliableTts = {
    name,
    manner: more.manner ?? 'works',
    can: {
      streaming: true,
      languages: more.languages ?? languages,
      voices: more.voices ?? [`${name}'s voice`],
      sampleRatesHz,
    },
    asked,
    get running() {
      return running;
    },
    get closed() {
      return closing.signal.aborted;
    },
    speak,
    close() {
      closing.abort(new ParleyError('tts-unavailable', { provider: name, reason: 'it was closed' }));
      return Promise.resolve();
    },
  };
  return engine;
}

function never(signal: AbortSignal): Promise<never> {
  return abortable(new Promise<never>(() => undefined), signal);
}
