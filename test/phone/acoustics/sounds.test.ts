import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakDbfs, rmsDbfs } from '../../../app/audio/level.ts';
import { tone } from '../../../app/audio/mix.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { makeSound, soundNames } from '../../../app/phone/acoustics/sounds.ts';
import { atSpeed } from '../../../app/phone/acoustics/tempo.ts';

const sampleRateHz = 8_000;

test('every sound is the same for the same seed, about as loud as speech, and never clipped', () => {
  for (const name of soundNames) {
    const make = (seed: number): Pcm => makeSound(name, { sampleRateHz, durationMs: 3_000, seed });
    assert.deepEqual(make(1), make(1), name);
    assert.notDeepEqual(make(1), make(2), name);
    assert.ok(Math.abs(rmsDbfs(make(1)) + 22) < 3, `${name}: ${rmsDbfs(make(1))} dBFS`);
    assert.ok(peakDbfs(make(1)) < -0.5, name);
  }
});

test('a cough bursts and dies away within a third of a second', () => {
  const cough = makeSound('cough', { sampleRateHz, durationMs: 0, seed: 1 });
  assert.equal(cough.length, 0.32 * sampleRateHz);
  const third = Math.floor(cough.length / 3);
  const [burst, air, end] = [0, 1, 2].map((i) => rmsDbfs(cough.subarray(i * third, (i + 1) * third)));
  assert.ok(burst! > air! + 6 && air! > end! + 3, `${burst} ${air} ${end}`);
});

test('hold music and a street are never silent', () => {
  for (const name of ['music', 'street'] as const) {
    const sound = makeSound(name, { sampleRateHz, durationMs: 6_000, seed: 1 });
    for (let from = 0; from < sound.length; from += 800)
      assert.ok(rmsDbfs(sound.subarray(from, from + 800)) > -35, `${name} at ${from}`);
  }
});

/** Zero crossings per second, half of them upwards. */
function frequencyOf(samples: Pcm): number {
  const crossings = samples.filter((sample, i) => i > 0 && sample >= 0 && samples[i - 1]! < 0).length;
  return (crossings * sampleRateHz) / samples.length;
}

test('faster speech is shorter and keeps its pitch', () => {
  const samples = tone(200, 2_000, sampleRateHz);
  for (const speed of [0.8, 1.25]) {
    const changed = atSpeed({ samples, sampleRateHz }, speed);
    assert.equal(changed.length, samples.length / speed);
    assert.ok(Math.abs(frequencyOf(changed) - 200) < 5, `${frequencyOf(changed)} Hz at ${speed}`);
    assert.ok(Math.abs(rmsDbfs(changed) - rmsDbfs(samples)) < 1);
  }
});
