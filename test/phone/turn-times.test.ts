import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silence, tone } from '../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { firstBotSoundMs, measureTurns, type Tracks } from '../../app/phone/turn-times.ts';

const sampleRateHz = 8_000;

/** A track with sound from and to each pair of milliseconds. */
function track(totalMs: number, ...sounds: readonly (readonly [number, number])[]): Pcm {
  const pieces: Pcm[] = [];
  let atMs = 0;
  for (const [fromMs, toMs] of sounds) {
    pieces.push(silence(fromMs - atMs, sampleRateHz), tone(400, toMs - fromMs, sampleRateHz));
    atMs = toMs;
  }
  return concatPcm([...pieces, silence(totalMs - atMs, sampleRateHz)]);
}

function tracks(caller: Pcm, bot: Pcm): Tracks {
  return { caller, bot, sampleRateHz };
}

test('an answer is timed from the caller’s last sound to the bot’s first', () => {
  const call = tracks(
    track(8000, [2000, 3000], [5000, 5600]),
    track(8000, [100, 1500], [3400, 4500], [6000, 7000]),
  );
  const turns = measureTurns(call, [
    { fromMs: 1980, toMs: 3020 },
    { fromMs: 4990, toMs: 5610 },
  ]);
  assert.deepEqual(
    turns.map(({ latencyMs }) => latencyMs),
    [400, 400],
  );
  assert.equal(firstBotSoundMs(call), 100);
});

test('a caller who pauses is timed from the last word, not the first', () => {
  const call = tracks(track(6000, [1000, 1500], [1900, 2400]), track(6000, [3000, 4000]));
  assert.equal(measureTurns(call, [{ fromMs: 1000, toMs: 2400 }])[0]?.latencyMs, 600);
});

test('what the bot still says while it is interrupted is no answer', () => {
  const call = tracks(track(6000, [1000, 2000]), track(6000, [0, 2300], [2900, 4000]));
  assert.deepEqual(measureTurns(call, [{ fromMs: 1000, toMs: 2000 }]), [
    { callerEndMs: 2000, botStartMs: 2900, latencyMs: 900 },
  ]);
});

test('a bot that is silent until the caller’s next turn has given no answer', () => {
  const call = tracks(track(9000, [1000, 2000], [5000, 6000]), track(9000, [6500, 7000]));
  const turns = measureTurns(call, [
    { fromMs: 1000, toMs: 2000 },
    { fromMs: 5000, toMs: 6000 },
  ]);
  assert.deepEqual(
    turns.map(({ latencyMs }) => latencyMs),
    [undefined, 500],
  );
});

test('digits, which make no sound, have no time of their own', () => {
  const call = tracks(silence(4000, sampleRateHz), track(4000, [2000, 3000]));
  assert.deepEqual(measureTurns(call, [{ fromMs: 1000, toMs: 1400 }]), [
    { callerEndMs: undefined, botStartMs: undefined, latencyMs: undefined },
  ]);
});

test('a recording that is behind the clock changes nothing', () => {
  const call = tracks(track(9000, [1000, 2000], [5000, 6000]), track(9000, [2500, 3500], [6700, 7000]));
  const turns = measureTurns(call, [
    { fromMs: 1500, toMs: 2500 },
    { fromMs: 5900, toMs: 6900 },
  ]);
  assert.deepEqual(
    turns.map(({ latencyMs }) => latencyMs),
    [500, 700],
  );
});

test('a bot that never speaks has no first sound', () => {
  assert.equal(firstBotSoundMs(tracks(silence(500, sampleRateHz), silence(500, sampleRateHz))), undefined);
});
