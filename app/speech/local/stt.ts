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
/** New audio that is worth another look. A look takes a fifth of that. */
const partialEveryMs = 500;
/** Looks at more would take longer than what they tell is new. */
const longestPartialMs = 8_000;

const can: SpeechToText['can'] = {
  interim: true,
  phrases: true,
  languages: ['en-US', 'en-GB', 'en'],
  sampleRatesHz: [8_000, 16_000],
};
export { can as localSttCan };

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
    givesWay: true,
  });
  const store = new PhraseStore(provider);
  const closed = new AbortController();

  async function* listen(audio: AsyncIterable<Pcm>, listenOptions: ListenOptions): AsyncGenerator<Heard> {
    const { sampleRateHz, phrases } = listenOptions;
    listenOptions.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    check(listenOptions);
    // Who stops listening early needs nothing that is still being worked on.
    const left = new AbortController();
    const signal = AbortSignal.any([listenOptions.signal, closed.signal, left.signal]);
    try {
      // The phrases are prepared while the caller still speaks.
      const preparing = phrases && abortable(store.get(phrases), signal);
      preparing?.catch(() => undefined);
      const samples = yield* follow(audio, sampleRateHz, signal);
      const compiled = await preparing;
      const request = { samples, sampleRateHz, ...(compiled && { phrases: compiled }) };
      const heard = await pool.run(request, { signal, transfer: [samples.buffer] });
      yield {
        kind: 'final',
        text: phrases?.phrases[heard.phrase] ?? heard.text,
        confidence: heard.confidence,
      };
    } finally {
      left.abort();
    }
  }

  /** Tells what is heard while the audio grows. @returns all of it. */
  async function* follow(
    audio: AsyncIterable<Pcm>,
    sampleRateHz: number,
    signal: AbortSignal,
  ): AsyncGenerator<Heard, Int16Array<ArrayBuffer>> {
    const pieces = abortablePieces(audio, signal);
    const inMs = (samples: number): number => (samples / sampleRateHz) * 1000;
    const over = new AbortController();
    const soFar: Pcm[] = [];
    let length = 0;
    let looked = 0;
    let last = '';
    const look = async (): Promise<{ readonly text: string }> => {
      // What is there already is taken first: audio that comes all at once needs no look.
      await new Promise(setImmediate);
      if (over.signal.aborted) return { text: '' };
      looked = length;
      const samples = new Int16Array(concatPcm(soFar));
      const options = { signal: AbortSignal.any([signal, over.signal]), transfer: [samples.buffer] };
      // What goes wrong here goes wrong again, and is told, when it counts.
      const heard = await pool.runIfIdle({ samples, sampleRateHz }, options).catch(() => undefined);
      return { text: heard?.text ?? '' };
    };
    let next = pieces.next();
    let partial: Promise<{ readonly text: string }> | undefined;
    for (;;) {
      const came = await (partial ? Promise.race([next, partial]) : next);
      if ('text' in came) {
        partial = undefined;
        if (came.text !== '' && came.text !== last) yield { kind: 'partial', text: (last = came.text) };
      } else if (came.done) {
        over.abort();
        return new Int16Array(concatPcm(soFar));
      } else {
        soFar.push(came.value);
        length += came.value.length;
        if (inMs(length) > longestMs) throw rejected(`it is longer than ${longestMs / 1000} seconds`);
        next = pieces.next();
        next.catch(() => undefined);
        const isDue = inMs(length - looked) >= partialEveryMs && inMs(length) <= longestPartialMs;
        if (isDue) partial ??= look();
      }
    }
  }

  return {
    name: provider,
    can,
    listen,
    async warmUp(sets) {
      await Promise.all([pool.start(), ...sets.map((set) => store.get(set))]);
    },
    stats: () => pool.stats(),
    load: () => [{ provider, ...pool.stats() }],
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

function rejected(reason: string): ParleyError {
  return new ParleyError('stt-rejected', { provider, reason });
}
