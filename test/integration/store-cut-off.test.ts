import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../app/store/open.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

const { signal } = new AbortController();

callTest(
  'the store is cut off during 20 calls: all of them end well, and are kept when it is back',
  async (t) => {
    const bot = await startBot(t);
    // Whoever holds this lets nobody else write.
    const lock = new DatabaseSync(path.join(bot.stateDir, 'calls.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
    try {
      const ends = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const call = await bot.call({ skipGreeting: true });
          await call.say('what time is it in London', { voice: 'rms' });
          await call.hangUp();
          return (await call.ended).by;
        }),
      );
      assert.deepEqual(new Set(ends), new Set(['phone']));
      const lines = (await bot.log()).filter(({ level }) => level === 'error');
      assert.deepEqual(
        lines.map(({ message }) => message),
        ['the store of calls cannot be written; it is tried again'],
      );
    } finally {
      lock.exec('ROLLBACK');
      lock.close();
    }
    await bot.parley.stop();
    const store = openStore(bot.config);
    t.after(() => store.close());
    const { calls } = await store.calls({ limit: 50 }, { signal });
    assert.equal(calls.length, 20);
    for (const { endedBy, durationMs } of calls)
      assert.ok(endedBy === 'caller' && durationMs !== null && durationMs < 60_000, JSON.stringify(calls));
  },
);
