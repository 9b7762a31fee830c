import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, messageOf } from '../../app/errors.ts';
import { machineIsBack, MachineWatch } from './machine-watch.ts';

/** How often a call is made again, for each reason. */
const [mostStolen, mostMisheard] = [2, 1];
/** No call here takes half of it: one that does waits for something that was lost. */
const hungAfterMs = 4 * 60_000;

/** A test that is a call, `undisturbed`. */
export function callTest(name: string, call: (t: TestContext) => Promise<void>): void {
  void test(name, undisturbed(call));
}

/**
 * For a test over the telephone, which lives by audio that is there on time. It is made again, and that is told: twice at
 * most when the host took time away from the machine, and once when all that went wrong is that the telephone's ears, a
 * small recogniser, did not hear the words. Whatever else fails, fails at once; that Parley itself is slow excuses nothing.
 */
function undisturbed(call: (t: TestContext) => Promise<void>): (t: TestContext) => Promise<void> {
  return async (t) => {
    let [stolen, misheard] = [mostStolen, mostMisheard];
    for (;;) {
      const machine = new MachineWatch();
      try {
        await withinLimit(call(t));
        return;
      } catch (error) {
        const { trouble } = machine;
        const repeats =
          trouble === undefined ? hasCode(error, 'phone-expectation-failed') && misheard-- > 0 : stolen-- > 0;
        if (!repeats || t.signal.aborted) throw error;
        t.diagnostic(`once more (${trouble ?? 'misheard'}): ${messageOf(error)}`);
        if (trouble !== undefined) await machineIsBack(t.signal);
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
