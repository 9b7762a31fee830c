import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openSqlite } from '../../app/store/sqlite/sql.ts';
import { storeContract } from './contract.ts';

storeContract({
  name: 'SQLite',
  async place(t: TestContext) {
    const folder = await mkdtemp(join(tmpdir(), 'parley-store-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'state', 'calls.sqlite');
    return (migrations) =>
      openSqlite({ file, deadlineMs: 30_000, ...(migrations !== undefined && { migrations }) });
  },
});
