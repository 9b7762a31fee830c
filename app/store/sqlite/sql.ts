import { mkdir, open as openFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { messageOf, ParleyError } from '../../errors.ts';
import { loadMigrations, type Migration } from '../migrate.ts';
import type { Row, Sql, SqlOptions, Statement } from '../sql.ts';
import type { SqliteAnswer, SqliteProblem, SqliteRequest, SqliteSetup } from './protocol.ts';

export interface SqliteOptions {
  /** Made when it is not there, with its folder. */
  readonly file: string;
  /** How long one transaction may take. */
  readonly deadlineMs: number;
  /** For tests; those that come with Parley when absent. */
  readonly migrations?: readonly Migration[];
}

interface Pending {
  readonly resolve: (rows: readonly (readonly Row[])[]) => void;
  readonly reject: (error: Error) => void;
}

/** Result codes that speak of the machine, not of what was asked: error, permission, busy, full, and so on. */
const machineCodes: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 22, 23]);

/** Of the pages that are in use: the file does not shrink when rows are deleted. */
export const sqliteSize =
  'SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size';

/** A thread that has the database open. */
interface Thread {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

/**
 * SQLite in a file, in a thread of its own (WAL). When the thread has died, the next request gets another one.
 * @throws ParleyError `store-unavailable`, `store-too-new` when it cannot be opened.
 */
export async function openSqlite(options: SqliteOptions): Promise<Sql> {
  const { file, deadlineMs } = options;
  const migrations = options.migrations ?? (await loadMigrations());
  const closing = new AbortController();
  let opened: Promise<Thread> | undefined;
  let lastId = 0;

  async function start(): Promise<Thread> {
    try {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      // Nobody else may read it; what SQLite puts beside it takes after it.
      await (await openFile(file, 'a', 0o600)).close();
    } catch (error) {
      throw unavailable(messageOf(error));
    }
    const setup: SqliteSetup = { file, migrations };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: setup });
    const thread: Thread = { worker, pending: new Map() };
    const gone = Promise.withResolvers<never>();
    const lose = (reason: string): void => {
      opened = undefined;
      gone.reject(unavailable(reason));
      for (const { reject } of thread.pending.values()) reject(unavailable(reason));
      thread.pending.clear();
    };
    const ready = Promise.withResolvers<undefined>();
    worker.on('message', (answer: SqliteAnswer) => {
      switch (answer.kind) {
        case 'open':
          ready.resolve(undefined);
          return;
        case 'not-opened':
          ready.reject(errorOf(answer.problem));
          return;
        default: {
          const pending = thread.pending.get(answer.id);
          thread.pending.delete(answer.id);
          if (answer.kind === 'done') pending?.resolve(answer.rows);
          else pending?.reject(errorOf(answer.problem));
        }
      }
    });
    worker.on('error', (error) => {
      lose(messageOf(error));
    });
    worker.on('exit', () => {
      lose('its thread has ended');
    });
    gone.promise.catch(() => undefined);
    await Promise.race([ready.promise, gone.promise]);
    // Only what waits for an answer keeps the process alive.
    worker.unref();
    return thread;
  }

  function open(): Promise<Thread> {
    if (closing.signal.aborted) return Promise.reject(unavailable('it is closed'));
    if (opened === undefined) {
      const starting = start();
      opened = starting;
      starting.catch(() => {
        if (opened === starting) opened = undefined;
      });
    }
    return opened;
  }

  async function ask(
    statements: readonly Statement[],
    { signal }: SqlOptions,
  ): Promise<readonly (readonly Row[])[]> {
    signal.throwIfAborted();
    const { worker, pending } = await open();
    signal.throwIfAborted();
    const id = ++lastId;
    const { promise, resolve, reject } = Promise.withResolvers<readonly (readonly Row[])[]>();
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      reject(unavailable(`no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    signal.addEventListener('abort', abort, { once: true });
    pending.set(id, { resolve, reject });
    const request: SqliteRequest = { id, statements };
    worker.postMessage(request);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      pending.delete(id);
    }
  }

  await open();
  let closed: Promise<void> | undefined;
  return {
    kind: 'sqlite',
    sizeStatement: sqliteSize,
    all: async (statement, options) => (await ask([statement], options))[0] ?? [],
    transaction: ask,
    close() {
      closed ??= close();
      return closed;
    },
  };

  async function close(): Promise<void> {
    closing.abort();
    const thread = await opened?.catch(() => undefined);
    if (thread === undefined) return;
    const { worker, pending } = thread;
    for (const { reject } of pending.values()) reject(unavailable('it is closed'));
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
    });
    worker.postMessage('close');
    const timer = setTimeout(() => void worker.terminate(), deadlineMs);
    await ended;
    clearTimeout(timer);
  }
}

function unavailable(reason: string): ParleyError {
  return new ParleyError('store-unavailable', { store: 'sqlite', reason });
}

function errorOf({ message, errcode, tooNew }: SqliteProblem): ParleyError {
  if (tooNew !== undefined) return new ParleyError('store-too-new', tooNew);
  if (errcode === undefined || machineCodes.has(errcode)) return unavailable(message);
  return new ParleyError('store-refused', { store: 'sqlite', reason: message });
}
