import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../app/setup/lock.mjs';
import { temporaryFolder } from './support.ts';

const holder = fileURLToPath(import.meta.resolve('./lock-holder.ts'));

test('a lock is held by one at a time, and the next one gets it when it is given back', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'lock');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    const release = await takeLock(folder);
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    await release();
  };
  await Promise.all(Array.from({ length: 6 }, work));
  assert.equal(most, 1);
});

test('processes that count in one file under the lock lose no count, though one of them is killed', async (t) => {
  const folder = await temporaryFolder(t);
  const counter = path.join(folder, 'counter');
  await writeFile(counter, '0');
  const killed = fork(holder, [folder, 'hold']);
  await once(killed, 'message');
  const others = Array.from({ length: 4 }, () => fork(holder, [folder, '10']));
  killed.kill('SIGKILL');
  await Promise.all(others.map((each) => once(each, 'exit')));
  assert.equal(await readFile(counter, 'utf8'), '40');
});

test('a killed holder is noticed even when its number belongs to another process by now', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'lock');
  const release = await takeLock(folder);
  await release();
  // This process has the number, but did not start at that time.
  await writeFile(path.join(folder, '9'), JSON.stringify({ pid: process.pid, start: '1', key: 'x' }));
  await (
    await takeLock(folder, { signal: AbortSignal.timeout(10_000) })
  )();
});

test('waiting for a lock ends when its signal aborts', async (t) => {
  const folder = path.join(await temporaryFolder(t), 'lock');
  const release = await takeLock(folder);
  const giveUp = new AbortController();
  const waiting = takeLock(folder, {
    signal: giveUp.signal,
    onWait: () => giveUp.abort(new Error('enough')),
  });
  await assert.rejects(waiting, /enough/);
  await release();
});
