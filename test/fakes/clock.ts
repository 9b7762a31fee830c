import type { Clock } from '../../app/ops/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that moves only when it is told to. */
export interface ManualClock extends Clock {
  /** Lets time pass; who sleeps is woken in order, and what they do before the next one wakes is waited for. */
  advance(ms: number): Promise<void>;
  /** Sets the calendar without letting time pass. */
  setNow(now: Date | string): void;
  /** Resolves as soon as at least `count` sleep. */
  whenSleeping(count: number): Promise<void>;
  readonly sleeping: number;
}

export function manualClock(startAt: Date | string = '2026-11-04T12:00:00Z'): ManualClock {
  let nowMs = 0;
  let startMs = new Date(startAt).getTime();
  const sleepers = new Set<Sleeper>();
  const watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();

  /** One turn of the event loop, after which every promise that could settle has. */
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  function tellWatchers(): void {
    for (const watcher of watchers) {
      if (sleepers.size >= watcher.count) {
        watchers.delete(watcher);
        watcher.resolve();
      }
    }
  }

  return {
    now: () => new Date(startMs + nowMs),
    monotonicMs: () => nowMs,
    get sleeping() {
      return sleepers.size;
    },
    setNow(now) {
      startMs = new Date(now).getTime() - nowMs;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        };
        const sleeper: Sleeper = {
          atMs: nowMs + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        sleepers.add(sleeper);
        tellWatchers();
      }),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const next = [...sleepers].sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > untilMs) break;
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
        await settle();
      }
      nowMs = untilMs;
      await settle();
    },
    whenSleeping: (count) =>
      new Promise((resolve) => {
        watchers.add({ count, resolve });
        tellWatchers();
      }),
  };
}
