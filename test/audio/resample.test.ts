import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakDbfs, rmsDbfs } from '../../app/audio/level.ts';
import { tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { resample, Resampler } from '../../app/audio/resample.ts';

const rates = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000];
const pairs = rates.flatMap((from) => rates.filter((to) => to !== from).map((to) => [from, to] as const));

/** What differs from `expected`, in dB under full scale, the first and last 20 ms left out. */
function differenceDbfs(actual: Int16Array, expected: Int16Array, rateHz: number): number {
  const edge = Math.round(rateHz * 0.02);
  return rmsDbfs(actual.map((sample, i) => sample - (expected[i] ?? 0)).slice(edge, -edge));
}

for (const [from, to] of pairs) {
  test(`a tone at ${from} Hz is the same tone at ${to} Hz`, () => {
    for (const hz of [200, 1_000, 3_300]) {
      const converted = resample(tone(hz, 200, from, -12), from, to);
      const expected = tone(hz, 200, to, -12);
      assert.equal(converted.length, expected.length);
      const off = differenceDbfs(converted, expected, to);
      assert.ok(off < -62, `${hz} Hz: ${off} dBFS off`);
    }
  });
}

test('what the lower rate cannot carry is not folded back', () => {
  const high = resample(tone(5_000, 300, 16_000, -6), 16_000, 8_000);
  assert.ok(rmsDbfs(high.slice(200, -200)) < -70);
});

test('a constant stays what it is', () => {
  const constant = new Int16Array(2_000).fill(10_000);
  const converted = resample(constant, 22_050, 16_000);
  for (const sample of converted.slice(200, -200)) assert.ok(Math.abs(sample - 10_000) <= 1);
});

test('full scale does not wrap around', () => {
  const square = Int16Array.from({ length: 4_000 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
  assert.ok(peakDbfs(resample(square, 8_000, 16_000)) <= 0);
});

test('pieces of any size give the same samples as the whole', () => {
  for (const [from, to] of [
    [8_000, 16_000],
    [16_000, 8_000],
    [44_100, 16_000],
    [22_050, 48_000],
  ] as const) {
    const whole = whiteNoise(250, from, -12);
    const expected = resample(whole, from, to);
    for (const size of [1, 7, 160, 441, 5_000]) {
      const resampler = new Resampler(from, to);
      const pieces: Int16Array[] = [];
      for (let at = 0; at < whole.length; at += size)
        pieces.push(resampler.push(whole.subarray(at, at + size)));
      assert.deepEqual(concatPcm([...pieces, resampler.end()]), expected, `${from} to ${to} by ${size}`);
    }
  }
});

test('nothing becomes nothing, and equal rates change nothing', () => {
  assert.equal(resample(new Int16Array(0), 8_000, 16_000).length, 0);
  const samples = Int16Array.of(1, 2, 3);
  assert.equal(resample(samples, 8_000, 8_000), samples);
});

test('a rate that is no rate is refused', () => {
  for (const rate of [0, -8_000, 8_000.5, Number.NaN])
    assert.throws(() => new Resampler(rate, 8_000), RangeError);
});
