import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Job } from './spec.ts';

/** What was removed, and the recordings that belonged to it. */
interface Removed {
  readonly calls: number;
  readonly recordings: readonly string[];
}

interface Limits {
  readonly signal: AbortSignal;
}

export interface RetentionOptions {
  readonly schedule: string;
  readonly keepDays: number;
  readonly keepMB: number;
  readonly calls: {
    removeOlderThan(beforeMs: number, options: Limits): Promise<Removed>;
    removeOldest(count: number, options: Limits): Promise<Removed>;
    sizeBytes(options: Limits): Promise<{ readonly database: number }>;
  };
  readonly recordings: {
    remove(files: readonly string[]): Promise<number>;
    removeOlderThan(beforeMs: number): Promise<void>;
    sizeBytes(): Promise<number>;
  };
  readonly clock: Clock;
  readonly log: Log;
}

const dayMs = 86_400_000;
/** Removed at once where they take too much. */
const step = 20;

/** Removes calls, and their recordings, that are too old; then the oldest, while all together take too much. */
export function retention(options: RetentionOptions): Job {
  const { schedule, keepDays, keepMB, calls, recordings, clock, log } = options;
  return {
    name: 'retention',
    schedule,
    atStart: true,
    deadlineMs: 600_000,
    async run({ signal }) {
      const beforeMs = clock.now().getTime() - keepDays * dayMs;
      const old = await calls.removeOlderThan(beforeMs, { signal });
      await recordings.remove(old.recordings);
      await recordings.removeOlderThan(beforeMs);
      let tooMany = 0;
      while (await takesMore(keepMB * 1_000_000, signal)) {
        const removed = await calls.removeOldest(step, { signal });
        await recordings.remove(removed.recordings);
        tooMany += removed.calls;
        if (removed.calls === 0) break;
      }
      if (old.calls + tooMany > 0) log.info('calls were removed', { tooOld: old.calls, tooMany });
    },
  };

  async function takesMore(bytes: number, signal: AbortSignal): Promise<boolean> {
    const { database } = await calls.sizeBytes({ signal });
    return database + (await recordings.sizeBytes()) > bytes;
  }
}
