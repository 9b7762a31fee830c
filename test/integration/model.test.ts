import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import { type FakeChatModel, startChatModel } from '../fakes/chat-model.ts';
import { logged } from '../support/aftermath.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';
import { fileOwner } from '../support/owner.ts';

/** Calls in which a language model is the last to be asked: a real Asterisk, the model on loopback. */
describe('a caller whose bot asks a language model what it does not understand itself', () => {
  const owner = fileOwner();
  let model: FakeChatModel;
  let bot: TestBot;

  before(async () => {
    model = await startChatModel();
    owner.after(() => model.close());
    bot = await startBot(owner, {
      settings: {
        PARLEY_NLU_UNDERSTANDER: 'local,model',
        PARLEY_NLU_MODEL_BASE_URL: model.url,
        PARLEY_NLU_MODEL_MODEL: 'small',
      },
    });
  });

  callTest(
    'hears its answer while it is still being made, may speak over it, and is understood',
    async () => {
      const call = await bot.call({ skipGreeting: true });
      // The second sentence is ready only when the first is being said.
      const first = Promise.withResolvers<undefined>();
      model.always({
        words: [
          'I know no jokes. ',
          'But ',
          first.promise,
          'I know the **weather**. ',
          'Ask me about London!',
        ],
      });
      await call.untilSpeaking();
      await call.say('tell me a joke');
      assert.equal(await call.untilSpeaking(), 'speaking');
      first.resolve(undefined);
      const heard = await call.expect(/London/, { patienceMs: 15_000, timeoutMs: 40_000 });
      assert.match(heard, /joke/i);
      assert.match(heard, /weather/);

      model.always({ words: 'I could go on like this for a very long time. '.repeat(8), then: 'hang' });
      await call.say('sing me a song');
      await call.untilSpeaking({ forMs: 1_000 });
      await call.say('what time is it in Madrid');
      await call.expect(/Madrid/);
      await model.whenIdle();
      await call.hangUp();
      await logged(bot, 'the call is over');

      const turns = (await bot.log()).filter(({ message }) => message === 'a turn');
      const outcomes = turns.map(({ rungs }) =>
        (rungs as { understander: string; outcome: string }[]).map(
          ({ understander, outcome }) => `${understander} ${outcome}`,
        ),
      );
      assert.deepEqual(outcomes[0], ['local unsure', 'model accepted']);
      assert.deepEqual(outcomes.at(-1), ['local accepted']);
      const said = (await bot.log()).flatMap((line) => (line['message'] === 'say' ? [line['said']] : []));
      assert.ok(said.includes('But I know the weather.'));
    },
  );
});
