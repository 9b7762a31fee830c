import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';

/** The thread's side of stream-pool.ts: streams that are fed piece by piece, and answer piece by piece. */

export interface ThreadSettings {
  readonly setup: unknown;
}

export type ToThread =
  | {
      readonly kind: 'open';
      readonly id: number;
      readonly request: unknown;
      /** Not 0 when nobody waits for this stream any more; readable while the engine works. */
      readonly cancelled: Int32Array;
    }
  | { readonly kind: 'input'; readonly id: number; readonly input: unknown }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'output'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'done'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };

/** One stream inside the engine. What it throws fails this stream alone. */
export interface EngineStream<Input> {
  input?(input: Input): void;
  /** There is no more input: all that is left is put out. */
  end(): void;
  /** Called once, however the stream ends. */
  close?(): void;
}

export interface StreamEngine<Request, Input, Output> {
  /**
   * @param put gives a piece out; `transfer` moves its memory instead of copying it.
   * @param isCancelled asked between steps, and within long ones.
   */
  open(
    request: Request,
    put: (output: Output, transfer?: readonly ArrayBuffer[]) => void,
    isCancelled: () => boolean,
  ): EngineStream<Input>;
  close?(): void;
}

/**
 * Runs an engine in this thread. What `create` throws ends the thread, and with it the streams that were opened in it.
 * @param create makes the engine from the pool's `setup`.
 */
export async function serveStreams<Request, Input, Output>(
  create: (
    setup: unknown,
  ) => Promise<StreamEngine<Request, Input, Output>> | StreamEngine<Request, Input, Output>,
): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this module runs in a worker thread only');
  const { setup } = workerData as ThreadSettings;
  const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const engine = await create(setup);
  const streams = new Map<number, { stream: EngineStream<Input>; isCancelled: () => boolean }>();

  const end = (id: number, message: FromThread): void => {
    const stream = streams.get(id)?.stream;
    streams.delete(id);
    stream?.close?.();
    tell(message);
  };
  const act = (id: number, work: () => void): void => {
    try {
      work();
    } catch (error) {
      end(id, { kind: 'failed', id, reason: messageOf(error) });
    }
  };

  port.on('message', (message: ToThread) => {
    if (message.kind === 'close') {
      for (const { stream } of streams.values()) stream.close?.();
      engine.close?.();
      port.close();
      return;
    }
    const { id } = message;
    if (message.kind === 'open') {
      const { cancelled, request } = message;
      const isCancelled = (): boolean => Atomics.load(cancelled, 0) !== 0;
      act(id, () => {
        const put = (output: Output, transfer: readonly ArrayBuffer[] = []): void => {
          if (!isCancelled()) tell({ kind: 'output', id, output }, transfer);
        };
        streams.set(id, { stream: engine.open(request as Request, put, isCancelled), isCancelled });
      });
      return;
    }
    const known = streams.get(id);
    if (known === undefined) return;
    act(id, () => {
      if (message.kind === 'input') {
        if (!known.isCancelled()) known.stream.input?.(message.input as Input);
        return;
      }
      if (!known.isCancelled()) known.stream.end();
      end(id, { kind: 'done', id });
    });
  });
  tell({ kind: 'ready' });
}
