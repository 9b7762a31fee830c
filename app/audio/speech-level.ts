import { rmsDbfs } from './level.ts';
import type { Pcm } from './pcm.ts';

const windowMs = 20;
/** Windows this far under the loudest are pauses between words. */
const rangeDb = 20;

/** How loud the speech in it is, pauses left out: RMS in dBFS of the windows near the loudest; -Infinity for silence. */
export function speechLevelDbfs(samples: Pcm, sampleRateHz: number): number {
  const window = Math.max(1, Math.round((sampleRateHz * windowMs) / 1000));
  const levels: number[] = [];
  for (let at = 0; at < samples.length; at += window) levels.push(rmsDbfs(samples.subarray(at, at + window)));
  const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity);
  if (loudest === -Infinity) return -Infinity;
  const spoken = levels.filter((level) => level > loudest - rangeDb);
  return 10 * Math.log10(spoken.reduce((sum, level) => sum + 10 ** (level / 10), 0) / spoken.length);
}
