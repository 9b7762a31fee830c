import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { ownEngines } from '../fakes/azure-speech/own-engines.ts';
import { type FakeAzureSpeech, startAzureSpeech } from '../fakes/azure-speech/server.ts';
import { logged, nothingRemains } from '../support/aftermath.ts';
import { testCacheDir } from '../support/asterisk.ts';
import { startBot } from '../support/bot.ts';
import { azureSettings } from '../fakes/azure-speech/settings.ts';
import { callTest } from '../support/call-test.ts';
import { fileOwner } from '../support/owner.ts';

/** Whole calls with Azure Speech on both lines. What it hears and says comes from the own engines, over its own protocol. */
describe('with Azure Speech', { concurrency: 2 }, () => {
  const owner = fileOwner();
  let fake: FakeAzureSpeech;

  before(async () => {
    const { dir } = await speechWeights({ cacheDir: testCacheDir(), signal: owner.signal });
    const engines = ownEngines(dir, 'what time is it in Tokyo');
    await engines.warmUp();
    fake = await startAzureSpeech({ key: 'a key', ...engines });
    owner.after(async () => {
      await fake.when(() => fake.openSockets === 0);
      await fake.close();
      await engines.close();
    });
  });

  for (const line of ['streamed', 'recorded']) {
    callTest(`a caller on the ${line} line asks for the time and hears it`, async (t) => {
      const bot = await startBot(t, {
        settings: { PARLEY_LINE_KIND: line, ...azureSettings(fake) },
      });
      const call = await bot.call();
      await call.say('what time is it in Tokyo');
      await call.expect(/Tokyo|\d:\d\d/);
      await call.hangUp();
      assert.ok(fake.utterances.some(({ phrases }) => phrases.length > 0));
      assert.ok(fake.orders.some(({ text }) => text.includes('Tokyo')));
      const turn = await logged(bot, 'a turn');
      assert.deepEqual([turn['heardBy'], turn['spokenBy']], ['azure', 'azure']);
      await nothingRemains(t, bot);
    });
  }
});
