import { getPriority } from 'node:os';
import { serve } from '../../../app/speech/local/thread.ts';

/** A thread that does what it is told to: for the tests of the pool. */

export interface FixtureRequest {
  /** Waits until this shared number is 1, or until the request is given up. */
  readonly gate?: Int32Array;
  readonly answer?: string;
  readonly throws?: string;
  readonly exit?: number;
  /** Counts up when the work begins and when it ends, and 100 when it was given up. */
  readonly log?: Int32Array;
  /** Answers how nice the thread is (sched(7)). */
  readonly niceness?: boolean;
}

await serve<FixtureRequest, string>((setup) => {
  if (setup === 'fail') throw new Error('no such weights');
  return {
    async work({ gate, answer = '', throws, exit, log, niceness = false }, givenUp) {
      if (log) Atomics.add(log, 0, 1);
      while (gate && Atomics.load(gate, 0) === 0 && !givenUp())
        await new Promise((resolve) => setImmediate(resolve));
      if (log) Atomics.add(log, 0, givenUp() ? 100 : 1);
      if (throws !== undefined) throw new Error(throws);
      // The way out that a crash takes: no answer any more.
      if (exit !== undefined) process.exit(exit);
      return { answer: niceness ? String(getPriority(0)) : answer };
    },
  };
});
