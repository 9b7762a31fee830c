import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import { abortable, abortablePieces } from '../abortable.ts';
import type { Heard, ListenOptions, SpeechToText } from '../spec.ts';
import { PhraseStore } from './phrases/store.ts';
import type { Recognised } from './moonshine/recogniser.ts';
import type { MoonshineRequest, MoonshineSetup } from './moonshine/worker.ts';
import { WorkerPool, type PoolStats } from './worker-pool.ts';

export interface LocalSttOptions {
  /** Folder with Moonshine's encoder_model.onnx and decoder_model_merged.onnx. */
  readonly modelDir: string;
  /** Threads, one utterance at a time each. More than there are cores make every utterance slower. */
  readonly workers?: number;
  /** Utterances that may wait. */
  readonly queueLimit?: number;
}

export interface LocalStt extends SpeechToText {
  stats(): PoolStats;
}

const provider = 'local';
const longestMs = 60_000;

const can: SpeechToText['can'] = {
  interim: false,
  phrases: true,
  languages: ['en-US', 'en-GB', 'en'],
  sampleRatesHz: [8_000, 16_000],
};

/** Moonshine tiny in worker threads: English, decoded freely and along the phrases that callers are likely to say. */
export function createLocalStt(options: LocalSttOptions): LocalStt {
  const { modelDir, workers = 2, queueLimit = 64 } = options;
  const setup: MoonshineSetup = { modelDir };
  const pool = new WorkerPool<MoonshineRequest, Recognised>({
    provider,
    unavailable: 'stt-unavailable',
    script: new URL('./moonshine/worker.ts', import.meta.url),
    setup,
    workers,
    queueLimit,
  });
  const store = new PhraseStore(provider);
  const closed = new AbortController();

  async function* listen(audio: AsyncIterable<Pcm>, listenOptions: ListenOptions): AsyncGenerator<Heard> {
    const { sampleRateHz, phrases } = listenOptions;
    listenOptions.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    check(listenOptions);
    const signal = AbortSignal.any([listenOptions.signal, closed.signal]);
    // The phrases are prepared while the caller still speaks.
    const preparing = phrases && abortable(store.get(phrases), signal);
    preparing?.catch(() => undefined);
    const samples = await collect(audio, sampleRateHz, signal);
    const compiled = await preparing;
    const request = { samples, sampleRateHz, ...(compiled && { phrases: compiled }) };
    const heard = await pool.run(request, { signal, transfer: [samples.buffer] });
    yield {
      kind: 'final',
      text: phrases?.phrases[heard.phrase] ?? heard.text,
      confidence: heard.confidence,
    };
  }

  return {
    name: provider,
    can,
    listen,
    async warmUp(sets) {
      await Promise.all([pool.start(), ...sets.map((set) => store.get(set))]);
    },
    stats: () => pool.stats(),
    async close() {
      closed.abort(new ParleyError('stt-unavailable', { provider, reason: 'it was closed' }));
      await Promise.all([store.close(), pool.close()]);
    },
  };
}

function check({ language, sampleRateHz }: ListenOptions): void {
  if (!can.languages.includes(language)) throw rejected(`it does not know ${language}`);
  if (!can.sampleRatesHz.includes(sampleRateHz)) throw rejected(`it cannot take ${sampleRateHz} Hz`);
}

async function collect(
  audio: AsyncIterable<Pcm>,
  sampleRateHz: number,
  signal: AbortSignal,
): Promise<Int16Array<ArrayBuffer>> {
  const pieces: Pcm[] = [];
  let lengthMs = 0;
  for await (const piece of abortablePieces(audio, signal)) {
    lengthMs += (piece.length / sampleRateHz) * 1000;
    if (lengthMs > longestMs) throw rejected(`it is longer than ${longestMs / 1000} seconds`);
    pieces.push(piece);
  }
  return new Int16Array(concatPcm(pieces));
}

function rejected(reason: string): ParleyError {
  return new ParleyError('stt-rejected', { provider, reason });
}
