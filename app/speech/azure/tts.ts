import type { ResultReason, SpeechSynthesizer } from 'microsoft-cognitiveservices-speech-sdk';
import { bytesToPcm, type Pcm } from '../../audio/pcm.ts';
import { hasCode, ParleyError } from '../../errors.ts';
import { type Clock, systemClock } from '../../ops/clock.ts';
import { withDeadline } from '../../ops/deadline.ts';
import { abortable } from '../abortable.ts';
import type { SpeakOptions, TextToSpeech } from '../spec.ts';
import { Account, type AzureConfig } from './account.ts';
import { Inbox } from './inbox.ts';
import { Pool } from './pool.ts';
import { type Made, Session } from './session.ts';
import { ssmlOf } from './ssml.ts';
import { provider, rejected, troubleFrom, unavailable } from './trouble.ts';
import { voicesFor } from './voices.ts';

export interface AzureTtsOptions {
  readonly config: AzureConfig;
  readonly clock?: Clock;
}

interface Synthesiser {
  readonly sdk: SpeechSynthesizer;
  readonly isComplete: (reason: ResultReason) => boolean;
}

/** 16-bit PCM without a header. */
const formats = {
  8_000: 'Raw8Khz16BitMonoPcm',
  16_000: 'Raw16Khz16BitMonoPcm',
  24_000: 'Raw24Khz16BitMonoPcm',
} as const;

const longestText = 10_000;
/** A synthesiser is used again and again; the service closes connections that last longer than some minutes. */
const maxAgeMs = 180_000;

export const azureTtsCan = {
  streaming: true,
  sampleRatesHz: [8_000, 16_000, 24_000],
} as const satisfies Partial<TextToSpeech['can']>;

/**
 * Azure text to speech by Microsoft's SDK, piece by piece as the service makes it, over connections that are made ahead
 * and used again.
 * @throws ParleyError `provider-not-configured`.
 */
export function createAzureTts({ config, clock = systemClock }: AzureTtsOptions): TextToSpeech {
  const account = new Account('tts', config, clock);
  const voices = voicesFor(config.languages, config.voices);
  for (const [language, voice] of voices)
    if (voice === undefined)
      throw new ParleyError('provider-not-configured', {
        kind: 'tts',
        name: provider,
        fields: `speech.azure.voices (a voice for ${language})`,
      });
  const can: TextToSpeech['can'] = {
    ...azureTtsCan,
    languages: config.languages,
    voices: [...new Set([...voices.values()].filter((voice) => voice !== undefined))],
  };
  const { deadlineMs } = config;
  const open = (sampleRateHz: number): Session<Synthesiser> =>
    new Session({
      kind: 'tts',
      make: (signal) => makeSynthesiser(account, sampleRateHz, signal),
      clock,
      deadlineMs,
    });
  const pool = new Pool({ open, prepared: config.prepared, maxAgeMs, clock });
  const closed = new AbortController();

  async function* speak(text: string, options: SpeakOptions): AsyncGenerator<Pcm> {
    const { language, sampleRateHz } = options;
    options.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    const voice = options.voice ?? voices.get(language) ?? '';
    if (!can.languages.includes(language)) throw rejected('tts', `it is not set up for ${language}`);
    if (!can.sampleRatesHz.includes(sampleRateHz)) throw rejected('tts', `it cannot give ${sampleRateHz} Hz`);
    if (!can.voices.includes(voice)) throw rejected('tts', `it is not set up for the voice ${voice}`);
    if (text.length > longestText) throw rejected('tts', `the text is longer than ${longestText} characters`);
    if (!/[\p{L}\p{N}]/u.test(text)) return;
    const session = pool.take(sampleRateHz);
    const signal = AbortSignal.any([options.signal, closed.signal, session.over]);
    let isDone = false;
    try {
      const synthesiser = await abortable(session.ready, signal);
      yield* synthesise(synthesiser, ssmlOf({ text, language, voice, rate: config.rate }), signal);
      isDone = true;
    } catch (error) {
      if (hasCode(error, 'speech-key-refused')) account.refused();
      throw error;
    } finally {
      if (isDone) pool.give(sampleRateHz, session);
      else session.cut();
    }
  }

  async function* synthesise(
    { sdk, isComplete }: Synthesiser,
    ssml: string,
    signal: AbortSignal,
  ): AsyncGenerator<Pcm> {
    const pieces = new Inbox<Uint8Array>();
    sdk.synthesizing = (_, { result }) => pieces.push(new Uint8Array(result.audioData));
    sdk.speakSsmlAsync(
      ssml,
      ({ reason, errorDetails }) => {
        if (isComplete(reason)) pieces.end();
        else pieces.fail(troubleFrom('tts', errorDetails));
      },
      (details) => pieces.fail(troubleFrom('tts', details)),
    );
    const onTimeout = (): ParleyError => unavailable('tts', `no audio came for ${deadlineMs} ms`);
    /** The first half of a sample whose second half is in the next piece. */
    let half: readonly number[] = [];
    for (;;) {
      const piece = await withDeadline(() => pieces.next(), { clock, deadlineMs, signal, onTimeout });
      if (piece === undefined) return;
      const bytes = half.length === 0 ? piece : Uint8Array.of(...half, ...piece);
      half = bytes.length % 2 === 0 ? [] : [...bytes.subarray(-1)];
      const samples = bytesToPcm(bytes);
      if (samples.length > 0) yield samples;
    }
  }

  return {
    name: provider,
    can,
    speak,
    async probe({ signal }) {
      const session = open(16_000);
      try {
        await abortable(session.ready, signal);
        return `${account.place}, ${can.voices.join(', ')}`;
      } finally {
        session.cut();
      }
    },
    close() {
      closed.abort(unavailable('tts', 'it was closed'));
      pool.close();
      account.close();
      return Promise.resolve();
    },
  };
}

async function makeSynthesiser(
  account: Account,
  sampleRateHz: number,
  signal: AbortSignal,
): Promise<Made<Synthesiser>> {
  const { sdk, config } = await account.open(signal);
  const format =
    Object.entries(formats).find(([rate]) => Number(rate) === sampleRateHz)?.[1] ?? formats[16_000];
  config.speechSynthesisOutputFormat = sdk.SpeechSynthesisOutputFormat[format];
  // Null: the audio goes nowhere but to the events.
  const synthesizer = new sdk.SpeechSynthesizer(config, null);
  return {
    client: {
      sdk: synthesizer,
      isComplete: (reason) => reason === sdk.ResultReason.SynthesizingAudioCompleted,
    },
    connection: sdk.Connection.fromSynthesizer(synthesizer),
    insides: synthesizer.internalData,
  };
}
