import type { Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import { abortablePieces } from '../abortable.ts';
import type { Heard, ListenOptions, SpeechToText } from '../spec.ts';
import { StreamPool } from '../streaming/stream-pool.ts';
import type { HearRequest } from './hearing.ts';
import { findSttModel } from './models.ts';
import { requireSherpa, sherpaModule } from './native.ts';
import type { SherpaSetup } from './worker.ts';

export interface SherpaOptions {
  /** Folder with the weights. */
  readonly dir: string | undefined;
  /** The language of the weights. */
  readonly language: string;
  /** Threads inside the library for each utterance or sentence. */
  readonly threads: number;
  /** Worker threads, each with the weights in memory. */
  readonly workers?: number;
  readonly queueLimit?: number;
  /** What to load; a test may put its own module here. */
  readonly module?: string;
}

const provider = 'sherpa';

export const sherpaSttCan = {
  phrases: false,
  sampleRatesHz: [16_000, 8_000],
} as const satisfies Partial<SpeechToText['can']>;

/**
 * sherpa-onnx in worker threads, with weights that the operator has downloaded: a streaming transducer tells what it
 * hears as it hears it; an offline transducer, Whisper and Moonshine hear an utterance when it is over.
 * @throws ParleyError `provider-not-configured`, `sherpa-folder`, `sherpa-missing`.
 */
export function createSherpaStt(options: SherpaOptions): SpeechToText {
  const { dir, language, threads, workers = 1, queueLimit = 64, module = sherpaModule } = options;
  if (dir === undefined)
    throw new ParleyError('provider-not-configured', {
      kind: 'stt',
      name: provider,
      fields: 'speech.sherpa.sttDir',
    });
  const model = findSttModel(dir);
  requireSherpa(module);
  const can: SpeechToText['can'] = {
    ...sherpaSttCan,
    interim: model.kind === 'streaming-transducer',
    languages: languagesLike(language),
  };
  const setup: SherpaSetup = { kind: 'stt', module, model, threads, language: baseOf(language) };
  const pool = new StreamPool<HearRequest, Pcm, Heard>({
    provider,
    unavailable: 'stt-unavailable',
    script: new URL('./worker.ts', import.meta.url),
    setup,
    workers,
    limit: queueLimit,
  });
  return {
    name: provider,
    can,
    listen: (audio, listenOptions) => listen(pool, can, audio, listenOptions),
    warmUp: () => pool.start(),
    load: () => [pool.load()],
    close: () => pool.close(),
  };
}

async function* listen(
  pool: StreamPool<HearRequest, Pcm, Heard>,
  can: SpeechToText['can'],
  audio: AsyncIterable<Pcm>,
  { sampleRateHz, language, signal, onEngine }: ListenOptions,
): AsyncGenerator<Heard> {
  signal.throwIfAborted();
  const refuse = (reason: string): never => {
    throw new ParleyError('stt-rejected', { provider, reason });
  };
  if (!can.languages.includes(language)) refuse(`it does not know ${language}`);
  if (!can.sampleRatesHz.includes(sampleRateHz)) refuse(`it does not take ${sampleRateHz} Hz`);
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const stream = pool.open({ sampleRateHz }, { signal: either });
  const feed = async (): Promise<void> => {
    for await (const piece of abortablePieces(audio, either)) {
      const copy = piece.slice();
      stream.input(copy, [copy.buffer]);
    }
    stream.end();
  };
  // What goes wrong with the audio ends the utterance, with what went wrong.
  const feeding = feed().catch((error: unknown) => broken.abort(error));
  try {
    for await (const heard of stream.outputs()) {
      if (heard.kind === 'final') onEngine?.(provider);
      yield heard;
    }
  } finally {
    broken.abort();
    await feeding;
  }
}

/** A language and, for calls that name no country, its beginning: `en-GB`, `en`. */
export function languagesLike(language: string): string[] {
  return [...new Set([language, baseOf(language)])];
}

function baseOf(language: string): string {
  return language.split('-', 1)[0] ?? language;
}
