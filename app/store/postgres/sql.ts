import pg from 'pg';
import { messageOf, ParleyError } from '../../errors.ts';
import { loadMigrations, migrate, type Migration } from '../migrate.ts';
import type { Row, Sql, SqlOptions, Statement } from '../sql.ts';

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. */
  readonly url: string;
  /** How long connecting, and one statement, may take. */
  readonly deadlineMs: number;
  /** For tests; those that come with Parley when absent. */
  readonly migrations?: readonly Migration[];
}

/** Of the rows: the files do not shrink when rows are deleted. */
export const postgresSize = `SELECT ${['calls', 'turns', 'events', 'incidents']
  .map((table) => `COALESCE((SELECT SUM(pg_column_size(t.*)) FROM ${table} t), 0)`)
  .join(' + ')} AS bytes`;

/** One writes, some read. */
const connections = 4;
/** Any number that no other program locks by. */
const migrationLock = 7_251_539;

/** Of types by their number (pg_type.oid): int8, and numeric, which sums of it are. */
const wholeNumbers: ReadonlySet<number> = new Set([20, 1_700]);

/** Whole numbers of 64 bits come as text unless told otherwise; none here is longer than a double holds. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    wholeNumbers.has(oid) ? Number : (pg.types.getTypeParser(oid, format) as (value: string) => unknown),
};

/**
 * Postgres by a pool of connections; those that break are made anew.
 * @throws ParleyError `store-unavailable`, `store-too-new` when its tables cannot be brought up to date.
 */
export async function openPostgres(options: PostgresOptions): Promise<Sql> {
  const { url, deadlineMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: deadlineMs,
    query_timeout: deadlineMs,
    statement_timeout: deadlineMs,
    keepAlive: true,
    application_name: 'parley',
    types,
  });
  // A connection that breaks while nobody uses it: the next one is made when it is needed.
  pool.on('error', () => undefined);

  async function within<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw errorOf(error);
    }
    let broken = false;
    // It may break while it is in use, between two statements.
    const lose = (): void => {
      broken = true;
    };
    client.on('error', lose);
    try {
      return await work(client);
    } catch (error) {
      const told = errorOf(error);
      // After a deadline its answer may still come: it is not used again.
      broken ||= told.code !== 'store-refused';
      throw told;
    } finally {
      client.removeListener('error', lose);
      client.release(broken);
    }
  }

  async function inTransaction<T>(client: pg.PoolClient, work: () => Promise<T>): Promise<T> {
    await client.query('BEGIN');
    try {
      const result = await work();
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // Where the connection is gone, so is the transaction.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  function transaction(statements: readonly Statement[]): Promise<(readonly Row[])[]> {
    return within((client) =>
      inTransaction(client, async () => {
        const rows: (readonly Row[])[] = [];
        for (const statement of statements) rows.push(await query(client, statement));
        return rows;
      }),
    );
  }

  const migrations = options.migrations ?? (await loadMigrations());
  try {
    await within((client) =>
      inTransaction(client, async () => {
        // Several machines may start at once. The lock ends with the transaction.
        await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
        const session = {
          exec: async (text: string) => {
            await client.query(text);
          },
          number: async (text: string) => {
            const { rows } = await client.query<Record<string, unknown>>(text);
            return Number(Object.values(rows[0] ?? {})[0]);
          },
        };
        await migrate(session, migrations);
      }),
    );
  } catch (error) {
    await pool.end();
    throw error;
  }

  let closed: Promise<void> | undefined;
  return {
    kind: 'postgres',
    sizeStatement: postgresSize,
    all: (statement, { signal }) => orAborted(() => within((client) => query(client, statement)), signal),
    transaction: (statements, { signal }) => orAborted(() => transaction(statements), signal),
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

async function query(client: pg.PoolClient, { sql, values }: Statement): Promise<readonly Row[]> {
  return (await client.query<Row>(sql, [...values])).rows;
}

/** What was begun goes on to its deadline; nobody waits for it any more. */
async function orAborted<T>(work: () => Promise<T>, signal: SqlOptions['signal']): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Classes of SQLSTATE that speak of what was asked: data, integrity, syntax (Postgres, appendix A). */
const refusals = /^(22|23|42)/;

function errorOf(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  const code = (error as { code?: unknown }).code;
  const refused = typeof code === 'string' && code.length === 5 && refusals.test(code);
  const reason = messageOf(error) || String(code);
  return new ParleyError(
    refused ? 'store-refused' : 'store-unavailable',
    { store: 'postgres', reason },
    { cause: error },
  );
}
