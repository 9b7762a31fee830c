import { rmsDbfs } from './level.ts';
import type { Pcm } from './pcm.ts';

export interface TrimOptions {
  /** A window is silent when its RMS lies below this. */
  readonly thresholdDbfs?: number;
  readonly windowMs?: number;
}

/** What is left between leading and trailing silence: `from` and `to` are sample positions in the original. */
export interface Trimmed {
  /** A view on the original samples. Empty when all of it is silent. */
  readonly samples: Pcm;
  readonly from: number;
  readonly to: number;
}

/** Cuts leading and trailing silence, in whole windows (the last window may be short). Pauses inside stay. */
export function trimSilence(samples: Pcm, sampleRateHz: number, options: TrimOptions = {}): Trimmed {
  const { thresholdDbfs = -50, windowMs = 10 } = options;
  const window = Math.max(1, Math.round((sampleRateHz * windowMs) / 1000));
  const isSilent = (start: number): boolean =>
    rmsDbfs(samples.subarray(start, start + window)) < thresholdDbfs;

  let from = 0;
  while (from < samples.length && isSilent(from)) from += window;
  if (from >= samples.length) return { samples: samples.subarray(0, 0), from: 0, to: 0 };

  let last = Math.floor((samples.length - 1) / window) * window;
  while (last > from && isSilent(last)) last -= window;
  const to = Math.min(last + window, samples.length);
  return { samples: samples.subarray(from, to), from, to };
}
