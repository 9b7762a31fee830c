import path from 'node:path';
import { createCallStore } from './call-store.ts';
import { openPostgres, postgresSize } from './postgres/sql.ts';
import { reopening } from './reopening.ts';
import type { CallStore } from './spec.ts';
import { openSqlite, sqliteSize } from './sqlite/sql.ts';

/** What of the configuration says where calls are kept. */
export interface StorePlace {
  readonly stateDir: string;
  readonly store: {
    readonly url?: string | undefined;
    readonly deadlineMs: number;
    readonly recordingsDir?: string | undefined;
  };
}

/** The store that is configured: Postgres, or a file in the state's folder. It need not be there yet, and may come back. */
export function openStore({ stateDir, store: { url, deadlineMs } }: StorePlace): CallStore {
  const file = path.join(stateDir, 'calls.sqlite');
  return createCallStore(
    url === undefined
      ? reopening({ kind: 'sqlite', sizeStatement: sqliteSize }, () => openSqlite({ file, deadlineMs }))
      : reopening({ kind: 'postgres', sizeStatement: postgresSize }, () => openPostgres({ url, deadlineMs })),
  );
}

export function recordingsDirOf({ stateDir, store }: StorePlace): string {
  return path.resolve(store.recordingsDir ?? path.join(stateDir, 'recordings'));
}
