import { hasCode } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { CallStore, StoreRecord } from './spec.ts';

export interface StoreMetrics {
  /** Records that were not kept, and why: `full` (too many waited), `refused` (the database does not take it), `closing`. */
  storeDropped(why: string, count: number): void;
  /** Records that wait. */
  storeQueue(depth: number): void;
}

export interface WriteQueueOptions {
  readonly store: Pick<CallStore, 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: StoreMetrics;
  /** Records that may wait. */
  readonly limit: number;
}

/** Written in one transaction. */
const batchSize = 100;
/** Records that come together are written together. */
const gatherMs = 50;
const firstRetryMs = 250;
const longestRetryMs = 10_000;

/**
 * What is to be kept, on its way to the database. Putting something in takes microseconds, whatever the database does:
 * when it fails, it is tried again and again; when too much waits, what comes is dropped and counted.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  /** By name: what is told anew takes the place of what still waits. */
  readonly #waiting = new Map<string, StoreRecord>();
  readonly #ending = new AbortController();
  #writing: readonly StoreRecord[] = [];
  #running: Promise<void> | undefined;
  /** Dropped since the queue was last empty. */
  #dropped = 0;
  #failing = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  /** Records that wait or are being written. */
  get depth(): number {
    return this.#waiting.size + this.#writing.length;
  }

  put(name: string, record: StoreRecord): void {
    if (this.#ending.signal.aborted) {
      this.#drop('closing', 1);
      return;
    }
    if (!this.#waiting.has(name) && this.depth >= this.#options.limit) {
      if (this.#dropped === 0) this.#options.log.error('calls are not kept: too many records wait');
      this.#drop('full', 1);
      return;
    }
    this.#waiting.set(name, record);
    this.#options.metrics.storeQueue(this.depth);
    this.#running ??= this.#run();
  }

  /** Forgets what still waits under that name. */
  remove(name: string): void {
    this.#waiting.delete(name);
  }

  /** Resolves when nothing waits, or `deadlineMs` is over. */
  async flush(deadlineMs: number): Promise<void> {
    const enough = new AbortController();
    await Promise.race([
      this.#running ?? Promise.resolve(),
      this.#options.clock.sleep(deadlineMs, enough.signal).catch(() => undefined),
    ]);
    enough.abort();
  }

  /** Writes what waits, for no longer than `deadlineMs`; the rest is dropped. Idempotent. */
  async close(deadlineMs: number): Promise<void> {
    await this.flush(deadlineMs);
    this.#ending.abort(new Error('the store is being closed'));
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { clock, metrics, log } = this.#options;
    const { signal } = this.#ending;
    await clock.sleep(gatherMs, signal).catch(() => undefined);
    while (this.#waiting.size > 0 && !signal.aborted) {
      const batch = [...this.#waiting].slice(0, batchSize);
      for (const [name] of batch) this.#waiting.delete(name);
      this.#writing = batch.map(([, record]) => record);
      await this.#write(this.#writing, signal);
      this.#writing = [];
      metrics.storeQueue(this.depth);
    }
    if (this.#waiting.size > 0) this.#drop('closing', this.#waiting.size);
    this.#waiting.clear();
    metrics.storeQueue(0);
    if (this.#dropped > 0) log.warn('records were dropped', { dropped: this.#dropped });
    this.#dropped = 0;
    this.#running = undefined;
  }

  /** Until it is written, refused, or the queue is closed. */
  async #write(batch: readonly StoreRecord[], signal: AbortSignal): Promise<void> {
    const { store, clock, log } = this.#options;
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
      try {
        await store.write(batch, { signal });
        if (this.#failing) log.info('the store of calls is back', { waiting: this.#waiting.size });
        this.#failing = false;
        return;
      } catch (error) {
        if (signal.aborted) {
          this.#drop('closing', batch.length);
          return;
        }
        if (hasCode(error, 'store-refused')) {
          await this.#oneByOne(batch, error, signal);
          return;
        }
        if (!this.#failing) log.error('the store of calls cannot be written; it is tried again', { error });
        this.#failing = true;
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
  }

  /** One of them is at fault: the others are kept. */
  async #oneByOne(batch: readonly StoreRecord[], error: Error, signal: AbortSignal): Promise<void> {
    if (batch.length > 1) {
      for (const record of batch) await this.#write([record], signal);
      return;
    }
    this.#options.log.error('a record was refused', { kind: batch[0]?.kind, error });
    this.#drop('refused', 1);
  }

  #drop(why: string, count: number): void {
    this.#dropped += count;
    this.#options.metrics.storeDropped(why, count);
  }
}
