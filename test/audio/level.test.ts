import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakDbfs, rmsDbfs } from '../../app/audio/level.ts';
import { addNoise, gain, joinWithPauses, mix, silence, tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { speechLevelDbfs } from '../../app/audio/speech-level.ts';

const rateHz = 8_000;

function near(actual: number, expected: number, within = 0.1): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
}

test('a tone and noise have the level they were made with', () => {
  for (const level of [-6, -20, -40]) {
    near(rmsDbfs(tone(440, 500, rateHz, level)), level);
    near(rmsDbfs(whiteNoise(2_000, rateHz, level)), level, 0.3);
  }
  near(peakDbfs(tone(440, 500, rateHz, -20)), -17);
});

test('silence and nothing are infinitely quiet', () => {
  for (const samples of [new Int16Array(0), silence(10, rateHz)]) {
    assert.equal(rmsDbfs(samples), -Infinity);
    assert.equal(peakDbfs(samples), -Infinity);
    assert.equal(speechLevelDbfs(samples, rateHz), -Infinity);
  }
});

test('a full-scale square wave is 0 dBFS', () => {
  assert.equal(rmsDbfs(Int16Array.of(-32_768, -32_768)), 0);
  assert.equal(peakDbfs(Int16Array.of(-32_768, 5)), 0);
});

test('pauses do not make speech quieter', () => {
  const speech = tone(300, 400, rateHz, -18);
  near(speechLevelDbfs(joinWithPauses([speech, speech], 1_000, rateHz), rateHz), -18, 0.3);
});

test('gain is in decibels and stops at full scale', () => {
  near(rmsDbfs(gain(tone(440, 500, rateHz, -30), 12)), -18);
  assert.deepEqual(gain(Int16Array.of(30_000, -30_000), 20), Int16Array.of(32_767, -32_768));
});

test('noise is added as far under the speech as is asked for', () => {
  const speech = tone(440, 1_000, rateHz, -20);
  const noisy = addNoise(speech, whiteNoise(200, rateHz, -3), 10);
  near(rmsDbfs(noisy.map((sample, i) => sample - (speech[i] ?? 0))), -30, 0.3);
  assert.deepEqual(addNoise(speech, new Int16Array(0), 10), speech);
});

test('two voices at once are as long as the longer and do not wrap around', () => {
  assert.deepEqual(mix(Int16Array.of(1, 2, 3), Int16Array.of(10)), Int16Array.of(11, 2, 3));
  assert.deepEqual(mix(Int16Array.of(30_000), Int16Array.of(30_000)), Int16Array.of(32_767));
});

test('pieces are joined with pauses between them alone', () => {
  const one = Int16Array.of(1);
  assert.deepEqual(joinWithPauses([one, one], 1, 2_000), concatPcm([one, new Int16Array(2), one]));
  assert.deepEqual(joinWithPauses([], 1, 2_000), new Int16Array(0));
});

test('the same seed gives the same noise, another one other noise', () => {
  assert.deepEqual(whiteNoise(50, rateHz, -20, 7), whiteNoise(50, rateHz, -20, 7));
  assert.notDeepEqual(whiteNoise(50, rateHz, -20, 7), whiteNoise(50, rateHz, -20, 8));
});
