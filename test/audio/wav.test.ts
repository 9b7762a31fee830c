import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeALaw, encodeMuLaw } from '../../app/audio/g711.ts';
import { tone } from '../../app/audio/mix.ts';
import { pcmToBytes } from '../../app/audio/pcm.ts';
import { monoOf, readMonoWav, readWav, writeWav } from '../../app/audio/wav.ts';
import { hasCode } from '../../app/errors.ts';

const speech = tone(440, 100, 8_000);

interface Parts {
  readonly tag?: number;
  readonly channels?: number;
  readonly bits?: number;
  readonly rateHz?: number;
  readonly data?: Uint8Array;
  /** What the data chunk says its length is. */
  readonly dataLength?: number;
  readonly formatExtra?: Uint8Array;
  /** Chunks before the data. */
  readonly before?: readonly (readonly [name: string, bytes: Uint8Array])[];
  readonly after?: readonly (readonly [name: string, bytes: Uint8Array])[];
}

function chunk(name: string, bytes: Uint8Array, length = bytes.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(length, 4);
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length & 1)]);
}

function wavOf(parts: Parts): Buffer {
  const { tag = 1, channels = 1, bits = 16, rateHz = 8_000, data = pcmToBytes(speech) } = parts;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rateHz, 4);
  format.writeUInt32LE((rateHz * channels * bits) / 8, 8);
  format.writeUInt16LE((channels * bits) / 8, 12);
  format.writeUInt16LE(bits, 14);
  const chunks = Buffer.concat([
    ...(parts.before ?? []).map(([name, bytes]) => chunk(name, bytes)),
    chunk('fmt ', Buffer.concat([format, parts.formatExtra ?? Buffer.alloc(0)])),
    chunk('data', data, parts.dataLength ?? data.length),
    ...(parts.after ?? []).map(([name, bytes]) => chunk(name, bytes)),
  ]);
  const head = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1');
  head.writeUInt32LE(chunks.length + 4, 4);
  return Buffer.concat([head, chunks]);
}

/** WAVE_FORMAT_EXTENSIBLE: size of the rest, valid bits, channel mask, real tag and the rest of its GUID. */
function extensible(tag: number): Buffer {
  const extra = Buffer.alloc(24);
  extra.writeUInt16LE(22, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeUInt16LE(tag, 8);
  return extra;
}

test('what is written is read back sample by sample, in one channel and in two', () => {
  assert.deepEqual(readWav(writeWav({ samples: speech, sampleRateHz: 8_000 })), {
    sampleRateHz: 8_000,
    channels: [speech],
  });
  const other = tone(300, 100, 16_000);
  const stereo = { sampleRateHz: 16_000, channels: [tone(440, 100, 16_000), other] };
  const read = readWav(writeWav(stereo));
  assert.deepEqual(read, stereo);
  assert.deepEqual(monoOf(read, 1).samples, other);
});

test('a shorter channel is filled up with silence', () => {
  const read = readWav(
    writeWav({ sampleRateHz: 8_000, channels: [Int16Array.of(1, 2, 3), Int16Array.of(9)] }),
  );
  assert.deepEqual(read.channels, [Int16Array.of(1, 2, 3), Int16Array.of(9, 0, 0)]);
});

test('mono of two channels is their mean', () => {
  const wav = { sampleRateHz: 8_000, channels: [Int16Array.of(100, -32_768), Int16Array.of(200, -32_768)] };
  assert.deepEqual(monoOf(wav).samples, Int16Array.of(150, -32_768));
});

const codings: readonly (readonly [what: string, parts: Parts, samples: Int16Array])[] = [
  ['16-bit PCM', {}, speech],
  ['8-bit PCM', { bits: 8, data: Uint8Array.of(0, 128, 255) }, Int16Array.of(-32_768, 0, 32_512)],
  ['mu-law', { tag: 7, bits: 8, data: encodeMuLaw(Int16Array.of(0, 1_000)) }, Int16Array.of(0, 988)],
  ['A-law', { tag: 6, bits: 8, data: encodeALaw(Int16Array.of(8, 1_000)) }, Int16Array.of(8, 1_008)],
  ['extensible 16-bit PCM', { tag: 0xfffe, formatExtra: extensible(1) }, speech],
  [
    'extensible mu-law',
    { tag: 0xfffe, bits: 8, formatExtra: extensible(7), data: encodeMuLaw(Int16Array.of(0)) },
    Int16Array.of(0),
  ],
  ['a stream of length 0', { dataLength: 0 }, speech],
  ['a stream of length 0xFFFFFFFF', { dataLength: 0xffff_ffff }, speech],
  ['a file that was cut short', { dataLength: speech.length * 2 + 500 }, speech],
  [
    'odd chunks on both sides',
    { before: [['LIST', Buffer.from('odd')]], after: [['id3 ', Buffer.from('x')]] },
    speech,
  ],
  ['an odd last byte', { data: Uint8Array.of(1, 0, 2) }, Int16Array.of(1)],
  ['no samples at all', { data: new Uint8Array(0) }, new Int16Array(0)],
];

for (const [what, parts, samples] of codings) {
  test(`${what} is read`, () => {
    assert.deepEqual(readMonoWav(wavOf(parts)), { samples, sampleRateHz: 8_000 });
  });
}

const garbage: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ['nothing', new Uint8Array(0)],
  ['a text', Buffer.from('<html><body>404 Not Found</body></html>')],
  ['a header without chunks', Buffer.from('RIFF\x04\0\0\0WAVE', 'latin1')],
  ['a format without data', wavOf({}).subarray(0, 36)],
  ['data without a format', Buffer.concat([wavOf({}).subarray(0, 12), chunk('data', Buffer.alloc(4))])],
  ['a format chunk that is cut short', wavOf({}).subarray(0, 30)],
  ['GSM', wavOf({ tag: 49, bits: 0 })],
  ['24-bit PCM', wavOf({ bits: 24 })],
  ['no channels', wavOf({ channels: 0 })],
  ['a sample rate of 0', wavOf({ rateHz: 0 })],
];

for (const [what, bytes] of garbage) {
  test(`${what} is refused with a code`, () => {
    assert.throws(
      () => readWav(bytes, 'the answer'),
      (error) => hasCode(error, 'audio-invalid') && error.message.includes('the answer'),
    );
  });
}

test('a WAV file that lies inside a larger buffer at an odd place is read', () => {
  const whole = Buffer.concat([Buffer.from('x'), wavOf({})]);
  assert.deepEqual(readMonoWav(whole.subarray(1)).samples, speech);
});
