/** 16-bit signed mono PCM. The sample rate always travels beside it, in a field whose name ends in `sampleRateHz`. */
export type Pcm = Int16Array;

/** A whole piece of audio with its rate. */
export interface Audio {
  readonly samples: Pcm;
  readonly sampleRateHz: number;
}

export function durationMs(audio: Audio): number {
  return (audio.samples.length / audio.sampleRateHz) * 1000;
}

/** Joins pieces of PCM that have the same rate. */
export function concatPcm(pieces: readonly Pcm[]): Pcm {
  const joined = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** PCM as little-endian bytes, a view where the machine is little-endian (all that Parley runs on are). */
export function pcmToBytes(samples: Pcm): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Little-endian bytes as PCM; an odd last byte is left out. Copies, so that any alignment will do. */
export function bytesToPcm(bytes: Uint8Array): Pcm {
  const copy = new Uint8Array(bytes.byteLength & ~1);
  copy.set(bytes.subarray(0, copy.length));
  return new Int16Array(copy.buffer);
}

/** The part of it from `fromMs` to `toMs`; what lies outside the audio is left out. */
export function sliceMs(audio: Audio, fromMs: number, toMs = Infinity): Audio {
  const at = (ms: number): number =>
    Math.max(0, Math.min(audio.samples.length, Math.round((ms / 1000) * audio.sampleRateHz)));
  return { samples: audio.samples.subarray(at(fromMs), at(toMs)), sampleRateHz: audio.sampleRateHz };
}
