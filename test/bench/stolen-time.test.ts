import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { stolenMsOfCores } from '../support/machine-watch.ts';
import { StolenTime } from './callers/stolen-time.ts';

test('what the host took of one core excuses what comes soon after, and nothing else', () => {
  const stolen = [[0, 0], [0, 0], [70, 40], [70, 40], ...Array.from({ length: 20 }, () => [70, 40])].values();
  const time = new StolenTime(() => stolen.next().value ?? []);
  for (let atMs = 0; atMs <= 1_150; atMs += 50) time.look(atMs);
  // Taken between 50 and 100 ms.
  assert.equal(time.before(40), 0);
  assert.equal(time.before(100), 70);
  assert.equal(time.before(340), 70);
  assert.equal(time.before(500), 0);
});

test('where nobody has looked, nothing is excused', () => {
  assert.equal(new StolenTime().before(100), 0);
});

test('Linux tells of each core what was taken', () => {
  const cores = stolenMsOfCores();
  assert.ok(cores.length >= availableParallelism());
  assert.ok(cores.every((ms) => Number.isFinite(ms) && ms >= 0));
});
