import { fromDb, fullScale, rmsDbfs } from './level.ts';
import { concatPcm, type Pcm } from './pcm.ts';

/** Rounds and limits to 16 bits. */
export function clip16(value: number): number {
  return Math.max(-fullScale, Math.min(fullScale - 1, Math.round(value)));
}

export function gain(samples: Pcm, db: number): Pcm {
  const factor = fromDb(db);
  return samples.map((sample) => clip16(sample * factor));
}

export function silence(durationMs: number, sampleRateHz: number): Pcm {
  return new Int16Array(Math.round((durationMs * sampleRateHz) / 1000));
}

/** A sine whose RMS is `levelDbfs`. */
export function tone(frequencyHz: number, durationMs: number, sampleRateHz: number, levelDbfs = -20): Pcm {
  const amplitude = fromDb(levelDbfs) * Math.SQRT2 * fullScale;
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  return silence(durationMs, sampleRateHz).map((_, i) => clip16(amplitude * Math.sin(step * i)));
}

/** Pseudo-random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** White noise whose RMS is `levelDbfs`; the same for the same seed. */
export function whiteNoise(durationMs: number, sampleRateHz: number, levelDbfs = -40, seed = 1): Pcm {
  const random = seededRandom(seed);
  // A uniform distribution from -a to a has the RMS a / sqrt(3).
  const amplitude = fromDb(levelDbfs) * Math.sqrt(3) * fullScale;
  return silence(durationMs, sampleRateHz).map(() => clip16(amplitude * (2 * random() - 1)));
}

/** Adds two pieces sample by sample, limited to 16 bits; as long as the longer one. */
export function mix(one: Pcm, other: Pcm): Pcm {
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  return long.map((sample, i) => clip16(sample + (short[i] ?? 0)));
}

/** Adds noise (repeated when it is shorter) so that speech stands `snrDb` above it, both measured as RMS of the whole. */
export function addNoise(speech: Pcm, noise: Pcm, snrDb: number): Pcm {
  if (noise.length === 0 || speech.length === 0) return speech.slice();
  const factor = fromDb(rmsDbfs(speech) - rmsDbfs(noise) - snrDb);
  return speech.map((sample, i) => clip16(sample + (noise[i % noise.length] ?? 0) * factor));
}

/** Joins pieces with a pause between each two. */
export function joinWithPauses(pieces: readonly Pcm[], pauseMs: number, sampleRateHz: number): Pcm {
  const pause = silence(pauseMs, sampleRateHz);
  return concatPcm(pieces.flatMap((piece, i) => (i === 0 ? [piece] : [pause, piece])));
}
