import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { readRunning, writeRunning, type Running } from '../../app/setup/running.ts';

async function stateDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-running-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const running = (pid: number): Running => ({
  pid,
  sip: { host: '127.0.0.1', port: 5060 },
  caller: { user: '6099', passwordFile: 'secrets.json' },
});

test('a Parley that runs is found, and no longer when it has stopped', async (t) => {
  const dir = await stateDir(t);
  const forget = await writeRunning(dir, running(process.pid));
  assert.deepEqual(await readRunning(dir), running(process.pid));
  await forget();
  assert.equal(await readRunning(dir), undefined);
});

test('one that died without tidying up is not taken for running', async (t) => {
  const dir = await stateDir(t);
  // Higher than any process number that Linux gives out.
  await writeRunning(dir, running(2 ** 22 + 1));
  assert.equal(await readRunning(dir), undefined);
});

test('a Parley that stops leaves the word of its successor alone', async (t) => {
  const dir = await stateDir(t);
  const forget = await writeRunning(dir, running(process.ppid));
  await writeRunning(dir, running(process.pid));
  await forget();
  assert.equal((await readRunning(dir))?.pid, process.pid);
});

test('a damaged file, or none, means that nothing runs', async (t) => {
  const dir = await stateDir(t);
  assert.equal(await readRunning(dir), undefined);
  await writeFile(path.join(dir, 'running.json'), '{"pid": ');
  assert.equal(await readRunning(dir), undefined);
  await writeFile(path.join(dir, 'running.json'), '{"pid": "1"}');
  assert.equal(await readRunning(dir), undefined);
});
