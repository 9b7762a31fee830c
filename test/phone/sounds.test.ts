import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silence, tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { findSounds } from '../../app/phone/sounds.ts';

const rate = 8_000;
const ms = (samples: Pcm): [number, number][] =>
  findSounds(samples, rate).map(({ from, to }) => [from / 8, to / 8]);

test('a quiet line holds no sound, nor does the hiss below the threshold', () => {
  assert.deepEqual(ms(silence(1000, rate)), []);
  assert.deepEqual(ms(whiteNoise(1000, rate, -60)), []);
});

test('a sound is found to the accuracy of one window', () => {
  const line = concatPcm([silence(503, rate), tone(400, 250, rate), silence(500, rate)]);
  assert.deepEqual(ms(line), [[500, 760]]);
});

test('the short pauses inside speech do not part it, long ones do', () => {
  const line = concatPcm([
    tone(400, 200, rate),
    silence(150, rate),
    tone(400, 200, rate),
    silence(400, rate),
    tone(400, 200, rate),
  ]);
  assert.deepEqual(ms(line), [
    [0, 550],
    [950, 1150],
  ]);
});

test('a click is not a sound', () => {
  assert.deepEqual(ms(concatPcm([silence(300, rate), tone(400, 15, rate), silence(300, rate)])), []);
});

test('a sound at the very end, shorter than a window, is counted to the last sample', () => {
  const line = concatPcm([silence(100, rate), tone(400, 105, rate)]);
  assert.deepEqual(ms(line), [[100, 205]]);
});
