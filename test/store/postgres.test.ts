import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { openPostgres } from '../../app/store/postgres/sql.ts';
import { sql } from '../../app/store/sql.ts';
import { options, storeContract } from './contract.ts';
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
