import type { Pcm } from '../../../audio/pcm.ts';
import { rmsDbfs } from '../../../audio/level.ts';

const windowMs = 100;
const stepMs = 50;

/**
 * Cuts long audio into pieces of at most `longestMs`, each cut in the quietest tenth of a second of the piece's second
 * half. Views on the original samples; together they are all of it.
 */
export function splitAtPauses(samples: Pcm, sampleRateHz: number, longestMs: number): Pcm[] {
  const longest = Math.floor((longestMs * sampleRateHz) / 1000);
  const window = Math.floor((windowMs * sampleRateHz) / 1000);
  const step = Math.floor((stepMs * sampleRateHz) / 1000);
  const pieces: Pcm[] = [];
  let rest = samples;
  while (rest.length > longest) {
    let cut = longest;
    let quietest = Infinity;
    for (let at = Math.floor(longest / 2); at + window <= longest; at += step) {
      const level = rmsDbfs(rest.subarray(at, at + window));
      if (level < quietest) {
        quietest = level;
        cut = at + Math.floor(window / 2);
      }
    }
    pieces.push(rest.subarray(0, cut));
    rest = rest.subarray(cut);
  }
  return [...pieces, rest];
}
