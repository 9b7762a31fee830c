import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { Breaker, type BreakerState } from '../../app/ops/breaker.ts';

const never = new AbortController().signal;
const down = new Error('it is down');
const hungUp = new Error('the caller has hung up');
const openMs = 10_000;

function newBreaker(isFailure?: (error: unknown) => boolean) {
  const breaker = new Breaker({ name: 'cloud', failures: 3, openMs, ...(isFailure && { isFailure }) });
  const states: BreakerState[] = [];
  const stop = breaker.onChange((state) => states.push(state));
  const fail = (error: unknown = down): Promise<unknown> =>
    assert.rejects(
      breaker.run(() => Promise.reject(error as Error), never),
      (thrown) => thrown === error,
    );
  const succeed = (): Promise<string> => breaker.run(() => Promise.resolve('fine'), never);
  const isResting = (): Promise<void> =>
    assert.rejects(succeed(), (error) => hasCode(error, 'provider-resting'));
  /** Work that ends when it is told to, or when it is aborted. */
  const begin = (signal: AbortSignal = never) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    return { running: breaker.run(() => promise, signal), resolve, reject };
  };
  return { breaker, states, stop, fail, succeed, isResting, begin };
}

async function withCalendar(body: (pass: (ms: number) => void) => Promise<void>): Promise<void> {
  mock.timers.enable({ apis: ['Date'], now: 1_000 });
  try {
    await body((ms) => {
      mock.timers.tick(ms);
    });
  } finally {
    mock.timers.reset();
  }
}

test('who fails three times in a row is left alone, and taken back when a probe succeeds', () =>
  withCalendar(async (pass) => {
    const { breaker, states, fail, succeed, isResting } = newBreaker();
    await fail();
    await fail();
    assert.equal(breaker.state, 'closed');
    await fail();
    assert.equal(breaker.state, 'open');
    pass(openMs - 1);
    await isResting();
    pass(1);
    assert.equal(await succeed(), 'fine');
    assert.equal(breaker.state, 'closed');
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
  }));

test('failures with a success between them do not count together', async () => {
  const { breaker, fail, succeed } = newBreaker();
  for (let round = 0; round < 4; round++) {
    await fail();
    await fail();
    await succeed();
  }
  assert.equal(breaker.state, 'closed');
});

test('a probe that fails opens it for as long again', () =>
  withCalendar(async (pass) => {
    const { breaker, states, fail, isResting } = newBreaker();
    for (let count = 0; count < 3; count++) await fail();
    pass(openMs);
    await fail();
    assert.equal(breaker.state, 'open');
    pass(openMs - 1);
    await isResting();
    assert.deepEqual(states, ['open', 'half-open', 'open']);
  }));

test('nobody waits while a probe runs', () =>
  withCalendar(async (pass) => {
    const { breaker, fail, begin, isResting } = newBreaker();
    for (let count = 0; count < 3; count++) await fail();
    pass(openMs);
    const probe = begin();
    assert.equal(breaker.state, 'half-open');
    await isResting();
    probe.resolve('fine');
    assert.equal(await probe.running, 'fine');
    assert.equal(breaker.state, 'closed');
  }));

test('callers who hang up say nothing about whom was called', async () => {
  const { breaker, begin, fail } = newBreaker();
  await fail();
  await fail();
  for (let count = 0; count < 5; count++) {
    const call = new AbortController();
    const { running } = begin(call.signal);
    call.abort(hungUp);
    await assert.rejects(running, (error) => error === hungUp);
  }
  assert.equal(breaker.state, 'closed');
  // Nor do they wipe out what was counted before.
  await fail();
  assert.equal(breaker.state, 'open');
});

test('a probe that is aborted proves nothing', () =>
  withCalendar(async (pass) => {
    const { breaker, begin, fail } = newBreaker();
    for (let count = 0; count < 3; count++) await fail();
    pass(openMs);
    const call = new AbortController();
    const { running } = begin(call.signal);
    call.abort(hungUp);
    await assert.rejects(running, (error) => error === hungUp);
    assert.equal(breaker.state, 'open');
  }));

test('a caller who hung up before does not even begin', async () => {
  const { breaker } = newBreaker();
  await assert.rejects(
    breaker.run(() => Promise.reject(new Error('begun')), AbortSignal.abort(hungUp)),
    (error) => error === hungUp,
  );
});

test('errors that do not speak against it are passed on and not counted', async () => {
  const busy = new Error('busy');
  const { breaker, fail } = newBreaker((error) => error !== busy);
  for (let count = 0; count < 5; count++) await fail(busy);
  assert.equal(breaker.state, 'closed');
});

test('who no longer wants to know is not told', async () => {
  const { states, stop, fail } = newBreaker();
  stop();
  for (let count = 0; count < 3; count++) await fail();
  assert.deepEqual(states, []);
});
