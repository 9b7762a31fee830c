import { silence, tone } from '../../audio/mix.ts';
import type { Audio, Pcm } from '../../audio/pcm.ts';
import { resample } from '../../audio/resample.ts';
import { ParleyError } from '../../errors.ts';
import { systemClock, type Clock } from '../../ops/clock.ts';
import { abortable } from '../abortable.ts';
import type { Language, SpeakOptions, TextToSpeech } from '../spec.ts';

export interface ScriptedTtsOptions {
  /** What is heard of a word: a tone, or silence of the same length. */
  readonly sound?: 'tone' | 'silence';
  readonly msPerWord?: number;
  /** Texts with a sound of their own. */
  readonly recorded?: ReadonlyMap<string, Audio>;
  /** How long it takes until the first sample. */
  readonly delayMs?: number;
  readonly clock?: Clock;
  readonly languages?: readonly Language[];
}

export interface ScriptedTts extends TextToSpeech {
  /** The texts that were to be spoken, in order. */
  readonly spoken: readonly string[];
}

export const scriptedTtsCan: TextToSpeech['can'] = {
  streaming: true,
  languages: ['en-US', 'en-GB', 'en'],
  voices: ['slt', 'rms', 'awb', 'kal'],
  sampleRatesHz: [8_000, 16_000],
};

const provider = 'scripted';
const toneHz = 440;
const toneLevelDbfs = -23;

/** A synthesiser that makes as much sound as the text has words. For tests, and for measuring what Parley itself takes. */
export function createScriptedTts(options: ScriptedTtsOptions = {}): ScriptedTts {
  const { sound = 'tone', msPerWord = 250, recorded, delayMs = 0, clock = systemClock } = options;
  const can = { ...scriptedTtsCan, ...(options.languages && { languages: options.languages }) };
  const closed = new AbortController();
  const spoken: string[] = [];

  async function* speak(text: string, speakOptions: SpeakOptions): AsyncGenerator<Pcm> {
    const { language, sampleRateHz, voice } = speakOptions;
    speakOptions.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    const refuse = (reason: string): never => {
      throw new ParleyError('tts-rejected', { provider, reason });
    };
    if (!can.languages.includes(language)) refuse(`it does not speak ${language}`);
    if (!can.sampleRatesHz.includes(sampleRateHz)) refuse(`it cannot give ${sampleRateHz} Hz`);
    if (voice !== undefined && !can.voices.includes(voice)) refuse(`it has no voice ${voice}`);
    spoken.push(text);
    const signal = AbortSignal.any([speakOptions.signal, closed.signal]);
    if (delayMs > 0) await abortable(clock.sleep(delayMs, signal), signal);
    const own = recorded?.get(text);
    if (own) {
      yield resample(own.samples, own.sampleRateHz, sampleRateHz);
      return;
    }
    for (const word of text.split(/\s+/)) {
      if (!/[\p{L}\p{N}]/u.test(word)) continue;
      // Every word waits for its turn as real synthesis would, so that what is aborted stops between words.
      await abortable(Promise.resolve(), signal);
      yield sound === 'tone'
        ? tone(toneHz, msPerWord, sampleRateHz, toneLevelDbfs)
        : silence(msPerWord, sampleRateHz);
    }
  }

  return {
    name: provider,
    can,
    spoken,
    speak,
    close() {
      closed.abort(new ParleyError('tts-unavailable', { provider, reason: 'it was closed' }));
      return Promise.resolve();
    },
  };
}
