import { Worker } from 'node:worker_threads';
import { messageOf, ParleyError } from '../../errors.ts';
import { endThread } from '../end-thread.ts';
import type { EngineLoad } from '../spec.ts';
import type { FromThread, ThreadSettings, ToThread } from './thread.ts';

export interface StreamPoolOptions {
  /** The provider's name, for errors. */
  readonly provider: string;
  readonly unavailable: 'stt-unavailable' | 'tts-unavailable';
  /** A module that calls `serveStreams` (thread.ts). */
  readonly script: URL;
  /** Given to each thread when it starts. */
  readonly setup: unknown;
  readonly workers: number;
  /** Streams that may be open at once, in all threads together. */
  readonly limit: number;
}

/** One utterance, heard or spoken: what goes in, and what comes out as it is made. */
export interface Stream<Input, Output> {
  /** Nothing happens when the stream is over. */
  input(input: Input, transfer?: readonly ArrayBuffer[]): void;
  end(): void;
  /**
   * Ends when all was put out. Leaving it early, or the signal, cancels the stream.
   * @throws ParleyError the pool's `unavailable` code; the signal's reason, at once.
   */
  outputs(): AsyncGenerator<Output, void, undefined>;
}

interface OpenStream {
  readonly id: number;
  readonly cancelled: Int32Array;
  readonly outputs: unknown[];
  /** Set when no more outputs come: undefined is a good end. */
  over: { readonly reason: Error | undefined } | undefined;
  wake: () => void;
}

interface Thread {
  readonly worker: Worker;
  readonly streams: Map<number, OpenStream>;
  readonly ready: Promise<undefined>;
  readonly exited: Promise<undefined>;
}

/**
 * Worker threads that hold many streams each: native engines work there, so that the main thread never waits for one. A
 * stream goes to the thread that has fewest. A thread that dies fails its streams alone, and is replaced when there is
 * a new one.
 */
export class StreamPool<Request, Input, Output> {
  readonly #options: StreamPoolOptions;
  readonly #threads = new Set<Thread>();
  #count = 0;
  #closing: Promise<void> | undefined;

  constructor(options: StreamPoolOptions) {
    this.#options = options;
  }

  /** Starts all threads and resolves when their engines are there. @throws ParleyError the pool's `unavailable` code. */
  async start(): Promise<void> {
    this.#assertOpen();
    while (this.#threads.size < this.#options.workers) this.#startThread();
    await Promise.all([...this.#threads].map(({ ready }) => ready));
  }

  /** @throws ParleyError `speech-overloaded` or the pool's `unavailable` code; the signal's reason when aborted. */
  open(request: Request, options: { readonly signal: AbortSignal }): Stream<Input, Output> {
    const { signal } = options;
    signal.throwIfAborted();
    this.#assertOpen();
    const { provider, limit, workers } = this.#options;
    const open = this.load().running;
    if (open >= limit) throw new ParleyError('speech-overloaded', { provider, waiting: open });
    while (this.#threads.size < workers) this.#startThread();
    const thread = [...this.#threads].reduce((one, other) =>
      other.streams.size < one.streams.size ? other : one,
    );
    const stream: OpenStream = {
      id: ++this.#count,
      cancelled: new Int32Array(new SharedArrayBuffer(4)),
      outputs: [],
      over: undefined,
      wake: () => undefined,
    };
    thread.streams.set(stream.id, stream);
    const { id, cancelled } = stream;
    const tell = (message: ToThread, transfer: readonly ArrayBuffer[] = []): void => {
      if (stream.over === undefined) thread.worker.postMessage(message, transfer);
    };
    tell({ kind: 'open', id, request, cancelled });
    return {
      input: (input, transfer) => tell({ kind: 'input', id, input }, transfer),
      end: () => tell({ kind: 'end', id }),
      outputs: () => this.#outputs(stream, tell, signal),
    };
  }

  /** The streams that are open; none waits. */
  load(): EngineLoad {
    const running = [...this.#threads].reduce((sum, { streams }) => sum + streams.size, 0);
    return { provider: this.#options.provider, running, waiting: 0 };
  }

  /** Rejects all streams and ends all threads. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async *#outputs(
    stream: OpenStream,
    tell: (message: ToThread) => void,
    signal: AbortSignal,
  ): AsyncGenerator<Output, void, undefined> {
    const wake = (): void => stream.wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        if (stream.outputs.length > 0) {
          yield stream.outputs.shift() as Output;
          continue;
        }
        if (stream.over !== undefined) {
          if (stream.over.reason !== undefined) throw stream.over.reason;
          return;
        }
        await new Promise<void>((resolve) => (stream.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
      Atomics.store(stream.cancelled, 0, 1);
      // The thread frees what it holds of it; it stays counted until then.
      tell({ kind: 'end', id: stream.id });
      stream.over ??= { reason: undefined };
      stream.outputs.length = 0;
    }
  }

  #startThread(): void {
    const settings: ThreadSettings = { setup: this.#options.setup };
    const worker = new Worker(this.#options.script, { workerData: settings });
    const ready = Promise.withResolvers<undefined>();
    const exited = Promise.withResolvers<undefined>();
    // Whoever waits in start() hears of a failure; without anybody there the streams do.
    ready.promise.catch(() => undefined);
    const streams = new Map<number, OpenStream>();
    const thread: Thread = { worker, streams, ready: ready.promise, exited: exited.promise };
    this.#threads.add(thread);
    let cause: unknown;
    worker.on('error', (error: unknown) => (cause = error));
    worker.on('exit', (status) => {
      this.#threads.delete(thread);
      const error = this.#unavailable(messageOf(cause ?? `its thread ended with status ${status}`), cause);
      ready.reject(error);
      for (const stream of thread.streams.values()) finish(stream, error);
      exited.resolve(undefined);
    });
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') {
        ready.resolve(undefined);
        return;
      }
      const stream = thread.streams.get(message.id);
      if (stream === undefined) return;
      if (message.kind === 'output') {
        if (stream.over !== undefined) return;
        stream.outputs.push(message.output);
        stream.wake();
        return;
      }
      thread.streams.delete(message.id);
      finish(stream, message.kind === 'failed' ? this.#unavailable(message.reason) : undefined);
    });
  }

  async #end(): Promise<void> {
    const reason = this.#unavailable('it was closed');
    const ends = [...this.#threads].map(async (thread) => {
      for (const stream of thread.streams.values()) {
        Atomics.store(stream.cancelled, 0, 1);
        finish(stream, reason);
      }
      await endThread(thread.worker, thread.exited);
    });
    await Promise.all(ends);
  }

  #assertOpen(): void {
    if (this.#closing) throw this.#unavailable('it is closed');
  }

  #unavailable(reason: string, cause?: unknown): ParleyError {
    const { provider, unavailable } = this.#options;
    return new ParleyError(unavailable, { provider, reason }, { cause });
  }
}

function finish(stream: OpenStream, reason: Error | undefined): void {
  stream.over ??= { reason };
  stream.wake();
}
