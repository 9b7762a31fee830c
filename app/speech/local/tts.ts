import { silence } from '../../audio/mix.ts';
import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import type { SpeakOptions, TextToSpeech } from '../spec.ts';
import { splitClauses, type Clause } from './flite/clauses.ts';
import { fliteVoices, isFliteVoice, type FliteVoice } from './flite/synth.ts';
import type { FliteAnswer, FliteRequest } from './flite/worker.ts';
import { WorkerPool, type PoolStats } from './worker-pool.ts';

export interface LocalTtsOptions {
  /** Threads; one speaks some 30 times faster than it is listened to. */
  readonly workers?: number;
  /** Texts that may wait; a text that has begun to be spoken goes on. */
  readonly queueLimit?: number;
}

export interface LocalTts extends TextToSpeech {
  /** Resolves when the threads, which start at once, are ready. @throws ParleyError `tts-unavailable`. */
  warmUp(): Promise<void>;
  stats(): PoolStats;
}

const provider = 'local';
const longestText = 10_000;

/** Flite (CMU) as WebAssembly in worker threads: English, clause by clause, with no file on the way. */
export function createLocalTts(options: LocalTtsOptions = {}): LocalTts {
  const { workers = 1, queueLimit = 64 } = options;
  const pool = new WorkerPool<FliteRequest, FliteAnswer>({
    provider,
    unavailable: 'tts-unavailable',
    script: new URL('./flite/worker.ts', import.meta.url),
    setup: undefined,
    workers,
    queueLimit,
    givesWay: true,
  });
  // The first answer should not wait for it. What goes wrong here goes wrong again, and is told, when it is asked to speak.
  pool.start().catch(() => undefined);
  return {
    name: provider,
    can,
    speak: (text, speakOptions) => speak(pool, text, speakOptions),
    warmUp: () => pool.start(),
    stats: () => pool.stats(),
    load: () => [{ provider, ...pool.stats() }],
    close: () => pool.close(),
  };
}

const can: TextToSpeech['can'] = {
  streaming: true,
  languages: ['en-US', 'en-GB', 'en'],
  voices: fliteVoices,
  sampleRatesHz: [8_000, 16_000],
};
export { can as localTtsCan };

async function* speak(
  pool: WorkerPool<FliteRequest, FliteAnswer>,
  text: string,
  options: SpeakOptions,
): AsyncGenerator<Pcm> {
  options.signal.throwIfAborted();
  const voice = check(text, options);
  pool.assertOpen();
  const clauses = splitClauses(toAscii(text));
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const { sampleRateHz } = options;
  const make = async ({ text: clause, pauseMs }: Clause, i: number): Promise<Pcm> => {
    const samples = await pool.run({ text: clause, voice, sampleRateHz }, { signal, continues: i > 0 });
    return pauseMs === 0 ? samples : concatPcm([samples, silence(pauseMs, sampleRateHz)]);
  };
  try {
    // One clause is made ahead of the one that is taken.
    let next: Promise<Pcm> | undefined;
    for (const [i, clause] of clauses.entries()) {
      const samples = await (next ?? make(clause, i));
      const following = clauses[i + 1];
      next = following && make(following, i + 1);
      next?.catch(() => undefined);
      if (samples.length > 0) yield samples;
      signal.throwIfAborted();
    }
  } finally {
    // Who stops listening early needs no clause that was made ahead.
    left.abort();
  }
}

function check(text: string, { language, sampleRateHz, voice = fliteVoices[0] }: SpeakOptions): FliteVoice {
  const refuse = (reason: string): never => {
    throw new ParleyError('tts-rejected', { provider, reason });
  };
  if (!can.languages.includes(language)) return refuse(`it does not speak ${language}`);
  if (!can.sampleRatesHz.includes(sampleRateHz)) return refuse(`it cannot give ${sampleRateHz} Hz`);
  if (text.length > longestText) return refuse(`the text is longer than ${longestText} characters`);
  if (voice === undefined || !isFliteVoice(voice)) return refuse(`it has no voice ${voice}`);
  return voice;
}

/** Flite reads bytes; letters lose their accents, anything else becomes a space. */
function toAscii(text: string): string {
  return text
    .replace(/[‘’]/g, "'")
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]/g, ' ');
}
