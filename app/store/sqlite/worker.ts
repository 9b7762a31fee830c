/** The thread in which SQLite works: its calls are synchronous, and a slow disk must not hold the callers up. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { hasCode, messageOf } from '../../errors.ts';
import { migrate } from '../migrate.ts';
import type { Row, SqlValue, Statement } from '../sql.ts';
import type { SqliteAnswer, SqliteProblem, SqliteRequest, SqliteSetup } from './protocol.ts';

const { file, migrations } = workerData as SqliteSetup;
const prepared = new Map<string, StatementSync>();

function answer(message: SqliteAnswer): void {
  parentPort?.postMessage(message);
}

async function open(): Promise<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: 2_000 });
  // WAL: readers and the writer do not wait for each other. NORMAL: a power cut may cost the last records, never the
  // file. secure_delete: what is erased is overwritten.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = 16777216;
  `);
  database.exec('BEGIN IMMEDIATE');
  try {
    await migrate(
      {
        exec: (sql) => database.exec(sql),
        number: (sql) => Number(Object.values(database.prepare(sql).get() ?? {})[0]),
      },
      migrations,
    );
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    database.close();
    throw error;
  }
  return database;
}

function run(database: DatabaseSync, { sql, values }: Statement): Row[] {
  let statement = prepared.get(sql);
  if (statement === undefined) {
    // Numbered parameters are $1 in Postgres and ?1 in SQLite.
    statement = database.prepare(sql.replace(/\$(\d+)/g, '?$1'));
    prepared.set(sql, statement);
  }
  // A number would be bound as a float, and divided as one.
  const bound = values.map((value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value));
  return statement.all(...bound).map((row) => ({ ...(row as Record<string, SqlValue>) }));
}

function runAll(database: DatabaseSync, statements: readonly Statement[]): Row[][] {
  const [first] = statements;
  if (first !== undefined && statements.length === 1) return [run(database, first)];
  database.exec('BEGIN IMMEDIATE');
  try {
    const rows = statements.map((statement) => run(database, statement));
    database.exec('COMMIT');
    return rows;
  } catch (error) {
    // Some errors (a full disk) have rolled it back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function problemOf(error: unknown): SqliteProblem {
  const code = (error as { errcode?: unknown }).errcode;
  return {
    message: messageOf(error),
    errcode: typeof code === 'number' ? code & 0xff : undefined,
    ...(hasCode(error, 'store-too-new') && {
      tooNew: { found: Number(error.details['found']), known: Number(error.details['known']) },
    }),
  };
}

try {
  const database = await open();
  parentPort?.on('message', (request: SqliteRequest | 'close') => {
    if (request === 'close') {
      try {
        database.close();
      } finally {
        parentPort?.close();
      }
      return;
    }
    const { id, statements } = request;
    try {
      answer({ kind: 'done', id, rows: runAll(database, statements) });
    } catch (error) {
      answer({ kind: 'failed', id, problem: problemOf(error) });
    }
  });
  answer({ kind: 'open' });
} catch (error) {
  answer({ kind: 'not-opened', problem: problemOf(error) });
  parentPort?.close();
}
