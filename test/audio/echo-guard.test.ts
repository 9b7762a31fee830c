import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EchoGuard } from '../../app/audio/echo-guard.ts';
import { tone } from '../../app/audio/mix.ts';

const rateHz = 16_000;

/** The bot says something at -20 dBFS from 0 ms on. */
function speaking(): EchoGuard {
  const guard = new EchoGuard();
  guard.begin();
  guard.sent(tone(300, 10_000, rateHz, -20), rateHz);
  guard.played(0, 0);
  return guard;
}

/** Lets it hear a level for a while, in pieces of 8 ms. */
function listen(guard: EchoGuard, levelDbfs: number, fromMs: number, toMs: number): void {
  for (let at = fromMs; at < toMs; at += 8) guard.heard(levelDbfs, at);
}

test('before the bot speaks, and some time after, any caller is heard', () => {
  const guard = new EchoGuard();
  assert.equal(guard.thresholdDbfs(0), -Infinity);
  const spoken = speaking();
  spoken.ended(1_000);
  assert.ok(spoken.thresholdDbfs(1_500) > -40);
  assert.equal(spoken.thresholdDbfs(1_700), -Infinity);
});

test('an echo 20 dB down is under the threshold from the first moment on', () => {
  assert.ok(speaking().thresholdDbfs(100) > -40 + 3);
});

test('a telephone without echo lets a soft caller through after some seconds', () => {
  const guard = speaking();
  listen(guard, -70, 0, 6_000);
  assert.ok(guard.thresholdDbfs(6_000) < -35);
});

test('a louder echo is learned', () => {
  const guard = speaking();
  listen(guard, -35, 0, 2_000);
  assert.ok(guard.thresholdDbfs(2_000) > -35);
});

test('a caller as loud as the bot is always above it', () => {
  const guard = speaking();
  listen(guard, -20, 0, 5_000);
  assert.ok(guard.thresholdDbfs(5_000) < -20);
});

test('playing that stood still for a while comes back later, and is still known', () => {
  const guard = new EchoGuard();
  guard.begin();
  guard.sent(tone(300, 1_000, rateHz, -20), rateHz);
  guard.played(0, 0);
  guard.played(200, 200);
  // Asterisk had no processor for 900 ms.
  for (let played = 400; played <= 1_000; played += 200) guard.played(played, played + 900);
  guard.ended(1_900);
  assert.ok(guard.thresholdDbfs(1_850) > -40);
  assert.ok(guard.thresholdDbfs(2_400) > -40);
  assert.equal(guard.thresholdDbfs(2_600), -Infinity);
});

test('what was late and is then played in haste waits in the telephone, and comes back as much later', () => {
  const guard = new EchoGuard();
  guard.begin();
  guard.sent(tone(300, 1_000, rateHz, -20), rateHz);
  guard.sent(new Int16Array(4 * rateHz), rateHz);
  guard.played(0, 0);
  guard.played(200, 200);
  // Asterisk had no processor for 500 ms and makes up for it.
  for (const [played, at] of [
    [400, 720],
    [600, 740],
    [800, 760],
    [1_000, 960],
    [1_200, 1_160],
  ] as const)
    guard.played(played, at);
  assert.ok(guard.thresholdDbfs(960 + 360 + 500) > -45);
  assert.equal(guard.thresholdDbfs(960 + 360 + 700), -Infinity);
});

test('what comes late from the caller may be an echo of what was said as much earlier', () => {
  const guard = speaking();
  guard.ended(1_000);
  assert.equal(guard.thresholdDbfs(2_000), -Infinity);
  assert.ok(guard.thresholdDbfs(2_000, 500) > -40);
});
