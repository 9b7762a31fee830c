import type { Audio, Pcm } from '../../audio/pcm.ts';
import { sliceMs } from '../../audio/pcm.ts';
import { findSounds } from '../sounds.ts';
import type { Span } from '../turn-times.ts';

/** Of its head and its tail so much is compared. */
const excerptMs = 300;
/** A recording may lie so far beside the clock. */
const searchMs = 2_500;
/** Samples that are taken as one: what is left, up to 1 kHz, is most of speech, and half a millisecond is near enough. */
const thinning = 4;
const leastLikeness = 0.4;

/**
 * Where in a recording something was played: its first and its last sound, by comparing samples. So it is found under
 * noise, too, where levels tell nothing.
 * @param nearMs about when it began.
 * @returns undefined when it is not in there.
 */
export function locate(played: Audio, recorded: Audio, nearMs: number): Span | undefined {
  const sounds = findSounds(played.samples, played.sampleRateHz);
  const inMs = (position: number): number => (position / played.sampleRateHz) * 1000;
  const startMs = inMs(sounds[0]?.from ?? 0);
  const endMs = inMs(sounds.at(-1)?.to ?? 0);
  if (endMs === startMs) return undefined;
  const head = sliceMs(played, startMs, Math.min(endMs, startMs + excerptMs));
  const fromMs = find(head, recorded, nearMs + startMs, searchMs);
  if (fromMs === undefined) return undefined;
  // On a busy machine there may be a hole between the two.
  const tailStartMs = Math.max(startMs, endMs - excerptMs);
  const tail = sliceMs(played, tailStartMs, endMs);
  const tailMs = find(tail, recorded, fromMs + tailStartMs - startMs, excerptMs);
  return { fromMs, toMs: (tailMs ?? fromMs + tailStartMs - startMs) + endMs - tailStartMs };
}

function find(excerpt: Audio, recorded: Audio, nearMs: number, reachMs: number): number | undefined {
  const firstMs = Math.max(0, nearMs - reachMs);
  const lengthMs = (excerpt.samples.length / excerpt.sampleRateHz) * 1000;
  const wanted = thinned(excerpt.samples);
  const searched = thinned(sliceMs(recorded, firstMs, nearMs + reachMs + lengthMs).samples);
  let best = { at: 0, likeness: leastLikeness };
  for (let at = 0; at + wanted.length <= searched.length; at++) {
    let product = 0;
    let one = 0;
    let other = 1;
    for (let i = 0; i < wanted.length; i++) {
      const a = wanted[i] ?? 0;
      const b = searched[at + i] ?? 0;
      product += a * b;
      one += a * a;
      other += b * b;
    }
    const likeness = product / Math.sqrt(one * other || 1);
    if (likeness > best.likeness) best = { at, likeness };
  }
  if (best.likeness === leastLikeness) return undefined;
  return firstMs + (best.at * thinning * 1000) / recorded.sampleRateHz;
}

function thinned(samples: Pcm): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / thinning) }, (_, i) =>
    samples.subarray(i * thinning, (i + 1) * thinning).reduce((sum, sample) => sum + sample, 0),
  );
}
