import type { Pcm } from './pcm.ts';

/** The largest magnitude of a 16-bit sample; 0 dBFS. */
export const fullScale = 32_768;

/** Magnitude 0 to 1 as dBFS; -Infinity for 0. */
function toDbfs(magnitude: number): number {
  return 20 * Math.log10(magnitude);
}

export function fromDb(db: number): number {
  return 10 ** (db / 20);
}

/** Root mean square in dBFS, where 0 is a square wave at full scale; -Infinity for silence and for no samples. */
export function rmsDbfs(samples: Pcm): number {
  if (samples.length === 0) return -Infinity;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return toDbfs(Math.sqrt(sum / samples.length) / fullScale);
}

/** The loudest sample in dBFS; -Infinity for silence and for no samples. */
export function peakDbfs(samples: Pcm): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return toDbfs(peak / fullScale);
}
