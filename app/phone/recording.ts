import { readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pcm } from '../audio/pcm.ts';
import { monoOf, readWav, writeWav } from '../audio/wav.ts';
import { ParleyError } from '../errors.ts';
import type { Span, Tracks } from './turn-times.ts';

/** What was heard and said in a call, by the phone's own recorder: both sides sample-aligned, from the moment of the answer. */
export interface CallRecording extends Tracks {
  /** From the INVITE to the first sample. */
  readonly startMs: number;
  /** When the caller spoke or pressed digits, in milliseconds of the recording. */
  readonly turns: readonly Span[];
}

/** As a WAV file: the caller left, the other side right. */
export function toStereoWav(tracks: Tracks): Buffer {
  return writeWav({ sampleRateHz: tracks.sampleRateHz, channels: [tracks.caller, tracks.bot] });
}

const pollMs = 10;
const deadlineMs = 3_000;
const headerBytes = 44;

/**
 * Reads a file of Asterisk's recorder once it is complete, and removes it: the recorder writes the true length into
 * the header when it has written everything else. Silence when the call was over before the recorder began.
 * @throws ParleyError `audio-invalid`.
 */
export async function takeRecordedFile(file: string): Promise<Pcm> {
  try {
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      if (await isComplete(file)) break;
      if (waitedMs >= deadlineMs) {
        if ((await sizeOf(file)) === undefined) return new Int16Array(0);
        throw new ParleyError('audio-invalid', { what: 'the call’s recording', reason: 'it does not end' });
      }
      await delay(pollMs);
    }
    return monoOf(readWav(await readFile(file), 'the call’s recording')).samples;
  } finally {
    await rm(file, { force: true });
  }
}

async function isComplete(file: string): Promise<boolean> {
  const size = await sizeOf(file);
  if (size === undefined || size <= headerBytes) return false;
  const bytes = await readFile(file);
  // RIFF WAVE: the length of the data stands before them, at byte 40 of the header that Asterisk writes.
  return bytes.readUInt32LE(headerBytes - 4) === bytes.length - headerBytes;
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
