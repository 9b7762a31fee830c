import { ParleyError } from '../errors.ts';
import { decodeALaw, decodeMuLaw } from './g711.ts';
import { clip16 } from './mix.ts';
import { bytesToPcm, pcmToBytes, type Audio, type Pcm } from './pcm.ts';

/**
 * RIFF WAVE files. Layout: 'RIFF' size 'WAVE', then chunks of a four-letter name, a 32-bit little-endian length and that
 * many bytes, padded to an even number. `fmt ` holds: format tag, channels (16 bits each), samples per second, bytes per
 * second (32), bytes per frame, bits per sample (16), and for WAVE_FORMAT_EXTENSIBLE the real tag at offset 24.
 */

export interface Wav {
  readonly sampleRateHz: number;
  /** One piece of PCM per channel, all of the same length. */
  readonly channels: readonly Pcm[];
}

const formatTag = { pcm: 1, aLaw: 6, muLaw: 7, extensible: 0xfffe } as const;

interface Format {
  readonly tag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bits: number;
}

/**
 * Reads 8- and 16-bit PCM, mu-law and A-law. A data length of 0 or more than there is (what a stream whose end was not
 * known writes) means: to the end of the file.
 * @param what what the audio is of, for the error's sentence.
 * @throws ParleyError `audio-invalid`.
 */
export function readWav(bytes: Uint8Array, what = 'the WAV file'): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refuse = (reason: string): never => {
    throw new ParleyError('audio-invalid', { what, reason });
  };
  if (bytes.length < 12 || nameAt(bytes, 0) !== 'RIFF' || nameAt(bytes, 8) !== 'WAVE')
    return refuse('it does not begin like a WAV file');

  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = nameAt(bytes, at);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') {
      if (length < 16 || start + length > bytes.length) return refuse('its format chunk is cut short');
      format = readFormat(view, start, length);
    } else if (name === 'data') {
      if (!format) return refuse('its data come before its format');
      const open = length === 0 || start + length > bytes.length;
      return deinterleave(bytes.subarray(start, open ? bytes.length : start + length), format, refuse);
    }
    at = start + length + (length & 1);
  }
  return refuse('it holds no audio');
}

/** The channels' mean, or one of them. */
export function monoOf(wav: Wav, channel: number | 'mean' = 'mean'): Audio {
  const { channels, sampleRateHz } = wav;
  const [first = new Int16Array(0)] = channels;
  if (channel !== 'mean') return { samples: channels[channel] ?? new Int16Array(0), sampleRateHz };
  if (channels.length <= 1) return { samples: first, sampleRateHz };
  const samples = first.map((_, i) =>
    clip16(channels.reduce((sum, one) => sum + (one[i] ?? 0), 0) / channels.length),
  );
  return { samples, sampleRateHz };
}

/** `readWav` and `monoOf` in one. @throws ParleyError `audio-invalid`. */
export function readMonoWav(bytes: Uint8Array, what?: string): Audio {
  return monoOf(readWav(bytes, what));
}

/** Writes 16-bit PCM; channels of different lengths are filled up with silence. */
export function writeWav(wav: Wav | Audio): Buffer {
  const channels = 'channels' in wav ? wav.channels : [wav.samples];
  const frames = channels.reduce((longest, channel) => Math.max(longest, channel.length), 0);
  const interleaved = new Int16Array(frames * channels.length);
  channels.forEach((samples, offset) => {
    for (let i = 0; i < samples.length; i++) interleaved[i * channels.length + offset] = samples[i] ?? 0;
  });
  const data = pcmToBytes(interleaved);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(formatTag.pcm, 20);
  header.writeUInt16LE(channels.length, 22);
  header.writeUInt32LE(wav.sampleRateHz, 24);
  header.writeUInt32LE(wav.sampleRateHz * channels.length * 2, 28);
  header.writeUInt16LE(channels.length * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function nameAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function readFormat(view: DataView, start: number, length: number): Format {
  const tag = view.getUint16(start, true);
  return {
    tag: tag === formatTag.extensible && length >= 26 ? view.getUint16(start + 24, true) : tag,
    channels: view.getUint16(start + 2, true),
    sampleRateHz: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  };
}

function deinterleave(data: Uint8Array, format: Format, refuse: (reason: string) => never): Wav {
  const { channels: count, sampleRateHz } = format;
  if (count < 1 || count > 16) refuse(`it has ${count} channels`);
  if (sampleRateHz < 1_000 || sampleRateHz > 384_000) refuse(`its sample rate is ${sampleRateHz} Hz`);
  const all = toPcm(data, format) ?? refuse(`its coding (tag ${format.tag}, ${format.bits} bits) is unknown`);
  const frames = Math.floor(all.length / count);
  const channels = Array.from({ length: count }, (_, channel) =>
    count === 1 ? all : new Int16Array(frames).map((_sample, i) => all[i * count + channel] ?? 0),
  );
  return { sampleRateHz, channels };
}

function toPcm(data: Uint8Array, { tag, bits }: Format): Pcm | undefined {
  if (tag === formatTag.pcm && bits === 16) return bytesToPcm(data);
  // 8-bit PCM is unsigned, with 128 for silence.
  if (tag === formatTag.pcm && bits === 8) return Int16Array.from(data, (byte) => (byte - 128) << 8);
  if (tag === formatTag.muLaw && bits === 8) return decodeMuLaw(data);
  if (tag === formatTag.aLaw && bits === 8) return decodeALaw(data);
  return undefined;
}
