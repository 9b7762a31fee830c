import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeWav } from '../../app/audio/wav.ts';
import { startKeeping } from '../../app/store/keeping.ts';
import { openSqlite } from '../../app/store/sqlite/sql.ts';
import { hasCode } from '../../app/errors.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';
import { aCall, options, startMs } from './contract.ts';

async function stage(t: TestContext, url?: string) {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-keeping-'));
  t.after(() => rm(stateDir, { recursive: true, force: true }));
  const log = recordingLog();
  const clock = manualClock(new Date());
  const start = () =>
    startKeeping(
      {
        stateDir,
        store: { url, deadlineMs: 1_000, queueLimit: 100, maskDigits: 0 },
        calls: { maxCallMs: 1_800_000 },
      },
      { clock, log, metrics: { storeDropped: () => undefined, storeQueue: () => undefined }, ...options },
    );
  return { stateDir, log, clock, start };
}

test('calls and recordings of a process that died are put in order at the next start', async (t) => {
  const { stateDir, clock, start } = await stage(t);
  const before = await start();
  await before.store.write(aCall('c1', startMs).slice(0, -1), options);
  await before.store.close();
  const day = path.join(stateDir, 'recordings', '2026-11-22');
  await mkdir(day, { recursive: true });
  const part = path.join(day, 'c1.wav.part');
  await writeFile(
    part,
    writeWav({ sampleRateHz: 16_000, channels: [new Int16Array(16_000), new Int16Array(16_000)] }),
  );
  await utimes(part, new Date(startMs), new Date(startMs));

  const { store, keeper, recordings } = await start();
  t.after(() => store.close());
  const written = keeper.flush(10_000);
  await clock.advance(50);
  await written;
  await keeper.close(0);
  const call = await store.call('c1', options);
  assert.deepEqual(
    [call?.endedBy, call?.recording?.ms, call?.recording?.file],
    ['lost', 1_000, '2026-11-22/c1.wav'],
  );
  assert.equal((await readFile(recordings.pathOf('2026-11-22/c1.wav') ?? '')).length, 44 + 64_000);
  assert.equal(recordings.pathOf('../secrets.json'), undefined);
});

test('a database that is not there is a line in the log: calls are answered all the same', async (t) => {
  const { log, start } = await stage(t, 'postgres://parley@127.0.0.1:9/parley');
  const { store, keeper } = await start();
  assert.ok(log.lines.some(({ message }) => message.includes('answered all the same')));
  await assert.rejects(store.calls({ limit: 1 }, options), (error) => hasCode(error, 'store-unavailable'));
  await keeper.close(0);
  await store.close();
});

test('a store that a later Parley has made is refused at start', async (t) => {
  const { stateDir, start } = await stage(t);
  const later = await openSqlite({
    file: path.join(stateDir, 'calls.sqlite'),
    deadlineMs: 10_000,
    migrations: [{ version: 999, sql: 'SELECT 1' }],
  });
  await later.close();
  await assert.rejects(start(), (error) => hasCode(error, 'store-too-new'));
});
