import { readdir, readFile } from 'node:fs/promises';
import { ParleyError } from '../errors.ts';

/** One step from a version of the tables to the next: `003-name.sql` leads to version 3. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** A transaction in which nobody else migrates. */
export interface MigrationSession {
  /** One or more statements. */
  exec(sql: string): Promise<void> | void;
  /** The first number of the first row. */
  number(sql: string): Promise<number> | number;
}

const folder = new URL('./migrations/', import.meta.url);

/** Those that come with Parley, in their order. */
export async function loadMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{3}-.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 3)),
      sql: await readFile(new URL(name, folder), 'utf8'),
    })),
  );
}

/**
 * Brings the tables to the last version, from any version before it or from nothing.
 * @throws ParleyError `store-too-new`; what the session throws.
 */
export async function migrate(session: MigrationSession, migrations: readonly Migration[]): Promise<void> {
  await session.exec('CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)');
  const found = await session.number('SELECT COALESCE(MAX(version), 0) AS version FROM schema_version');
  const known = migrations.at(-1)?.version ?? 0;
  if (found > known) throw new ParleyError('store-too-new', { found, known });
  for (const { version, sql } of migrations) {
    if (version <= found) continue;
    await session.exec(sql);
    await session.exec(`INSERT INTO schema_version (version) VALUES (${version})`);
  }
}
