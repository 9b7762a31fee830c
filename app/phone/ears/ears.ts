import type { Audio } from '../../audio/pcm.ts';
import { WorkerPool } from '../../speech/local/worker-pool.ts';
import type { EarsAnswer, EarsRequest, EarsSetup } from './worker.ts';

/** How a caller made of software understands what it hears. One instance serves every call. */
export interface Ears {
  /** What was said; '' for nothing. @throws ParleyError `stt-unavailable`, `speech-overloaded`; the signal's reason. */
  recognise(audio: Audio, options: { readonly signal: AbortSignal }): Promise<string>;
  /**
   * Whether one of the phrases was said, even when `recognise` writes something that sounds like it.
   * @returns what was said, with the phrase in it; undefined when none of them was said.
   * @throws as `recognise`.
   */
  spot(
    audio: Audio,
    phrases: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<string | undefined>;
  /** Gets ready ahead of the first call. Optional. @throws ParleyError `stt-unavailable`. */
  warmUp(): Promise<void>;
  /** Idempotent; rejects what is pending. */
  close(): Promise<void>;
}

export interface EarsOptions {
  /** Folder with Moonshine's encoder_model.onnx and decoder_model_merged.onnx. */
  readonly modelDir: string;
  readonly workers?: number;
  readonly queueLimit?: number;
}

/** Ears that are Moonshine tiny in worker threads: English. */
export function createEars(options: EarsOptions): Ears {
  const setup: EarsSetup = { modelDir: options.modelDir };
  const pool = new WorkerPool<EarsRequest, EarsAnswer>({
    provider: 'phone',
    unavailable: 'stt-unavailable',
    script: new URL('./worker.ts', import.meta.url),
    setup,
    workers: options.workers ?? 1,
    queueLimit: options.queueLimit ?? 256,
    givesWay: true,
  });
  const ask = (audio: Audio, phrases: readonly string[], signal: AbortSignal): Promise<EarsAnswer> => {
    const samples = audio.samples.slice();
    const request = { samples, sampleRateHz: audio.sampleRateHz, phrases };
    return pool.run(request, { signal, transfer: [samples.buffer] });
  };
  return {
    recognise: async (audio, { signal }) => (await ask(audio, [], signal)) ?? '',
    spot: async (audio, phrases, { signal }) =>
      phrases.length === 0 ? undefined : await ask(audio, phrases, signal),
    warmUp: () => pool.start(),
    close: () => pool.close(),
  };
}
