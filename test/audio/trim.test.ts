import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silence, tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { trimSilence } from '../../app/audio/trim.ts';

const rateHz = 8_000;
const loud = tone(400, 300, rateHz, -20);
const quiet = (durationMs: number): Int16Array => whiteNoise(durationMs, rateHz, -60);

const table: readonly (readonly [what: string, samples: Int16Array, fromMs: number, toMs: number])[] = [
  ['silence on both sides', concatPcm([silence(200, rateHz), loud, silence(100, rateHz)]), 200, 500],
  ['noise under the threshold on both sides', concatPcm([quiet(200), loud, quiet(100)]), 200, 500],
  ['silence before alone', concatPcm([silence(50, rateHz), loud]), 50, 350],
  ['silence after alone', concatPcm([loud, silence(50, rateHz)]), 0, 300],
  ['no silence', loud, 0, 300],
  ['a pause inside, which stays', concatPcm([loud, silence(500, rateHz), loud, quiet(80)]), 0, 1_100],
  ['a last window that is short', concatPcm([silence(20, rateHz), loud, silence(3, rateHz)]), 20, 320],
];

for (const [what, samples, fromMs, toMs] of table) {
  test(`with ${what}, what is said is what is left`, () => {
    const trimmed = trimSilence(samples, rateHz);
    assert.equal(trimmed.from, (fromMs * rateHz) / 1000);
    assert.equal(trimmed.to, (toMs * rateHz) / 1000);
    assert.deepEqual(trimmed.samples, samples.subarray(trimmed.from, trimmed.to));
  });
}

test('of silence and of nothing, nothing is left', () => {
  for (const samples of [new Int16Array(0), silence(300, rateHz), quiet(300)]) {
    assert.deepEqual(trimSilence(samples, rateHz), { samples: new Int16Array(0), from: 0, to: 0 });
  }
});

test('threshold and window are the operator’s', () => {
  const soft = concatPcm([silence(100, rateHz), tone(400, 100, rateHz, -55), silence(100, rateHz)]);
  assert.equal(trimSilence(soft, rateHz).samples.length, 0);
  assert.equal(trimSilence(soft, rateHz, { thresholdDbfs: -60 }).samples.length, rateHz / 10);
  const wide = trimSilence(soft, rateHz, { thresholdDbfs: -60, windowMs: 40 });
  assert.deepEqual([wide.from, wide.to], [0.08 * rateHz, 0.2 * rateHz]);
});

test('the original is not changed', () => {
  const samples = concatPcm([silence(20, rateHz), loud]);
  const before = samples.slice();
  trimSilence(samples, rateHz);
  assert.deepEqual(samples, before);
});
