import { ParleyError } from '../errors.ts';
import type { IncomingCall } from './incoming-call.ts';

/** Calls that ring and that nobody has asked for yet, and those who wait for one. */
export class IncomingCalls {
  readonly #ringing: IncomingCall[] = [];
  readonly #takers = new Set<(call: IncomingCall) => boolean>();

  get waiting(): readonly IncomingCall[] {
    return [...this.#ringing];
  }

  add(call: IncomingCall): void {
    for (const take of this.#takers) if (take(call)) return;
    this.#ringing.push(call);
  }

  remove(call: IncomingCall): void {
    const at = this.#ringing.indexOf(call);
    if (at >= 0) this.#ringing.splice(at, 1);
  }

  /**
   * The first that rings, or the next one, on any account or on one.
   * @throws ParleyError `phone-call-failed` when none comes in time; the signal's reason.
   */
  async next(options: {
    readonly account?: string | undefined;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  }): Promise<IncomingCall> {
    const { account, timeoutMs, signal } = options;
    signal.throwIfAborted();
    const fits = (call: IncomingCall): boolean =>
      !call.gone.aborted && (account === undefined || call.account === account);
    const first = this.#ringing.find(fits);
    if (first !== undefined) {
      this.remove(first);
      return first;
    }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingCall>();
    const take = (call: IncomingCall): boolean => {
      if (!fits(call)) return false;
      this.#takers.delete(take);
      resolve(call);
      return true;
    };
    const aborted = (): void => reject(signal.reason as Error);
    const timer = setTimeout(() => {
      const reason = `no call came in within ${String(timeoutMs)} ms`;
      reject(new ParleyError('phone-call-failed', { to: account ?? 'this phone', reason }));
    }, timeoutMs);
    this.#takers.add(take);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#takers.delete(take);
      signal.removeEventListener('abort', aborted);
    }
  }
}
