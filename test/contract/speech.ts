import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { configSchema } from '../../app/config/schema.ts';
import { hasCode, type ErrorCode } from '../../app/errors.ts';
import { findRhvoice } from '../../app/setup/rhvoice.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { createStt, createTts, type SttSettings, type TtsSettings } from '../../app/speech/registry.ts';
import type { ListenOptions, SpeakOptions, SpeechToText, TextToSpeech } from '../../app/speech/spec.ts';
import { whiteNoise } from '../../app/audio/mix.ts';
import type { Pcm } from '../../app/audio/pcm.ts';
import { startAzureSpeech } from '../fakes/azure-speech/server.ts';
import { testCacheDir } from '../support/asterisk.ts';

/** What the suites of both kinds of speech provider need. */

const never = new AbortController().signal;

const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal: never });
/** The services that providers reach out to, on loopback. */
const azureSpeech = await startAzureSpeech({ key: 'a key' });
after(() => azureSpeech.close());

/** As an operator gets it who configures nothing but where the services are. */
const { speech: config } = configSchema.parse({
  speech: { azure: { key: 'a key', sttUrl: azureSpeech.url, ttsUrl: azureSpeech.url } },
});
const rhvoice = await findRhvoice({ cacheDir: testCacheDir(), signal: never }).catch(() => undefined);
export const settings: SttSettings & TtsSettings = { config, modelDir, rhvoice };

/** Providers that cannot run wherever the tests do. There is no other exception from the contract. */
const mayRefuse: Readonly<Record<string, { readonly code: ErrorCode; readonly why: string }>> = {
  rhvoice: { code: 'rhvoice-missing', why: 'Debian’s packages of RHVoice could not be fetched here' },
};

/**
 * The names of the providers that the contract is held against. Of one that refuses to be made it is tested that it does
 * so by its code, with a remedy, and the reason is printed.
 */
export function thoseThatRun(
  names: readonly string[],
  create: (name: string) => { close(): Promise<void> },
): string[] {
  return names.filter((name) => {
    const exception = mayRefuse[name];
    if (exception === undefined) return true;
    try {
      void create(name).close();
      return true;
    } catch (error) {
      test(`${name} refuses to start where it cannot run: ${exception.why}`, () => {
        assert.ok(hasCode(error, exception.code), String(error));
        assert.notEqual(error.remedy, '');
      });
      return false;
    }
  });
}

export function newStt(name: string): SpeechToText {
  return createStt(name, settings);
}

export function newTts(name: string): TextToSpeech {
  return createTts(name, settings);
}

export function listenOptions(stt: SpeechToText, options: Partial<ListenOptions> = {}): ListenOptions {
  const [language = '', sampleRateHz = 0] = [stt.can.languages[0], stt.can.sampleRatesHz[0]];
  return { language, sampleRateHz, signal: never, ...options };
}

export function speakOptions(tts: TextToSpeech, options: Partial<SpeakOptions> = {}): SpeakOptions {
  const [language = '', sampleRateHz = 0] = [tts.can.languages[0], tts.can.sampleRatesHz[0]];
  return { language, sampleRateHz, signal: never, ...options };
}

export async function* pieces(...all: readonly Pcm[]): AsyncGenerator<Pcm> {
  for (const piece of all) yield await Promise.resolve(piece);
}

/** Audio whose end never comes. */
export async function* endless(sampleRateHz: number): AsyncGenerator<Pcm> {
  yield whiteNoise(200, sampleRateHz, -30);
  await new Promise(() => undefined);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Lets the event loop go round, so that whatever only needs its turn gets it. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise is settled within a few turns of the event loop, that is without waiting for anything. */
export async function settlesAtOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await turns(3);
  return settled;
}

/** Threads, timers, sockets and child processes that keep this process alive. */
export function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => !/^(TTYWrap|PipeWrap|FSReqPromise|Immediate)$/.test(kind))
    .sort();
}

/** What is there now and was not `before`; what ends meanwhile belongs to tests that came earlier. */
export function leftBehind(before: readonly string[]): string[] {
  const left = resources();
  for (const kind of before) {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}
