import { fromDb, fullScale } from '../../audio/level.ts';
import { clip16 } from '../../audio/mix.ts';
import type { Pcm } from '../../audio/pcm.ts';

/** Samples while sounds are made of them: any magnitude, no steps. */
export type Wave = Float64Array;

/**
 * A band-pass of second order with 0 dB at its centre (R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter
 * coefficients).
 * @param q centre frequency by bandwidth.
 */
export function bandPass(wave: Wave, sampleRateHz: number, centreHz: number, q: number): Wave {
  const angle = (2 * Math.PI * centreHz) / sampleRateHz;
  const alpha = Math.sin(angle) / (2 * q);
  const feedBack1 = (-2 * Math.cos(angle)) / (1 + alpha);
  const feedBack2 = (1 - alpha) / (1 + alpha);
  const forward = alpha / (1 + alpha);
  let [in1, in2, out1, out2] = [0, 0, 0, 0];
  return wave.map((value) => {
    const filtered = forward * (value - in2) - feedBack1 * out1 - feedBack2 * out2;
    [in1, in2, out1, out2] = [value, in1, filtered, out1];
    return filtered;
  });
}

/** A low-pass of first order. */
export function lowPass(wave: Wave, sampleRateHz: number, cutOffHz: number): Wave {
  const keep = Math.exp((-2 * Math.PI * cutOffHz) / sampleRateHz);
  let last = 0;
  return wave.map((value) => (last = keep * last + (1 - keep) * value));
}

/** Adds waves of one length, each multiplied. */
export function blend(...parts: readonly (readonly [wave: Wave, factor: number])[]): Wave {
  const [first] = parts;
  return new Float64Array(first?.[0].length ?? 0).map((_, i) =>
    parts.reduce((sum, [wave, factor]) => sum + factor * (wave[i] ?? 0), 0),
  );
}

/** As PCM whose RMS is `levelDbfs`, or less where its peaks would be clipped. */
export function toPcm(wave: Wave, levelDbfs: number): Pcm {
  const rms = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0) / (wave.length || 1));
  const peak = wave.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const factor = peak === 0 ? 0 : fullScale * Math.min(fromDb(levelDbfs) / rms, 0.9 / peak);
  return Int16Array.from(wave, (value) => clip16(value * factor));
}
