import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../app/audio/g711.ts';

/** Code words and their values, from ITU-T G.711 (14- and 13-bit values there, brought to 16 bits). */
const muLaw: readonly (readonly [code: number, sample: number])[] = [
  [0xff, 0],
  [0x7f, 0],
  [0xfe, 8],
  [0x7e, -8],
  [0x80, 32_124],
  [0x00, -32_124],
  [0xef, 132],
  [0x6f, -132],
];
const aLaw: readonly (readonly [code: number, sample: number])[] = [
  [0xd5, 8],
  [0x55, -8],
  [0xaa, 32_256],
  [0x2a, -32_256],
  [0xd4, 24],
  [0xc5, 264],
];

for (const [name, table, decode, encode] of [
  ['mu-law', muLaw, decodeMuLaw, encodeMuLaw],
  ['A-law', aLaw, decodeALaw, encodeALaw],
] as const) {
  test(`${name} code words have the values of the recommendation`, () => {
    for (const [code, sample] of table) assert.deepEqual(decode(Uint8Array.of(code)), Int16Array.of(sample));
  });

  test(`every ${name} code word survives decoding and encoding`, () => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    const again = decode(encode(decode(codes)));
    assert.deepEqual(again, decode(codes));
  });

  test(`${name} is as near to every 16-bit sample as its steps allow`, () => {
    const samples = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    const decoded = decode(encode(samples));
    samples.forEach((sample, i) => {
      const clipped = Math.max(-32_635, Math.min(32_635, sample));
      const off = Math.abs((decoded[i] ?? 0) - clipped);
      // 16 steps to each doubling, which begins 132 under zero in mu-law.
      assert.ok(off <= Math.max(16, (Math.abs(clipped) + 132) / 32), `${sample} became ${decoded[i] ?? 0}`);
    });
  });
}
