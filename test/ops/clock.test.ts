import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../app/ops/clock.ts';
import { withDeadline } from '../../app/ops/deadline.ts';
import { manualClock } from '../fakes/clock.ts';

const never = new AbortController().signal;

test('the system clock sleeps, and wakes at once with the reason when it is aborted', async () => {
  const before = systemClock.monotonicMs();
  await systemClock.sleep(5, never);
  assert.ok(systemClock.monotonicMs() > before);

  const hangUp = new AbortController();
  const sleeping = systemClock.sleep(1_000_000_000_000, hangUp.signal);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(sleeping, /hung up/);
  await assert.rejects(systemClock.sleep(5, hangUp.signal), /hung up/);
  await assert.rejects(systemClock.sleep(0, hangUp.signal), /hung up/);
});

test('a manual clock wakes who sleeps in order, and only when time passes', async () => {
  const clock = manualClock('2026-11-04T12:00:00Z');
  const woken: string[] = [];
  void clock.sleep(200, never).then(() => woken.push('second'));
  void clock
    .sleep(100, never)
    .then(() => woken.push('first'))
    .then(() => clock.sleep(50, never))
    .then(() => woken.push('in between'));
  await clock.advance(99);
  assert.deepEqual(woken, []);
  await clock.advance(101);
  assert.deepEqual(woken, ['first', 'in between', 'second']);
  assert.equal(clock.now().toISOString(), '2026-11-04T12:00:00.200Z');
  assert.equal(clock.sleeping, 0);
});

test('work that ignores its signal is waited for no longer than the deadline', async () => {
  const clock = manualClock();
  let seen: AbortSignal | undefined;
  const result = withDeadline(
    (signal) => {
      seen = signal;
      return new Promise<never>(() => undefined);
    },
    { clock, deadlineMs: 2_500, onTimeout: () => new Error('too late') },
  );
  const rejected = assert.rejects(result, /too late/);
  await clock.advance(2_499);
  assert.equal(seen?.aborted, false);
  await clock.advance(1);
  await rejected;
  assert.equal(seen?.aborted, true);
});

test('work that ends in time leaves no timer behind, and its own error is passed on', async () => {
  const clock = manualClock();
  const options = { clock, deadlineMs: 1_000, signal: never, onTimeout: () => new Error('too late') };
  assert.equal(await withDeadline(() => Promise.resolve(7), options), 7);
  await assert.rejects(
    withDeadline(() => Promise.reject(new Error('its own')), options),
    /its own/,
  );
  assert.equal(clock.sleeping, 0);
});

test('a hang-up ends the work with its own reason, whatever the work makes of it', async () => {
  const clock = manualClock();
  const hangUp = new AbortController();
  const result = withDeadline(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('some socket error')));
      }),
    { clock, deadlineMs: 1_000, signal: hangUp.signal, onTimeout: () => new Error('too late') },
  );
  hangUp.abort(new Error('hung up'));
  await assert.rejects(result, /hung up/);
  await assert.rejects(
    withDeadline(() => Promise.resolve(1), {
      clock,
      deadlineMs: 1,
      signal: hangUp.signal,
      onTimeout: () => new Error('too late'),
    }),
    /hung up/,
  );
});
