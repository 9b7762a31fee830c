import { rmsDbfs } from '../audio/level.ts';
import type { Pcm } from '../audio/pcm.ts';

export interface SoundOptions {
  /** A window sounds when its RMS lies above this. A telephone line without noise: speech lies 20 dB above, G.711's own silence 15 dB below. */
  readonly thresholdDbfs?: number;
  readonly windowMs?: number;
  /** Sounds with a shorter pause between them are one: the stop inside a word takes up to 150 ms. */
  readonly joinMs?: number;
  /** Shorter ones are clicks. */
  readonly shortestMs?: number;
}

/** From and to as sample positions. */
export interface Sound {
  readonly from: number;
  readonly to: number;
}

export const soundThresholdDbfs = -50;

/** Where there is sound on a line without noise: speech, tones, music. In order, to the accuracy of one window. */
export function findSounds(samples: Pcm, sampleRateHz: number, options: SoundOptions = {}): Sound[] {
  const { thresholdDbfs = soundThresholdDbfs, windowMs = 10, joinMs = 200, shortestMs = 30 } = options;
  const inSamples = (ms: number): number => Math.round((sampleRateHz * ms) / 1000);
  const window = Math.max(1, inSamples(windowMs));
  const sounds: { from: number; to: number }[] = [];
  for (let from = 0; from < samples.length; from += window) {
    const to = Math.min(from + window, samples.length);
    if (rmsDbfs(samples.subarray(from, to)) < thresholdDbfs) continue;
    const last = sounds.at(-1);
    if (last && from - last.to < inSamples(joinMs)) last.to = to;
    else sounds.push({ from, to });
  }
  return sounds.filter(({ from, to }) => to - from >= inSamples(shortestMs));
}
