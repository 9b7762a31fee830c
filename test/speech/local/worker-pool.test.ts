import assert from 'node:assert/strict';
import { getPriority } from 'node:os';
import { test, type TestContext } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { WorkerPool, type PoolOptions } from '../../../app/speech/local/worker-pool.ts';
import type { FixtureRequest } from './pool-fixture.ts';

const signal = new AbortController().signal;

function poolOf(t: TestContext, options: Partial<PoolOptions> = {}): WorkerPool<FixtureRequest, string> {
  const pool = new WorkerPool<FixtureRequest, string>({
    provider: 'fixture',
    unavailable: 'stt-unavailable',
    script: new URL('./pool-fixture.ts', import.meta.url),
    setup: undefined,
    workers: 1,
    queueLimit: 10,
    ...options,
  });
  t.after(() => pool.close());
  return pool;
}

function shared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function open(gate: Int32Array): void {
  Atomics.store(gate, 0, 1);
}

/** Waits until a condition holds that another thread brings about. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('requests are answered first come, first served', async (t) => {
  const pool = poolOf(t);
  const order: string[] = [];
  const gate = shared();
  const requests = ['a', 'b', 'c'].map(async (answer) => {
    order.push(await pool.run({ answer, gate }, { signal }));
  });
  open(gate);
  await Promise.all(requests);
  assert.deepEqual(order, ['a', 'b', 'c']);
});

test('threads that give way do so alone', async (t) => {
  const ours = getPriority(0);
  const [polite, equal] = [poolOf(t, { givesWay: true }), poolOf(t)];
  assert.ok(Number(await polite.run({ niceness: true }, { signal })) > ours);
  assert.equal(Number(await equal.run({ niceness: true }, { signal })), ours);
  assert.equal(getPriority(0), ours);
});

test('as many requests are worked on at once as there are threads', async (t) => {
  const pool = poolOf(t, { workers: 3 });
  const log = shared();
  const gate = shared();
  const requests = Array.from({ length: 5 }, () => pool.run({ gate, log }, { signal }));
  await until(() => Atomics.load(log, 0) === 3);
  assert.deepEqual([pool.stats().running, pool.stats().waiting], [3, 2]);
  open(gate);
  await Promise.all(requests);
  assert.equal(pool.stats().finished, 5);
});

test('the waiting line is bounded, and whoever comes too late is told', async (t) => {
  const pool = poolOf(t, { queueLimit: 2 });
  const gate = shared();
  const requests = Array.from({ length: 3 }, () => pool.run({ gate }, { signal }));
  await assert.rejects(pool.run({}, { signal }), (error) => hasCode(error, 'speech-overloaded'));
  // What belongs to something that was admitted already still gets in.
  const part = pool.run({ gate }, { signal, continues: true });
  open(gate);
  await Promise.all([...requests, part]);
  assert.equal(pool.stats().refused, 1);
});

test('a request that is given up while it waits is never worked on', async (t) => {
  const pool = poolOf(t);
  const [gate, log] = [shared(), shared()];
  const first = pool.run({ gate }, { signal });
  const hangUp = new AbortController();
  const second = pool.run({ log }, { signal: hangUp.signal });
  hangUp.abort(new Error('hung up'));
  await assert.rejects(second, /hung up/);
  open(gate);
  await first;
  await pool.run({}, { signal });
  assert.equal(Atomics.load(log, 0), 0);
  assert.equal(pool.stats().aborted, 1);
});

test('a request that is given up while it is worked on is settled at once, and its thread stops early', async (t) => {
  const pool = poolOf(t);
  const [gate, log] = [shared(), shared()];
  const hangUp = new AbortController();
  const request = pool.run({ gate, log }, { signal: hangUp.signal });
  await until(() => Atomics.load(log, 0) === 1);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(request, /hung up/);
  assert.equal(await pool.run({ answer: 'next' }, { signal }), 'next');
  assert.equal(Atomics.load(log, 0), 101);
});

test('a request that fails leaves its thread alive', async (t) => {
  const pool = poolOf(t);
  await assert.rejects(pool.run({ throws: 'bad audio' }, { signal }), (error) => {
    assert.ok(hasCode(error, 'stt-unavailable'));
    assert.match(error.message, /bad audio/);
    return true;
  });
  assert.equal(await pool.run({ answer: 'fine' }, { signal }), 'fine');
  assert.equal(pool.stats().restarts, 0);
});

test('a thread that dies fails its own request alone and is replaced', async (t) => {
  const pool = poolOf(t);
  const dying = pool.run({ exit: 7 }, { signal });
  const waiting = pool.run({ answer: 'still here' }, { signal });
  await assert.rejects(
    dying,
    (error) => hasCode(error, 'stt-unavailable') && error.message.includes('status 7'),
  );
  assert.equal(await waiting, 'still here');
  assert.equal(pool.stats().restarts, 1);
});

test('when no thread can start, everybody who waits is told why', async (t) => {
  const pool = poolOf(t, { setup: 'fail', workers: 2 });
  await assert.rejects(pool.start(), /no such weights/);
  const requests = await Promise.allSettled(Array.from({ length: 5 }, () => pool.run({}, { signal })));
  for (const request of requests) {
    assert.equal(request.status, 'rejected');
    assert.ok(hasCode(request.reason, 'stt-unavailable'));
  }
});

test('how long requests wait and take is measured', async (t) => {
  const pool = poolOf(t);
  await Promise.all([pool.run({}, { signal }), pool.run({}, { signal })]);
  const { waitMs, workMs } = pool.stats();
  assert.equal(waitMs.count, 2);
  assert.ok(waitMs.max >= workMs.p50 && workMs.p50 > 0);
});

test('closing rejects what waits and what runs, refuses what comes, and can be done twice', async (t) => {
  const pool = poolOf(t);
  const requests = Promise.allSettled([1, 2].map(() => pool.run({ gate: shared() }, { signal })));
  await Promise.all([pool.close(), pool.close()]);
  for (const request of await requests) {
    assert.ok(request.status === 'rejected' && hasCode(request.reason, 'stt-unavailable'));
  }
  await assert.rejects(pool.run({}, { signal }), (error) => hasCode(error, 'stt-unavailable'));
  await assert.rejects(pool.start(), (error) => hasCode(error, 'stt-unavailable'));
  assert.equal(pool.stats().workers, 0);
});

test('closing a pool that never worked is nothing', async (t) => {
  await poolOf(t).close();
});

test('what is nice to have is done while there is nothing else to do', async (t) => {
  const pool = poolOf(t, { workers: 2 });
  assert.equal(await pool.runIfIdle({ answer: 'early' }, { signal }), undefined, 'no thread is there yet');
  await pool.start();
  assert.equal(await pool.runIfIdle({ answer: 'idle' }, { signal }), 'idle');
  const gate = shared();
  const busy = [1, 2].map(() => pool.run({ gate }, { signal }));
  assert.equal(await pool.runIfIdle({ answer: 'busy' }, { signal }), undefined, 'all threads are busy');
  open(gate);
  await Promise.all(busy);
});

test('what is nice to have makes way for what counts, and its thread is free soon', async (t) => {
  const pool = poolOf(t);
  await pool.start();
  const log = shared();
  const spare = pool.runIfIdle({ gate: shared(), log }, { signal });
  await until(() => Atomics.load(log, 0) === 1);
  assert.equal(await pool.run({ answer: 'counts' }, { signal }), 'counts');
  assert.equal(await spare, undefined);
  assert.equal(Atomics.load(log, 0), 101, 'it was given up');
});
