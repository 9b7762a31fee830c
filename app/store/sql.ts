/** What a database is to the store: the same SQL runs on each (`$1`, `$2`... stand for the values). */

export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export type Row = Readonly<Record<string, SqlValue>>;

export interface SqlOptions {
  readonly signal: AbortSignal;
}

/**
 * One database.
 * Both throw ParleyError `store-unavailable` when it does not answer in time or has no room, `store-refused` when it does
 * not take what it is given, and the signal's reason when aborted.
 */
export interface Sql {
  /** `sqlite` or `postgres`. */
  readonly kind: string;
  /** The statement that tells how many `bytes` the tables take. */
  readonly sizeStatement: string;
  all(statement: Statement, options: SqlOptions): Promise<readonly Row[]>;
  /** All of them or none, in their order. @returns the rows of each. */
  transaction(statements: readonly Statement[], options: SqlOptions): Promise<readonly (readonly Row[])[]>;
  /** Idempotent; rejects what is pending. */
  close(): Promise<void>;
}

export function sql(text: string, ...values: readonly SqlValue[]): Statement {
  return { sql: text, values };
}
