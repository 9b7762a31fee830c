import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { configSchema } from '../../app/config/schema.ts';
import { hasCode, type ErrorCode } from '../../app/errors.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { findRhvoice } from '../../app/setup/rhvoice.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import type { ChainOptions } from '../../app/speech/fallback/chain.ts';
import { createStts, createTtss, type SttSettings, type TtsSettings } from '../../app/speech/registry.ts';
import type { ListenOptions, SpeakOptions, SpeechToText, TextToSpeech } from '../../app/speech/spec.ts';
import { whiteNoise } from '../../app/audio/mix.ts';
import type { Pcm } from '../../app/audio/pcm.ts';
import { startAzureSpeech } from '../fakes/azure-speech/server.ts';
import { recordingLog } from '../fakes/log.ts';
import { testCacheDir } from '../support/asterisk.ts';
import { makeMoonshineFolder } from '../support/sherpa-models.ts';

/** What the suites of both kinds of speech provider need. */

const never = new AbortController().signal;

const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal: never });
const rhvoice = await findRhvoice({ cacheDir: testCacheDir(), signal: never }).catch(() => undefined);
const sttDir = await mkdtemp(path.join(tmpdir(), 'parley-sherpa-'));
after(() => rm(sttDir, { recursive: true }));
await makeMoonshineFolder(sttDir, modelDir);
const azureSpeech = await startAzureSpeech({ key: 'a key' });
after(() => azureSpeech.close());

/** The service that a provider reaches out to, on loopback. */
export interface Service {
  /** From now on it takes what comes and says nothing. */
  hang(): void;
  recover(): void;
  /** Resolves when nobody is connected to it. */
  whenLeft(): Promise<void>;
}

const azureService: Service = {
  hang: () => {
    azureSpeech.behave('silent');
  },
  recover: () => {
    azureSpeech.behave('ok');
  },
  whenLeft: () => azureSpeech.when(() => azureSpeech.openSockets === 0),
};

/** What a provider needs to be tested. */
interface SetUp {
  readonly service?: Service;
  /** It cannot run wherever the tests do: with which error it refuses to be made there. There is no other exception. */
  readonly refusal?: { readonly code: ErrorCode; readonly why: string };
}

/** All that there are, by name: the suites refuse to run when one in the registry has no set-up here. */
export const sttSetUps: Readonly<Record<string, SetUp>> = {
  local: {},
  scripted: {},
  azure: { service: azureService },
  sherpa: {},
};
export const ttsSetUps: Readonly<Record<string, SetUp>> = {
  local: {},
  scripted: {},
  azure: { service: azureService },
  sherpa: {
    refusal: { code: 'provider-not-configured', why: 'no package holds weights of Piper or Kokoro' },
  },
  rhvoice: {
    refusal: { code: 'rhvoice-missing', why: 'Debian’s packages of RHVoice could not be fetched here' },
  },
};
/** What wraps providers is one, and keeps the same contract. */
const chainSetUps: Readonly<Record<string, SetUp>> = {
  'azure, local': { service: azureService },
};

/** As an operator gets it who configures nothing but where the services are; `patienceMs` is how long those may take. */
function settingsOf(patienceMs?: number): SttSettings & TtsSettings {
  const azure = {
    key: 'a key',
    sttUrl: azureSpeech.url,
    ttsUrl: azureSpeech.url,
    ...(patienceMs !== undefined && { deadlineMs: patienceMs }),
  };
  return { config: configSchema.parse({ speech: { azure, sherpa: { sttDir } } }).speech, modelDir, rhvoice };
}
export const settings = settingsOf();

const quick = 300;
/** An engine of a chain that is healthy and has much to do is not to be given up here. */
function chainOptions(patienceMs = 20_000): ChainOptions {
  const limits = { connectMs: patienceMs, firstResultMs: patienceMs, finalResultMs: patienceMs };
  return {
    failover: { ...limits, firstSoundMs: patienceMs, failures: 2, retryMs: 60_000 },
    sampleRateHz: 16_000,
    language: 'en-US',
    clock: systemClock,
    log: recordingLog(),
    metrics: createMetrics(),
  };
}

/**
 * The names of the providers and chains that the contract is held against. Of one that refuses to be made it is tested
 * that it does so by its code, with a remedy, and the reason is printed.
 */
export function thoseThatRun(
  registered: readonly string[],
  setUps: Readonly<Record<string, SetUp>>,
  create: (name: string) => { close(): Promise<void> },
): [name: string, setUp: SetUp][] {
  test('every provider in the registry is set up here, and no other', () => {
    assert.deepEqual(Object.keys(setUps).sort(), [...registered].sort());
  });
  return Object.entries({ ...setUps, ...chainSetUps }).filter(([name, { refusal }]) => {
    if (refusal === undefined) return true;
    try {
      void create(name).close();
      return true;
    } catch (error) {
      test(`${name} refuses to start where it cannot run: ${refusal.why}`, () => {
        assert.ok(hasCode(error, refusal.code), String(error));
        assert.notEqual(error.remedy, '');
      });
      return false;
    }
  });
}

export const isChain = (name: string): boolean => name in chainSetUps;

/** `impatient`: does not wait long for a service. */
export function newStt(name: string, mood?: 'impatient'): SpeechToText {
  const patienceMs = mood && quick;
  return createStts(name.split(', '), settingsOf(patienceMs), chainOptions(patienceMs));
}

export function newTts(name: string, mood?: 'impatient'): TextToSpeech {
  const patienceMs = mood && quick;
  return createTtss(name.split(', '), settingsOf(patienceMs), chainOptions(patienceMs));
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

/** Fails when somebody still listens to the caller's signal. */
export function assertNobodyListens(signal: AbortSignal): void {
  assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners on the signal of the caller');
}
