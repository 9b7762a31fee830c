import type { Worker } from 'node:worker_threads';

/** How long a thread may go on with loading, or with a step of native code, before it is no longer waited for. */
const closeDeadlineMs = 20_000;

/**
 * Asks a thread to end (`{ kind: 'close' }`) and waits until it has. Asked, never ended by force: a thread that is torn out
 * of native code takes the whole process with it.
 * @param exited settles when it has ended.
 */
export async function endThread(worker: Worker, exited: Promise<unknown>): Promise<void> {
  worker.postMessage({ kind: 'close' });
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    worker.unref();
    late.resolve(undefined);
  }, closeDeadlineMs);
  await Promise.race([exited, late.promise]);
  clearTimeout(timer);
}
