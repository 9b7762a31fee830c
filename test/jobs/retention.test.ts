import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { retention } from '../../app/jobs/retention.ts';
import { openStore } from '../../app/store/open.ts';
import { RecordingsFolder } from '../../app/store/recordings.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';
import { aCall, options } from '../store/contract.ts';

const dayMs = 86_400_000;

test('calls and recordings that are too old go, then the oldest until the rest fits', async (t) => {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-retention-'));
  t.after(() => rm(stateDir, { recursive: true, force: true }));
  const store = openStore({ stateDir, store: { deadlineMs: 10_000 } });
  t.after(() => store.close());
  const recordings = new RecordingsFolder(path.join(stateDir, 'recordings'));
  const now = new Date('2026-11-22T12:00:00Z');
  // One a day, 100 kB each, and one that no call belongs to.
  const days = Array.from({ length: 40 }, (_, ago) => now.getTime() - ago * dayMs);
  for (const startedAtMs of days) {
    const day = new Date(startedAtMs).toISOString().slice(0, 10);
    await mkdir(path.join(recordings.dir, day), { recursive: true });
    await writeFile(path.join(recordings.dir, day, 'c.wav'), Buffer.alloc(100_000));
    await store.write(aCall(day, startedAtMs, { recording: `${day}/c.wav` }), options);
  }
  await writeFile(path.join(recordings.dir, '2026-10-15', 'nobodys.wav'), Buffer.alloc(100_000));
  const job = (keepMB: number) =>
    retention({
      schedule: '* * * * *',
      keepDays: 30,
      keepMB,
      calls: store,
      recordings,
      clock: manualClock(now),
      log: recordingLog(),
    });
  await job(100).run(options);
  const left = async () => (await store.calls({ limit: 500 }, options)).calls.length;
  assert.equal(await left(), 31);
  assert.equal((await readdir(recordings.dir)).length, 31);

  await job(2).run(options);
  assert.equal(await left(), 11);
  assert.equal((await readdir(recordings.dir)).length, 11);
  assert.ok((await readdir(recordings.dir)).includes('2026-11-22'));
});
