import { clip16 } from '../../audio/mix.ts';
import type { Audio, Pcm } from '../../audio/pcm.ts';

/** Windows that overlap by half, and how far one may be moved to fit the one before. */
const windowMs = 30;
const searchMs = 8;

/**
 * Speech at another speed and the same pitch: overlapped windows, each taken from where it goes on best (WSOLA: W. Verhelst,
 * M. Roelands, ICASSP 1993).
 * @param speed 1 is as it was, 1.2 a fifth faster.
 */
export function atSpeed({ samples, sampleRateHz }: Audio, speed: number): Pcm {
  if (speed === 1) return samples;
  const half = Math.round((windowMs * sampleRateHz) / 2000);
  const reach = Math.round((searchMs * sampleRateHz) / 1000);
  const made = new Float64Array(Math.round(samples.length / speed) + 2 * half);
  const rise = Float64Array.from(
    { length: half },
    (_, i) => Math.sin((Math.PI * (i + 0.5)) / (2 * half)) ** 2,
  );
  /** Where the window before was taken from. */
  let before = 0;
  for (let to = 0; to + 2 * half <= made.length; to += half) {
    const wanted = Math.round(to * speed);
    const from = to === 0 ? 0 : bestStart(samples, before + half, wanted, half, reach);
    for (let i = 0; i < 2 * half; i++) {
      const weight = rise[i < half ? i : 2 * half - 1 - i] ?? 0;
      made[to + i] = (made[to + i] ?? 0) + (to === 0 && i < half ? 1 : weight) * (samples[from + i] ?? 0);
    }
    before = from;
  }
  return Int16Array.from(made.subarray(0, Math.round(samples.length / speed)), clip16);
}

/** The start near `wanted` from which the samples are most like those from `natural`, which would go on without a seam. */
function bestStart(samples: Pcm, natural: number, wanted: number, length: number, reach: number): number {
  let best = { start: wanted, likeness: -Infinity };
  for (let start = Math.max(0, wanted - reach); start <= wanted + reach; start++) {
    let product = 0;
    let power = 1;
    for (let i = 0; i < length; i += 2) {
      const value = samples[start + i] ?? 0;
      product += value * (samples[natural + i] ?? 0);
      power += value * value;
    }
    const likeness = product / Math.sqrt(power);
    if (likeness > best.likeness) best = { start, likeness };
  }
  return best.start;
}
