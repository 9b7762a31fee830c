import { ParleyError } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';

/** A failure of a service of understanding, and whether to ask it once more. */
export class ServiceFailure extends Error {
  /** HTTP status, undefined when there was no answer. */
  readonly status: number | undefined;
  /** From its `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: string,
    more: { status?: number; retryAfter?: string | null | undefined; cause?: unknown },
  ) {
    super(reason, { cause: more.cause });
    this.name = 'ServiceFailure';
    this.status = more.status;
    const seconds = Number(more.retryAfter ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
  }

  get retryable(): boolean {
    return this.status === undefined || this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

export interface AskOptions {
  /** Of the provider, for the error. */
  readonly provider: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A caller does not wait longer than this for a second try. */
const longestPauseMs = 1_000;
const shortPauseMs = 100;

/**
 * Asks a service, and once more where that may help and the wait is short.
 * @param ask throws ServiceFailure; `again` tells that it is the second try, which wants a connection of its own.
 * @throws ParleyError `nlu-unavailable`, `nlu-key-refused`; the signal's reason as soon as it is aborted.
 */
export async function askService<T>(
  ask: (signal: AbortSignal, again: boolean) => Promise<T>,
  { provider, clock, signal }: AskOptions,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await ask(signal, false);
  } catch (error) {
    signal.throwIfAborted();
    const failure = asFailure(error);
    const pauseMs = failure.retryAfterMs ?? shortPauseMs;
    if (!failure.retryable || pauseMs > longestPauseMs) throw explained(failure, provider);
    await clock.sleep(pauseMs, signal);
  }
  try {
    return await ask(signal, true);
  } catch (error) {
    signal.throwIfAborted();
    throw explained(asFailure(error), provider);
  }
}

function asFailure(error: unknown): ServiceFailure {
  if (error instanceof ServiceFailure) return error;
  throw error;
}

function explained(failure: ServiceFailure, provider: string): ParleyError {
  const { status, message, cause } = failure;
  return status === 401 || status === 403
    ? new ParleyError('nlu-key-refused', { provider, status }, { cause })
    : new ParleyError('nlu-unavailable', { provider, reason: message }, { cause });
}

/** Services take no more than 500 characters: the words that go in, from the beginning. */
export function shortened(text: string, most = 500): string {
  if (text.length <= most) return text;
  const end = text.lastIndexOf(' ', most);
  return text.slice(0, end > 0 ? end : most);
}
