import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../app/ops/clock.ts';
import { createCallStore } from '../../app/store/call-store.ts';
import { WriteQueue } from '../../app/store/write-queue.ts';
import { recordingLog } from '../fakes/log.ts';
import { openPostgres } from '../../app/store/postgres/sql.ts';
import { sql } from '../../app/store/sql.ts';
import { aCall, options, startMs, storeContract } from './contract.ts';
import { type PostgresServer, postgresServer } from './postgres-server.ts';

const stopping = new AbortController();
let server: PostgresServer | undefined;
let databases = 0;

before(async () => {
  server = await postgresServer(stopping.signal);
  await server.start();
});
after(async () => {
  await server?.close();
  stopping.abort();
});

const running = (): PostgresServer => {
  assert.ok(server);
  return server;
};

async function place(): Promise<string> {
  const name = `calls${++databases}`;
  const admin = await openPostgres({ url: running().url('postgres'), deadlineMs: 30_000, migrations: [] });
  // No database can be made inside a transaction.
  await admin.all(sql(`CREATE DATABASE ${name}`), options);
  await admin.close();
  return running().url(name);
}

storeContract({
  name: 'Postgres',
  async place() {
    const url = await place();
    return (migrations) =>
      openPostgres({ url, deadlineMs: 30_000, ...(migrations !== undefined && { migrations }) });
  },
});

test('Postgres is killed in the middle of writing: nobody waits, and it is written when it is back', async (t) => {
  const store = createCallStore(await openPostgres({ url: await place(), deadlineMs: 2_000 }));
  t.after(() => store.close());
  const log = recordingLog();
  let dropped = 0;
  const queue = new WriteQueue({
    store,
    clock: systemClock,
    log,
    metrics: { storeDropped: (_why, count) => (dropped += count), storeQueue: () => undefined },
    limit: 1_000,
  });
  let longestMs = 0;
  let calls = 0;
  const keep = (count: number): void => {
    for (const end = calls + count; calls < end; calls++) {
      const began = performance.now();
      for (const [at, record] of aCall(`c${calls}`, startMs + calls).entries())
        queue.put(`${calls} ${at}`, record);
      longestMs = Math.max(longestMs, performance.now() - began);
    }
  };
  keep(50);
  await queue.flush(20_000);
  keep(50);
  await running().kill();
  keep(50);
  const troubled = log.next('the store of calls cannot be written; it is tried again');
  await troubled;
  keep(50);
  await running().start();
  await queue.close(20_000);
  const kept = await store.calls({ limit: 500 }, options);
  t.diagnostic(`the longest that a call was held up: ${longestMs.toFixed(2)} ms`);
  assert.deepEqual([kept.calls.length, dropped], [200, 0]);
  assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1);
});
