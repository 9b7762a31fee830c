import type { Migration } from '../migrate.ts';
import type { Row, Statement } from '../sql.ts';

/** What the database's thread is made with. */
export interface SqliteSetup {
  readonly file: string;
  readonly migrations: readonly Migration[];
}

export interface SqliteRequest {
  readonly id: number;
  readonly statements: readonly Statement[];
}

export type SqliteAnswer =
  | { readonly kind: 'open' }
  | { readonly kind: 'not-opened'; readonly problem: SqliteProblem }
  | { readonly kind: 'done'; readonly id: number; readonly rows: readonly (readonly Row[])[] }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: SqliteProblem };

/** An error as it travels between threads. */
export interface SqliteProblem {
  readonly message: string;
  /** SQLite's primary result code, https://sqlite.org/rescode.html; undefined when it was none of SQLite's. */
  readonly errcode: number | undefined;
  /** Of the database, when it is of a later Parley. */
  readonly tooNew?: { readonly found: number; readonly known: number };
}
