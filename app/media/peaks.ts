import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { channels, headerBytes } from './growing-wav.ts';

/** How loud each of equally long pieces of a recording gets, 0 to 1 with three decimals; left and right. */
export interface StereoPeaks {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

const frameBytes = channels * 2;

/**
 * Reads through a recording of `GrowingWav`, in pieces, so that nobody waits for a long one.
 * @param count of pieces.
 * @throws what reading a file throws; the signal's reason.
 */
export async function peaksOf(
  file: string,
  count: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<StereoPeaks> {
  const { size } = await stat(file);
  const frames = Math.max(0, Math.floor((size - headerBytes) / frameBytes));
  const peaks = [new Uint16Array(count), new Uint16Array(count)] as const;
  let frame = 0;
  let left: Buffer = Buffer.alloc(0);
  const end = headerBytes + frames * frameBytes - 1;
  if (frames > 0) {
    for await (const piece of createReadStream(file, { start: headerBytes, end, signal })) {
      const bytes = left.length === 0 ? (piece as Buffer) : Buffer.concat([left, piece as Buffer]);
      const whole = bytes.length - (bytes.length % frameBytes);
      for (let at = 0; at < whole; at += frameBytes, frame++) {
        const place = Math.floor((frame * count) / frames);
        for (const [channel, loudest] of peaks.entries()) {
          const loud = Math.abs(bytes.readInt16LE(at + channel * 2));
          if (loud > (loudest[place] ?? 0)) loudest[place] = loud;
        }
      }
      left = bytes.subarray(whole);
    }
  }
  const [one, other] = peaks.map((loudest) => Array.from(loudest, toUnit));
  return { left: one ?? [], right: other ?? [] };
}

function toUnit(loud: number): number {
  return Math.round((loud / 32_768) * 1_000) / 1_000;
}
