import { ParleyError } from '../errors.ts';
import { figureStatements, figuresOf } from './figures.ts';
import { statementFor } from './records.ts';
import { callOf, digitsOf, eventOf, fold, turnOf, turnSummary } from './rows.ts';
import type { CallQuery, CallStore, Removed, StoredCall, StoreOptions } from './spec.ts';
import { type Row, type Sql, sql, type SqlValue, type Statement } from './sql.ts';

/** Calls that one transaction removes at most, so that nothing else waits long. */
const removedAtOnce = 500;

/** The store of calls on any of the databases. */
export function createCallStore(database: Sql): CallStore {
  const withTurns = async (rows: readonly Row[], options: StoreOptions): Promise<StoredCall[]> => {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => String(row['id']));
    const places = ids.map((_, at) => `$${at + 1}`).join(', ');
    const found = await database.all(
      sql(
        `SELECT call_id, intent, answer_ms FROM turns WHERE call_id IN (${places}) ORDER BY call_id, number`,
        ...ids,
      ),
      options,
    );
    const turns = Map.groupBy(found.map(turnSummary), ({ callId }) => callId);
    return rows.map((row) => callOf(row, turns.get(String(row['id'])) ?? []));
  };

  /** Those that `which` selects, in steps. */
  const remove = async (which: Statement, options: StoreOptions): Promise<Removed> => {
    const removed = { calls: 0, turns: 0, events: 0, recordings: [] as string[] };
    for (;;) {
      const ids = `(${which.sql})`;
      const count = (table: string): Statement => ({
        sql: `SELECT COUNT(*) AS n FROM ${table} WHERE call_id IN ${ids}`,
        values: which.values,
      });
      const [turns, events, calls] = await database.transaction(
        [
          count('turns'),
          count('events'),
          // Turns and events go with it.
          { sql: `DELETE FROM calls WHERE id IN ${ids} RETURNING recording_file`, values: which.values },
        ],
        options,
      );
      removed.turns += Number(turns?.[0]?.['n']);
      removed.events += Number(events?.[0]?.['n']);
      removed.calls += calls?.length ?? 0;
      for (const { recording_file: file } of calls ?? []) {
        if (typeof file === 'string') removed.recordings.push(file);
      }
      if ((calls?.length ?? 0) < removedAtOnce) return removed;
    }
  };

  return {
    kind: database.kind,
    async calls(query, options) {
      const limit = Math.max(1, Math.min(500, Math.trunc(query.limit)));
      // One more than asked for tells whether there is a next page.
      const rows = await database.all(pageStatement(query, limit + 1), options);
      const calls = await withTurns(rows.slice(0, limit), options);
      const last = calls.at(-1);
      return { calls, next: rows.length > limit && last !== undefined ? cursorAt(last) : null };
    },
    async call(id, options) {
      const rows = await database.all(sql('SELECT * FROM calls WHERE id = $1', id), options);
      return (await withTurns(rows, options))[0];
    },
    async turnsOf(id, options) {
      const all = sql('SELECT * FROM turns WHERE call_id = $1 ORDER BY number', id);
      return (await database.all(all, options)).map(turnOf);
    },
    async eventsOf(id, options) {
      const all = sql('SELECT at_ms, kind, details FROM events WHERE call_id = $1 ORDER BY seq', id);
      return (await database.all(all, options)).map(eventOf);
    },
    async figures(query, options) {
      return figuresOf(query, await database.transaction(figureStatements(query), options));
    },
    erase({ caller }, options) {
      const digits = digitsOf(caller);
      // A SIP name such as alice has no digits.
      const [column, value] = digits === '' ? ['caller_number', caller] : ['caller_digits', digits];
      return remove(sql(`SELECT id FROM calls WHERE ${column} = $1 LIMIT ${removedAtOnce}`, value), options);
    },
    async removeOlderThan(beforeMs, options) {
      const older = sql(
        `SELECT id FROM calls WHERE started_at_ms < $1 ORDER BY started_at_ms LIMIT ${removedAtOnce}`,
        beforeMs,
      );
      const removed = await remove(older, options);
      await database.all(sql('DELETE FROM incidents WHERE at_ms < $1', beforeMs), options);
      return removed;
    },
    removeOldest(count, options) {
      const limit = Math.max(1, Math.min(removedAtOnce - 1, Math.trunc(count)));
      return remove(
        sql(`SELECT id FROM calls WHERE ended_at_ms IS NOT NULL ORDER BY started_at_ms, id LIMIT ${limit}`),
        options,
      );
    },
    async sizeBytes(options) {
      const [size, recordings] = await database.transaction(
        [sql(database.sizeStatement), sql('SELECT COALESCE(SUM(recording_bytes), 0) AS bytes FROM calls')],
        options,
      );
      return {
        database: Number(size?.[0]?.['bytes']),
        recordings: Number(recordings?.[0]?.['bytes']),
      };
    },
    async write(records, options) {
      if (records.length > 0) await database.transaction(records.map(statementFor), options);
    },
    close: () => database.close(),
  };
}

function pageStatement(query: CallQuery, limit: number): Statement {
  const values: SqlValue[] = [];
  const value = (one: SqlValue): string => `$${values.push(one)}`;
  const like = (part: string): string => `${value(`%${escapeLike(fold(part))}%`)} ESCAPE '\\'`;
  const conditions: string[] = [];
  const { fromMs, toMs, caller, intent, endedBy, text, cursor } = query;
  if (fromMs !== undefined) conditions.push(`started_at_ms >= ${value(fromMs)}`);
  if (toMs !== undefined) conditions.push(`started_at_ms < ${value(toMs)}`);
  if (caller !== undefined && caller !== '') conditions.push(`caller_search LIKE ${like(caller)}`);
  if (endedBy !== undefined) conditions.push(`ended_by = ${value(endedBy)}`);
  const ofATurn = (condition: string): string =>
    `EXISTS (SELECT 1 FROM turns WHERE turns.call_id = calls.id AND ${condition})`;
  if (intent !== undefined) conditions.push(ofATurn(`intent = ${value(intent)}`));
  if (text !== undefined && text !== '') conditions.push(ofATurn(`search LIKE ${like(text)}`));
  if (cursor !== undefined) {
    const { startedAtMs, id } = readCursor(cursor);
    conditions.push(`(started_at_ms, id) < (${value(startedAtMs)}, ${value(id)})`);
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return { sql: `SELECT * FROM calls ${where} ORDER BY started_at_ms DESC, id DESC LIMIT ${limit}`, values };
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function cursorAt({ startedAtMs, id }: StoredCall): string {
  return Buffer.from(`${startedAtMs}.${id}`).toString('base64url');
}

/** @throws ParleyError `store-query-invalid`. */
function readCursor(cursor: string): { startedAtMs: number; id: string } {
  const match = /^(-?\d{1,16})\.(.{1,100})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, startedAt, id] = match ?? [];
  if (startedAt === undefined || id === undefined)
    throw new ParleyError('store-query-invalid', { reason: 'the cursor is none that it gave' });
  return { startedAtMs: Number(startedAt), id };
}
