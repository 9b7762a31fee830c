/** Real trouble: a disk that is full, a database that is killed. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openStore } from '../../app/store/open.ts';
import { aCall, aTurn, options, startMs } from './contract.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-store-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('a disk that is full costs records and recordings, counted, while 20 calls go on; with room again it keeps', async (t) => {
  const stateDir = await folder(t);
  // No file may become longer than 600 blocks of 512 bytes there, which the child lifts for itself later.
  const { stdout } = await promisify(execFile)(
    'sh',
    [
      '-c',
      'ulimit -S -f 600; exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"',
      process.execPath,
      path.resolve('test/store/full-disk.ts'),
      stateDir,
    ],
    { timeout: 60_000 },
  );
  const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    readonly longestMs: number;
    readonly dropped: Record<string, number>;
    readonly recordingsLost: number;
    readonly kept: number;
    readonly after: number;
  };
  t.diagnostic(JSON.stringify(told));
  assert.ok((told.dropped['full'] ?? 0) > 0);
  assert.equal(told.recordingsLost, 20);
  assert.ok(told.kept > 0);
  assert.equal(told.after, 1);
});

test('what was erased stands nowhere in the files any more', async (t) => {
  const stateDir = await folder(t);
  const store = openStore({ stateDir, store: { deadlineMs: 10_000 } });
  const turns = [aTurn(1, { heard: 'my secret word is xylophone' })];
  await store.write(aCall('a', startMs, { number: '+15550123456', turns }), options);
  await store.erase({ caller: '+1 555 0123456' }, options);
  await store.close();
  const bytes = await readFile(path.join(stateDir, 'calls.sqlite'), 'latin1');
  assert.doesNotMatch(bytes, /xylophone|15550123456/);
});
