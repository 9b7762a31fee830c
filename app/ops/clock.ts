/** Time, injected, so that tests decide what time it is. Time inside audio is counted in samples instead. */
export interface Clock {
  /** The calendar's time; jumps when somebody sets the machine's clock. */
  now(): Date;
  /** Milliseconds since some moment; only ever goes forward. For durations, ages and deadlines. */
  monotonicMs(): number;
  /** Resolves after `ms`. Rejects at once with the signal's reason when it is (or was) aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** setTimeout fires at once for anything longer (a 32-bit number of milliseconds, 24.8 days). */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    for (let leftMs = ms; leftMs > 0; leftMs -= longestTimerMs) {
      await wait(Math.min(leftMs, longestTimerMs), signal);
    }
    signal.throwIfAborted();
  },
};

/** Does something after `ms`, unless the signal is aborted before. */
export function after(clock: Clock, ms: number, signal: AbortSignal, what: () => void): void {
  clock.sleep(ms, signal).then(what, () => undefined);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
