import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silence, tone } from '../../app/audio/mix.ts';
import type { Pcm } from '../../app/audio/pcm.ts';
import { HeardTrack } from '../../app/phone/heard-track.ts';
import { findSounds } from '../../app/phone/sounds.ts';

const sampleRateHz = 8_000;
const frameMs = 20;
const loud = tone(400, frameMs, sampleRateHz);
const quiet = silence(frameMs, sampleRateHz);

/** Frames that arrive one after the other, each as soon as it is full; `late` says by how much each is held up. */
function feed(
  track: HeardTrack,
  fromMs: number,
  frames: readonly Pcm[],
  late: (i: number) => number = () => 0,
): void {
  frames.forEach((frame, i) => track.push(frame, fromMs + (i + 1) * frameMs + late(i)));
}

const repeat = (frame: Pcm, count: number): Pcm[] => Array.from({ length: count }, () => frame);

function soundsIn(track: HeardTrack, fromMs: number, toMs: number): [number, number][] {
  const { samples } = track.slice(fromMs, toMs);
  return findSounds(samples, sampleRateHz).map(({ from, to }) => [fromMs + from / 8, fromMs + to / 8]);
}

test('sound is found where it was heard, by the clock', () => {
  const track = new HeardTrack({ sampleRateHz });
  feed(track, 1000, [...repeat(quiet, 10), ...repeat(loud, 10), ...repeat(quiet, 10)]);
  assert.equal(track.lastSoundMs(1000), 1400);
  assert.equal(track.lastSoundMs(1400), undefined);
  assert.deepEqual(soundsIn(track, 1000, 1600), [[1200, 1400]]);
});

test('time in which no frames came is silence', () => {
  const track = new HeardTrack({ sampleRateHz });
  feed(track, 0, repeat(loud, 10));
  feed(track, 1000, repeat(loud, 10));
  assert.deepEqual(soundsIn(track, 0, 1500), [
    [0, 200],
    [1000, 1200],
  ]);
});

test('frames that are held up and then come all at once are put back in their place', () => {
  const track = new HeardTrack({ sampleRateHz });
  // Half a second in which nothing got through, and then everything.
  feed(track, 0, [...repeat(loud, 10), ...repeat(quiet, 25), ...repeat(loud, 10)], (i) =>
    i >= 10 && i < 35 ? (35 - i) * frameMs : 0,
  );
  assert.deepEqual(soundsIn(track, 0, 1000), [
    [0, 200],
    [700, 900],
  ]);
  assert.equal(track.lastSoundMs(0), 900);
});

test('it knows up to when it has heard', () => {
  const track = new HeardTrack({ sampleRateHz });
  assert.equal(track.endMs, undefined);
  feed(track, 500, repeat(quiet, 5));
  assert.equal(track.endMs, 600);
});

test('a single loud frame is a click, no sound', () => {
  const track = new HeardTrack({ sampleRateHz });
  feed(track, 0, [quiet, loud, quiet, quiet]);
  assert.equal(track.lastSoundMs(0), undefined);
});

test('what is long past is forgotten', () => {
  const track = new HeardTrack({ sampleRateHz, keepMs: 1000 });
  feed(track, 0, repeat(loud, 100));
  assert.equal(track.forgottenMs, 1000);
  assert.deepEqual(soundsIn(track, 0, 2000), [[1000, 2000]]);
});

test('listeners hear of each frame until they stop', () => {
  const track = new HeardTrack({ sampleRateHz });
  let heard = 0;
  const stop = track.onFrame(() => heard++);
  feed(track, 0, repeat(quiet, 3));
  stop();
  feed(track, 60, repeat(quiet, 3));
  assert.equal(heard, 3);
});
