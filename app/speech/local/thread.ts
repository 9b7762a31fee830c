import { platform, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';

/** The thread's side of worker-pool.ts: one request at a time, given up between steps. */

export interface ThreadSettings {
  readonly givenUp: Int32Array;
  readonly setup: unknown;
  readonly givesWay: boolean;
}

/** Weighs a third of what the threads that carry audio do, and they interrupt it when they have something to do (sched(7)). */
const niceness = 5;

export type ToThread =
  | { readonly kind: 'work'; readonly sequence: number; readonly request: unknown }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly sequence: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly sequence: number; readonly reason: string };

export interface Work<Answer> {
  readonly answer: Answer;
  readonly transfer?: readonly ArrayBuffer[];
}

export interface Engine<Request, Answer> {
  /** @param givenUp asked between steps; when it is true nobody waits for the answer any more. */
  work(request: Request, givenUp: () => boolean): Promise<Work<Answer>> | Work<Answer>;
  close?(): Promise<void>;
}

/**
 * Runs an engine in this thread. What `create` throws ends the thread, and with it the request that started it.
 * @param create makes the engine from the pool's `setup`.
 */
export async function serve<Request, Answer>(
  create: (setup: unknown) => Promise<Engine<Request, Answer>> | Engine<Request, Answer>,
): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('this module runs in a worker thread only');
  const { givenUp, setup, givesWay } = workerData as ThreadSettings;
  // On Linux this is about the calling thread alone, and about those it starts: setpriority(2).
  if (givesWay && platform() === 'linux') setPriority(0, niceness);
  const waiting: ToThread[] = [];
  let wake: (() => void) | undefined;
  port.on('message', (message: ToThread) => {
    waiting.push(message);
    wake?.();
  });
  const engine = await create(setup);
  const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  tell({ kind: 'ready' });
  for (;;) {
    const message = waiting.shift();
    if (!message) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    if (message.kind === 'close') break;
    const { sequence } = message;
    try {
      const isGivenUp = (): boolean => Atomics.load(givenUp, 0) === sequence;
      const { answer, transfer } = await engine.work(message.request as Request, isGivenUp);
      tell({ kind: 'answer', sequence, answer }, transfer);
    } catch (error) {
      tell({ kind: 'failed', sequence, reason: messageOf(error) });
    }
  }
  await engine.close?.();
  port.close();
}
