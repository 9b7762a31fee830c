import { Worker } from 'node:worker_threads';
import { messageOf, ParleyError } from '../../errors.ts';
import { endThread } from '../end-thread.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread.ts';
import { RunningStats, type Spread } from './running-stats.ts';

export interface PoolOptions {
  /** The provider's name, for errors. */
  readonly provider: string;
  readonly unavailable: 'stt-unavailable' | 'tts-unavailable' | 'vad-unavailable';
  /** A module that calls `serve` (thread.ts). */
  readonly script: URL;
  /** Given to each thread when it starts. */
  readonly setup: unknown;
  readonly workers: number;
  /** How many requests may wait besides those being worked on. */
  readonly queueLimit: number;
  /** Give way to those who carry audio; for what computes long. Absent: as important as they are. */
  readonly givesWay?: boolean;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly transfer?: readonly ArrayBuffer[];
  /** Part of something that was admitted before; not counted against the limit. */
  readonly continues?: boolean;
}

/** What operators and benches look at. Times cover the last few hundred requests. */
export interface PoolStats {
  readonly workers: number;
  readonly running: number;
  readonly waiting: number;
  readonly finished: number;
  readonly failed: number;
  readonly aborted: number;
  readonly refused: number;
  readonly restarts: number;
  readonly waitMs: Spread;
  readonly workMs: Spread;
}

interface Job {
  readonly request: unknown;
  readonly transfer: readonly ArrayBuffer[];
  readonly queuedAt: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Makes way for any other. */
  readonly spare: boolean;
  settled: boolean;
  startedAt: number;
}

interface Thread {
  readonly worker: Worker;
  /** Holds the number of the request that was given up; the thread looks at it between its steps. */
  readonly givenUp: Int32Array;
  readonly exited: Promise<unknown>;
  ready: boolean;
  job: Job | undefined;
  sequence: number;
}

/**
 * Worker threads behind one bounded queue, first come, first served. A request that is aborted is settled at once; when it
 * had not begun it is never worked on. A thread that dies fails its request alone and is replaced when there is work.
 */
export class WorkerPool<Request, Answer> {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  readonly #queue: Job[] = [];
  readonly #waitMs = new RunningStats();
  readonly #workMs = new RunningStats();
  readonly #counts = { finished: 0, failed: 0, aborted: 0, refused: 0, restarts: 0 };
  readonly #starts = new Map<Thread, PromiseWithResolvers<undefined>>();
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts all threads and resolves when they are ready. @throws ParleyError the pool's `unavailable` code. */
  async start(): Promise<void> {
    this.assertOpen();
    this.#fillUp();
    await Promise.all([...this.#starts.values()].map((start) => start.promise));
  }

  /** @throws ParleyError `speech-overloaded` or the pool's `unavailable` code; the signal's reason when aborted. */
  async run(request: Request, options: RunOptions): Promise<Answer> {
    const { signal, transfer = [], continues = false } = options;
    signal.throwIfAborted();
    this.assertOpen();
    if (!continues && this.#queue.length >= this.#options.queueLimit) {
      this.#counts.refused++;
      throw new ParleyError('speech-overloaded', {
        provider: this.#options.provider,
        waiting: this.#queue.length,
      });
    }
    return (await this.#enqueue({ request, transfer, signal, spare: false })) as Answer;
  }

  /**
   * Does what is nice to have: only when a thread has nothing else to do, and no longer than until it has.
   * @returns undefined when it was not done.
   * @throws as `run`, but never `speech-overloaded`.
   */
  async runIfIdle(
    request: Request,
    options: Pick<RunOptions, 'signal' | 'transfer'>,
  ): Promise<Answer | undefined> {
    const { signal, transfer = [] } = options;
    signal.throwIfAborted();
    this.assertOpen();
    const idle = [...this.#threads].some((thread) => thread.ready && !thread.job);
    if (!idle || this.#queue.length > 0) return undefined;
    return (await this.#enqueue({ request, transfer, signal, spare: true })) as Answer | undefined;
  }

  /** @throws ParleyError the pool's `unavailable` code once it is closed. */
  assertOpen(): void {
    if (this.#closing) throw this.#unavailable('it is closed');
  }

  stats(): PoolStats {
    return {
      ...this.#counts,
      workers: this.#threads.size,
      running: [...this.#threads].filter((thread) => thread.job).length,
      waiting: this.#queue.length,
      waitMs: this.#waitMs.spread(),
      workMs: this.#workMs.spread(),
    };
  }

  /** Rejects what is waiting and running and ends all threads. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const reason = this.#unavailable('it was closed');
    for (const job of this.#queue.splice(0)) this.#settle(job, 'failed', reason);
    const ends = [...this.#threads].map(async (thread) => {
      if (thread.job) {
        Atomics.store(thread.givenUp, 0, thread.sequence);
        this.#settle(thread.job, 'failed', reason);
      }
      await endThread(thread.worker, thread.exited);
    });
    await Promise.all(ends);
  }

  async #enqueue(
    what: Pick<Job, 'request' | 'transfer' | 'spare'> & { readonly signal: AbortSignal },
  ): Promise<unknown> {
    const { signal, ...rest } = what;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const job: Job = {
      ...rest,
      queuedAt: performance.now(),
      resolve,
      reject,
      settled: false,
      startedAt: 0,
    };
    const onAbort = (): void => this.#giveUp(job, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(job);
    this.#fillUp();
    this.#hand();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #fillUp(): void {
    while (this.#threads.size < this.#options.workers) this.#startThread();
  }

  #startThread(): void {
    const givenUp = new Int32Array(new SharedArrayBuffer(4));
    const { setup, givesWay = false } = this.#options;
    const settings: ThreadSettings = { givenUp, setup, givesWay };
    const worker = new Worker(this.#options.script, { workerData: settings });
    const exit = Promise.withResolvers<undefined>();
    const thread: Thread = {
      worker,
      givenUp,
      exited: exit.promise,
      ready: false,
      job: undefined,
      sequence: 0,
    };
    const start = Promise.withResolvers<undefined>();
    // Whoever waits in start() hears of a failure; without anybody there the request it carries does.
    start.promise.catch(() => undefined);
    this.#threads.add(thread);
    this.#starts.set(thread, start);
    let cause: unknown;
    worker.on('message', (message: FromThread) => this.#hear(thread, message));
    worker.on('error', (error: unknown) => {
      cause = error;
    });
    worker.on('exit', (status) => {
      exit.resolve(undefined);
      this.#lose(thread, cause ?? new Error(`its thread ended with status ${status}`));
    });
  }

  #hear(thread: Thread, message: FromThread): void {
    if (message.kind === 'ready') {
      thread.ready = true;
      this.#starts.get(thread)?.resolve(undefined);
      this.#starts.delete(thread);
      this.#hand();
      return;
    }
    const { job } = thread;
    if (!job || message.sequence !== thread.sequence) return;
    thread.job = undefined;
    this.#workMs.add(performance.now() - job.startedAt);
    if (message.kind === 'answer') this.#settle(job, 'finished', message.answer);
    else this.#settle(job, 'failed', this.#unavailable(message.reason));
    this.#hand();
  }

  /** A thread has ended. */
  #lose(thread: Thread, cause: unknown): void {
    this.#threads.delete(thread);
    const error = this.#unavailable(messageOf(cause), cause);
    this.#starts.get(thread)?.reject(error);
    this.#starts.delete(thread);
    if (this.#closing) return;
    this.#counts.restarts++;
    if (thread.job) this.#settle(thread.job, 'failed', error);
    if (this.#queue.length === 0) return;
    // A thread that cannot even start takes one waiting request with it, so that nobody waits for ever.
    const next = thread.ready || thread.job ? undefined : this.#queue.shift();
    if (next) this.#settle(next, 'failed', error);
    if (this.#queue.length > 0) this.#fillUp();
    this.#hand();
  }

  /** Gives waiting requests to idle threads, ready ones first. */
  #hand(): void {
    while (this.#queue.length > 0) {
      const idle = [...this.#threads].filter((thread) => !thread.job);
      const thread = idle.find((one) => one.ready) ?? idle[0];
      if (!thread) {
        for (const { job } of this.#threads) if (job?.spare) this.#giveUp(job, undefined);
        return;
      }
      const job = this.#queue.shift();
      if (!job) return;
      thread.job = job;
      job.startedAt = performance.now();
      this.#waitMs.add(job.startedAt - job.queuedAt);
      thread.sequence++;
      const message: ToThread = { kind: 'work', sequence: thread.sequence, request: job.request };
      thread.worker.postMessage(message, job.transfer);
    }
  }

  /** @param reason undefined where the request makes way for another. */
  #giveUp(job: Job, reason: unknown): void {
    if (job.settled) return;
    this.#settle(job, 'aborted', reason);
    const place = this.#queue.indexOf(job);
    if (place >= 0) {
      this.#queue.splice(place, 1);
      return;
    }
    for (const thread of this.#threads) {
      if (thread.job === job) Atomics.store(thread.givenUp, 0, thread.sequence);
    }
  }

  #settle(job: Job, how: 'finished' | 'failed' | 'aborted', value: unknown): void {
    if (job.settled) return;
    job.settled = true;
    this.#counts[how]++;
    if (how === 'finished' || value === undefined) job.resolve(value);
    else job.reject(value);
  }

  #unavailable(reason: string, cause?: unknown): ParleyError {
    return new ParleyError(
      this.#options.unavailable,
      { provider: this.#options.provider, reason },
      { cause },
    );
  }
}
