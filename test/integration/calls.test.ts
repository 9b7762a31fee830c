import assert from 'node:assert/strict';
import { before, describe, type TestContext } from 'node:test';
import type { IncomingCall } from '../../app/phone/incoming-call.ts';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { logged, nothingRemains } from '../support/aftermath.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';
import { fileOwner } from '../support/owner.ts';

// What whole calls do to each other and to the machine. Callers wait most of the time, so some of them call at once.

describe('calls', { concurrency: 2 }, () => {
  describe('of one bot', { concurrency: 2 }, () => {
    const owner = fileOwner();
    let bot: TestBot;

    before(async () => {
      bot = await startBot(owner, {
        registered: ['6001', '6002', '6003', '6004'],
        settings: {
          PARLEY_ASTERISK_PHONES: '6001,6002,6003,6004',
          PARLEY_SKILLS_CALL_DIRECTORY: JSON.stringify({ Alice: '6001', Robert: '6002' }),
          PARLEY_SKILLS_CALL_RING_MS: '3000',
        },
      });
      owner.after(async () => {
        await nothingRemains(owner, bot);
        const errors = (await bot.log()).filter((line) => line['level'] === 'error');
        assert.deepEqual(errors, []);
      });
    });

    const ask = (call: PhoneCall, words: string): Promise<void> => call.say(words, { voice: 'rms' });
    /** Says it again when it was misheard, as people do. */
    const reach = async (call: PhoneCall, words: string, account: string): Promise<IncomingCall> => {
      for (let tries = 1; ; tries++) {
        await ask(call, words);
        try {
          return await bot.phone.nextCall({ account, timeoutMs: 8_000 });
        } catch (error) {
          if (tries === 4) throw error;
        }
      }
    };

    callTest('connected to another phone, who comes back to the bot when it hangs up', async () => {
      const call = await bot.call();
      const ringing = await reach(call, 'call extension six zero zero one', '6001');
      const other = await ringing.answer();
      await other.say('hello this is the kitchen');
      await call.expect(/kitchen/);
      await call.say('the dinner is ready');
      await other.expect(/dinner/);
      await other.hangUp();
      await call.expect(/with me|i am again|anything else/);
      await call.say('what time is it in Tokyo');
      await call.expect(/Tokyo/);
      await call.hangUp();
    });

    callTest('who wants to speak with somebody who is busy is told so', async () => {
      const call = await bot.call();
      await (await reach(call, 'call extension six zero zero two', '6002')).refuse('busy');
      await call.expect(/busy/);
      await call.hangUp();
    });

    callTest('who wants to speak with somebody who does not answer is told so', async () => {
      const call = await bot.call();
      await reach(call, 'call extension six zero zero three', '6003');
      await call.expect(/nobody answered/, { timeoutMs: 30_000, patienceMs: 15_000 });
      await call.hangUp();
    });

    callTest('who wants to speak with somebody who does not exist is told so', async () => {
      const call = await bot.call();
      await ask(call, 'call extension six zero five five');
      await call.expect(/can't find|cannot find|phone for/);
      await call.hangUp();
    });

    callTest('who hangs up while talking with another phone takes it along', async () => {
      const call = await bot.call();
      const other = await (await reach(call, 'call extension six zero zero four', '6004')).answer();
      await call.hangUp();
      assert.equal((await other.ended).by, 'other');
    });

    callTest('who hangs up during the greeting', async () => {
      const call = await bot.call({ skipGreeting: true });
      await call.untilSpeaking();
      await call.hangUp();
    });

    callTest('who hangs up while speaking', async () => {
      const call = await bot.call();
      const saying = call.say(
        'I would like to know everything there is to know about the weather in the whole wide world',
      );
      await call.wait(1_500);
      await Promise.all([call.hangUp(), saying.catch(() => undefined)]);
    });

    callTest('who hangs up while the bot recognises what was said', async () => {
      const call = await bot.call();
      await call.say('what time is it in London');
      // The end of the turn is noticed after 600 ms of silence.
      await call.wait(750);
      await call.hangUp();
    });

    callTest('who hangs up while the bot answers', async () => {
      const call = await bot.call();
      await call.say('what time is it in Boston');
      await call.untilSpeaking();
      await call.hangUp();
    });
  });

  describe('of a bot each', { concurrency: 2 }, () => {
    callTest('the one above the capacity hears that all lines are busy', async (t) => {
      const bot = await startBot(t, { settings: { PARLEY_CALLS_CAPACITY: '1' } });
      const first = await bot.call({ skipGreeting: true });
      await first.untilSpeaking();
      const second = await bot.call({ skipGreeting: true });
      await second.expect(/busy/);
      assert.equal((await second.ended).by, 'other');
      await first.hangUp();
      await nothingRemains(t, bot);
      const third = await bot.call({ skipGreeting: true });
      await third.expect(/Hello/);
      await third.hangUp();
    });

    callTest('a caller who says nothing is asked twice and then let go politely', async (t) => {
      const bot = await startBot(t, { settings: { PARLEY_CALLS_ASK_AGAIN_MS: '1500' } });
      const call = await bot.call();
      await call.expect(/goodbye/, { timeoutMs: 60_000, patienceMs: 30_000 });
      assert.equal((await call.ended).by, 'other');
      const said = (await bot.log())
        .filter((line) => line['message'] === 'say')
        .map((line) => String(line['said']));
      assert.match(
        said.join(' '),
        /^Hello.* there\?.* (what can I do|anything I can do) .*I can't hear anything.*Goodbye!$/i,
      );
    });

    callTest(
      'a service that keeps the bot waiting or fails costs an honest sentence, not the call',
      async (t) => {
        const meteo = await startOpenMeteo();
        t.after(() => meteo.close());
        const bot = await startBot(t, {
          settings: { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url, PARLEY_SKILLS_WEATHER_DEADLINE_MS: '1000' },
        });
        meteo.behave('hang');
        const impatient = await bot.call();
        await impatient.say("what's the weather in Rome");
        await meteo.whenRequested(meteo.requests.length + 1);
        await impatient.hangUp();
        await nothingRemains(t, bot);
        assert.deepEqual(
          (await bot.log()).filter((line) => line['level'] === 'error'),
          [],
        );

        const call = await bot.call();
        for (const [behaviour, city, expected] of [
          ['hang', 'London', /reach the weather service/],
          ['500', 'Berlin', /weather service/],
          ['garbage', 'Madrid', /weather service/],
        ] as const) {
          meteo.behave(behaviour);
          await call.say(`what's the weather in ${city}`);
          await call.expect(expected, { patienceMs: 10_000 });
        }
        meteo.behave('ok');
        await call.say("what's the weather in Chicago");
        await call.expect(/Chicago/);
        await call.hangUp();
      },
    );

    callTest(
      'go on after the app was killed, are answered again after Asterisk was, and get an apology without the app',
      async (t) => {
        const bot = await startBot(t);
        await appIsKilled(t, bot);
        await asteriskIsRestarted(t, bot);
        await bot.parley.stopApp();
        const call = await bot.call({ skipGreeting: true });
        await call.expect(/sorry/);
        assert.equal((await call.ended).by, 'other');
      },
    );
  });
});

async function appIsKilled(t: TestContext, bot: TestBot): Promise<void> {
  const call = await bot.call();
  await call.say('what time is it in Tokyo');
  await call.expect(/Tokyo/);
  bot.parley.app?.kill('SIGKILL');
  await call.expect(/away for a moment/, { timeoutMs: 60_000, patienceMs: 40_000 });
  await call.say('what time is it in Madrid');
  await call.expect(/Madrid/);
  await call.say('goodbye');
  await call.expect(/bye/);
  await call.ended;
  await nothingRemains(t, bot);
}

async function asteriskIsRestarted(t: TestContext, bot: TestBot): Promise<void> {
  const call = await bot.call({ skipGreeting: true });
  await call.untilSpeaking();
  await bot.parley.asterisk?.stop();
  await logged(bot, 'connected to Asterisk again');
  const second = await bot.call({ skipGreeting: true });
  await second.expect(/Hello/);
  await second.hangUp();
  await nothingRemains(t, bot);
}
