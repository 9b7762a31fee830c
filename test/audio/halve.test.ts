import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Halver } from '../../app/audio/halve.ts';
import { rmsDbfs } from '../../app/audio/level.ts';
import { tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';

const rateHz = 16_000;

test('what lies below the new band’s edge passes, what lies above does not come back as something else', () => {
  for (const [frequencyHz, least, most] of [
    [300, -20.3, -19.7],
    [1_000, -20.3, -19.7],
    [3_000, -20.5, -19.5],
    [5_200, -90, -55],
    [7_000, -90, -55],
  ] as const) {
    const halved = new Halver().push(tone(frequencyHz, 500, rateHz, -20)).subarray(50);
    const level = rmsDbfs(halved);
    assert.ok(level > least && level < most, `${frequencyHz} Hz: ${level} dBFS`);
  }
});

test('pieces of any length give the same samples as the whole', () => {
  const whole = whiteNoise(200, rateHz, -20);
  const once = new Halver().push(whole);
  const halver = new Halver();
  const pieces = [];
  for (let at = 0, length = 1; at < whole.length; at += length, length = (length * 7) % 331)
    pieces.push(halver.push(whole.subarray(at, at + length)));
  assert.deepEqual(concatPcm(pieces), once);
  assert.ok(Math.abs(once.length - whole.length / 2) <= 15);
});
