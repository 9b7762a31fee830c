import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, messageOf } from '../../app/errors.ts';
import { machineIsBack, MachineWatch } from './machine-watch.ts';

const mostCalls = 3;
/** No call here takes half of it: one that does waits for something that was lost. */
const hungAfterMs = 4 * 60_000;

/** A test that is a call, `undisturbed`. */
export function callTest(name: string, call: (t: TestContext) => Promise<void>): void {
  void test(name, undisturbed(call));
}

/**
 * For a test over the telephone, which lives by audio that is there on time. It is made again, and that is told, when
 * the machine took time away from it, and when all that went wrong is that the telephone's ears, a small recogniser, did
 * not hear the words. Whatever else fails, fails at once.
 */
function undisturbed(call: (t: TestContext) => Promise<void>): (t: TestContext) => Promise<void> {
  return async (t) => {
    for (let left = mostCalls - 1; ; left--) {
      const machine = new MachineWatch();
      try {
        await withinLimit(call(t));
        return;
      } catch (error) {
        const misheard = hasCode(error, 'phone-expectation-failed') ? 'misheard' : undefined;
        const excuse = machine.trouble ?? misheard;
        if (excuse === undefined || left === 0 || t.signal.aborted) throw error;
        t.diagnostic(`once more (${excuse}): ${messageOf(error)}`);
        if (machine.trouble !== undefined) await machineIsBack(t.signal);
      } finally {
        machine.close();
      }
    }
  };
}

async function withinLimit(call: Promise<void>): Promise<void> {
  const limit = new AbortController();
  const late = delay(hungAfterMs, undefined, { signal: limit.signal, ref: false }).then(() => {
    throw new Error(`the call was not over after ${hungAfterMs / 1000} s`);
  });
  try {
    await Promise.race([call, late]);
  } finally {
    limit.abort();
    // What comes of the one that lost is of no interest.
    for (const loser of [call, late]) loser.catch(() => undefined);
  }
}
