import { test, type TestContext } from 'node:test';
import { hasCode } from '../../app/errors.ts';

/**
 * A test that is a call. The telephone's ears are a small recogniser on audio that lost some of itself where the machine
 * is short of time: when all that went wrong is that they did not hear the words, the call is made once more, and it is
 * told. Whatever else fails, fails.
 */
export function callTest(name: string, call: (t: TestContext) => Promise<void>): void {
  void test(name, async (t) => {
    try {
      await call(t);
    } catch (error) {
      if (!hasCode(error, 'phone-expectation-failed')) throw error;
      t.diagnostic(`called again: ${error.message}`);
      await call(t);
    }
  });
}
