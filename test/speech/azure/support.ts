import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { whiteNoise } from '../../../app/audio/mix.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { configSchema } from '../../../app/config/schema.ts';
import { type ErrorCode, hasCode, type ParleyError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/ops/clock.ts';
import type { AzureConfig } from '../../../app/speech/azure/account.ts';
import { createAzureStt } from '../../../app/speech/azure/stt.ts';
import { createAzureTts } from '../../../app/speech/azure/tts.ts';
import type {
  Heard,
  ListenOptions,
  SpeakOptions,
  SpeechToText,
  TextToSpeech,
} from '../../../app/speech/spec.ts';
import { collect } from '../../contract/speech.ts';
import {
  type FakeAzureSpeech,
  type FakeAzureSpeechOptions,
  startAzureSpeech,
} from '../../fakes/azure-speech/server.ts';

export const key = 'a-key-that-nobody-may-read';
const never = new AbortController().signal;

export interface Stage {
  readonly fake: FakeAzureSpeech;
  readonly stt: SpeechToText;
  readonly tts: TextToSpeech;
  hear(audio?: AsyncIterable<Pcm>, options?: Partial<ListenOptions>): Promise<Heard[]>;
  say(text?: string, options?: Partial<SpeakOptions>): Promise<Pcm[]>;
}

export interface StageOptions extends FakeAzureSpeechOptions {
  readonly clock?: Clock;
  /** The service is asked with tokens. */
  readonly tokens?: boolean;
  readonly config?: Partial<AzureConfig>;
}

/** What is configured, as an operator writes it. */
export function azureConfig(azure: Readonly<Record<string, unknown>>): AzureConfig {
  return configSchema.parse({ speech: { azure } }).speech.azure;
}

/** A service, and a recogniser and a synthesiser that are set up for it; when the test is over, no socket may be left. */
export async function setUp(
  t: TestContext,
  { clock, config = {}, tokens = false, ...options }: StageOptions = {},
): Promise<Stage> {
  const fake = await startAzureSpeech({ key, ...options });
  const settings = {
    config: azureConfig({
      key,
      sttUrl: fake.url,
      ttsUrl: fake.url,
      ...(tokens && { tokenUrl: fake.tokenUrl }),
      ...config,
    }),
    ...(clock && { clock }),
  };
  const [stt, tts] = [createAzureStt(settings), createAzureTts(settings)];
  t.after(async () => {
    await Promise.all([stt.close(), tts.close()]);
    await fake.when(() => fake.openSockets === 0);
    await fake.close();
  });
  return {
    fake,
    stt,
    tts,
    hear: (audio = speech(), more = {}) =>
      collect(stt.listen(audio, { language: 'en-US', sampleRateHz: 16_000, signal: never, ...more })),
    say: (text = 'Hello there.', more = {}) =>
      collect(tts.speak(text, { language: 'en-US', sampleRateHz: 16_000, signal: never, ...more })),
  };
}

/** Sound that could be speech, in pieces of 20 ms. */
export async function* speech(ms = 800, sampleRateHz = 16_000): AsyncGenerator<Pcm> {
  const samples = whiteNoise(ms, sampleRateHz, -25);
  const step = sampleRateHz / 50;
  for (let at = 0; at < samples.length; at += step)
    yield await Promise.resolve(samples.subarray(at, at + step));
}

/** That it fails with the code, and that nobody can read the key in what is said about it. */
export async function failsWith(code: ErrorCode, work: Promise<unknown>): Promise<ParleyError> {
  const error = await work.then(
    () => assert.fail('it went well'),
    (reason: unknown) => reason,
  );
  if (!hasCode(error, code)) throw error;
  assert.doesNotMatch(JSON.stringify([error.explain(), error.details, error.stack]), /nobody-may-read/);
  return error;
}
