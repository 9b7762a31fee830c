import { rmsDbfs } from './level.ts';
import type { Pcm } from './pcm.ts';

const windowMs = 10;
/** Words in the stream of speech are told apart by short dips rather than by silence. */
const lookBackMs = 600;

/**
 * Where the word begins that is being said at `atMs`, in samples: after the quietest place shortly before it. Without
 * the text that is a guess, and near enough for a voice that goes on after it was cut.
 */
export function wordStart(samples: Pcm, sampleRateHz: number, atMs: number): number {
  const window = Math.round((sampleRateHz * windowMs) / 1000);
  const last = Math.min(samples.length, Math.round((sampleRateHz * atMs) / 1000));
  const first = Math.max(0, last - Math.round((sampleRateHz * lookBackMs) / 1000));
  let quietest = first;
  let lowest = Infinity;
  for (let at = first; at + window <= last; at += window) {
    const level = rmsDbfs(samples.subarray(at, at + window));
    // Of places that are as quiet the latest, so that as little as possible is said twice.
    if (level > lowest) continue;
    lowest = level;
    quietest = at;
  }
  return quietest;
}
