import { ParleyError } from '../errors.ts';
import type { Sql } from './sql.ts';

/**
 * A database that need not be there yet: it is opened when it is first asked, and asked for again by the next request
 * when that failed.
 */
export function reopening(
  { kind, sizeStatement }: Pick<Sql, 'kind' | 'sizeStatement'>,
  open: () => Promise<Sql>,
): Sql {
  let opened: Promise<Sql> | undefined;
  let closed = false;

  function database(): Promise<Sql> {
    if (closed)
      return Promise.reject(new ParleyError('store-unavailable', { store: kind, reason: 'it is closed' }));
    if (opened === undefined) {
      const opening = open();
      opened = opening;
      opening.catch(() => {
        if (opened === opening) opened = undefined;
      });
    }
    return opened;
  }

  return {
    kind,
    sizeStatement,
    all: async (statement, options) => (await database()).all(statement, options),
    transaction: async (statements, options) => (await database()).transaction(statements, options),
    async close() {
      closed = true;
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
