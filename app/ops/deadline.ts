import { after, type Clock } from './clock.ts';

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** Ends the work early: the call, the turn, or the shutdown. */
  readonly signal?: AbortSignal;
  /** What is thrown when the time is over. */
  readonly onTimeout: () => Error;
}

/**
 * Runs `work` and waits for it no longer than the deadline and the signal allow, even when the work ignores its own signal.
 * @throws what `work` throws, what `onTimeout` makes, or the signal's reason.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { clock, deadlineMs, signal, onTimeout }: DeadlineOptions,
): Promise<T> {
  signal?.throwIfAborted();
  const over = new AbortController();
  const finished = new AbortController();
  const onAbort = () => over.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const cut = new Promise<never>((_, reject) => {
    over.signal.addEventListener('abort', () => reject(over.signal.reason as Error), { once: true });
  });
  after(clock, deadlineMs, finished.signal, () => over.abort(onTimeout()));
  try {
    return await Promise.race([work(over.signal), cut]);
  } catch (error) {
    // Whatever an aborted operation makes of its abortion, the reason is what counts.
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    finished.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}
