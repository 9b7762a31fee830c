import type { Pcm } from './pcm.ts';

/**
 * G.711, the telephone's 8-bit code, by the formulas of ITU-T G.711 (tables 1 and 2, with the even bits of A-law
 * inverted and all bits of mu-law inverted, as they are on the wire).
 */

const muLawBias = 0x84;
const muLawClip = 32_635;

function muLawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const segment = (bits >> 4) & 0x07;
  const magnitude = (((bits & 0x0f) << 3) + muLawBias) << segment;
  return bits & 0x80 ? muLawBias - magnitude : magnitude - muLawBias;
}

function linearToMuLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), muLawClip) + muLawBias;
  // The highest set bit (7 to 14) names the segment, the four bits below it the step.
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  return ~(sign | (segment << 4) | step) & 0xff;
}

function aLawToLinear(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 0x07;
  const step = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function linearToALaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  // One's complement for negative samples, so that -1 and 0 are mirror images.
  const magnitude = sample >= 0 ? sample : -sample - 1;
  const segment = magnitude < 256 ? 0 : 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return (sign | (segment << 4) | step) ^ 0x55;
}

const muLawTable = Int16Array.from({ length: 256 }, (_, code) => muLawToLinear(code));
const aLawTable = Int16Array.from({ length: 256 }, (_, code) => aLawToLinear(code));

function decode(table: Int16Array, bytes: Uint8Array): Pcm {
  const samples = new Int16Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) samples[i] = table[bytes[i] ?? 0] ?? 0;
  return samples;
}

function encode(code: (sample: number) => number, samples: Pcm): Uint8Array {
  const bytes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) bytes[i] = code(samples[i] ?? 0);
  return bytes;
}

export function decodeMuLaw(bytes: Uint8Array): Pcm {
  return decode(muLawTable, bytes);
}

export function encodeMuLaw(samples: Pcm): Uint8Array {
  return encode(linearToMuLaw, samples);
}

export function decodeALaw(bytes: Uint8Array): Pcm {
  return decode(aLawTable, bytes);
}

export function encodeALaw(samples: Pcm): Uint8Array {
  return encode(linearToALaw, samples);
}
