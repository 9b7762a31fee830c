import type { Pcm } from '../audio/pcm.ts';

const windowMs = 20;
/** Share of a window's power that lies at the frequency. */
const pureShare = 0.7;
/** About -47 dBFS: quieter windows count as silence. */
const quietPower = 20_000;

export interface ToneFound {
  /** How much of the tone there is. */
  readonly totalMs: number;
  /** Where it begins; undefined when there is none. */
  readonly fromMs: number | undefined;
}

/** Finds a tone in audio, in windows of 20 ms of which most of the power is at `frequencyHz` (Goertzel's algorithm). */
export function findTone(samples: Pcm, sampleRateHz: number, frequencyHz: number): ToneFound {
  const length = (sampleRateHz * windowMs) / 1000;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz);
  let totalMs = 0;
  let fromMs: number | undefined;
  for (let start = 0; start + length <= samples.length; start += length) {
    let [before, last, power] = [0, 0, 0];
    for (let i = start; i < start + length; i++) {
      const sample = samples[i] ?? 0;
      [before, last] = [last, sample + coefficient * last - before];
      power += sample * sample;
    }
    const atTone = (before * before + last * last - coefficient * before * last) / (length / 2);
    if (power / length < quietPower || atTone < pureShare * power) continue;
    totalMs += windowMs;
    fromMs ??= (start / sampleRateHz) * 1000;
  }
  return { totalMs, fromMs };
}
