import { readFile, rm } from 'node:fs/promises';
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
const deadlineMs = 5_000;
/** A file that holds nothing after so long will not: the call was over before the recorder began. */
const emptyAfterMs = 500;
const headerBytes = 44;

/**
 * Reads a file of Asterisk's recorder once it is complete, and removes it: the recorder writes the true length into
 * the header when it has written everything else. Silence when the call was over before the recorder began.
 * @throws ParleyError `audio-invalid`.
 */
export async function takeRecordedFile(file: string): Promise<Pcm> {
  try {
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      const bytes = await readFile(file).catch(() => new Uint8Array(0));
      if (bytes.length > headerBytes && isComplete(bytes))
        return monoOf(readWav(bytes, 'the call’s recording')).samples;
      if (bytes.length <= headerBytes && waitedMs >= emptyAfterMs) return new Int16Array(0);
      if (waitedMs >= deadlineMs)
        throw new ParleyError('audio-invalid', { what: 'the call’s recording', reason: 'it does not end' });
      await delay(pollMs);
    }
  } finally {
    await rm(file, { force: true });
  }
}

/** RIFF WAVE: the length of the data stands before them, at byte 40 of the header that Asterisk writes. */
function isComplete(bytes: Uint8Array): boolean {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(
    headerBytes - 4,
    true,
  );
  return length === bytes.length - headerBytes;
}
