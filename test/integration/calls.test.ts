import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { IncomingCall } from '../../app/phone/incoming-call.ts';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { logged, nothingRemains } from '../support/aftermath.ts';
import { startBot } from '../support/bot.ts';

// What whole calls do to each other and to the machine. Two tests at once: callers wait most of the time.
describe('calls', { concurrency: 2 }, () => {
  test('the call above the capacity hears that all lines are busy', async (t) => {
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

  test('a caller who says nothing is asked twice and then let go politely', async (t) => {
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

  test('a caller is connected to another phone and comes back to the bot', async (t) => {
    const bot = await startBot(t, {
      registered: ['6001', '6002'],
      settings: {
        PARLEY_SKILLS_CALL_DIRECTORY: JSON.stringify({ Alice: '6001', Robert: '6002' }),
        PARLEY_SKILLS_CALL_RING_MS: '3000',
      },
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

    await t.test('who answers and hangs up first', async () => {
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

    await t.test('who is busy', async () => {
      const call = await bot.call();
      await (await reach(call, 'call extension six zero zero one', '6001')).refuse('busy');
      await call.expect(/busy/);
      await call.hangUp();
    });

    await t.test('who does not answer', async () => {
      const call = await bot.call();
      await reach(call, 'call extension six zero zero two', '6002');
      await call.expect(/nobody answered/, { timeoutMs: 30_000, patienceMs: 15_000 });
      await call.hangUp();
    });

    await t.test('who does not exist', async () => {
      const call = await bot.call();
      await ask(call, 'call extension six zero five five');
      await call.expect(/can't find|cannot find|phone for/);
      await call.hangUp();
    });

    await t.test('the caller hangs up while talking with the other phone', async () => {
      const call = await bot.call();
      const other = await (await reach(call, 'call extension six zero zero one', '6001')).answer();
      await call.hangUp();
      assert.equal((await other.ended).by, 'other');
    });
    await nothingRemains(t, bot);
  });

  test('a hang-up at any moment leaves nothing behind', async (t) => {
    const meteo = await startOpenMeteo();
    t.after(() => meteo.close());
    const bot = await startBot(t, { settings: { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url } });

    await t.test('during the greeting', async () => {
      const call = await bot.call({ skipGreeting: true });
      await call.untilSpeaking();
      await call.hangUp();
    });
    await t.test('while the caller is recorded', async () => {
      const call = await bot.call();
      const saying = call.say(
        'I would like to know everything there is to know about the weather in the whole wide world',
      );
      await call.wait(1_500);
      await Promise.all([call.hangUp(), saying.catch(() => undefined)]);
    });
    await t.test('while the bot recognises what was said', async () => {
      const call = await bot.call();
      await call.say("what's the weather in London");
      // The end of the turn is noticed after 600 ms of silence.
      await call.wait(750);
      await call.hangUp();
    });
    await t.test('while a service keeps the bot waiting', async () => {
      meteo.behave('hang', { times: 1 });
      const call = await bot.call();
      await call.say("what's the weather in Rome");
      await meteo.whenRequested(meteo.requests.length + 1);
      await call.hangUp();
    });
    await t.test('while the bot answers', async () => {
      const call = await bot.call();
      await call.say("what's the weather in Boston");
      await call.untilSpeaking();
      await call.hangUp();
    });
    await nothingRemains(t, bot);
    const errors = (await bot.log()).filter((line) => line['level'] === 'error');
    assert.deepEqual(errors, []);
  });

  test('a weather service that fails costs the caller an honest sentence, not the call', async (t) => {
    const meteo = await startOpenMeteo();
    t.after(() => meteo.close());
    const bot = await startBot(t, {
      settings: { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url, PARLEY_SKILLS_WEATHER_DEADLINE_MS: '1000' },
    });
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
  });

  test('callers hear an apology while the app is not there', async (t) => {
    const bot = await startBot(t);
    await bot.parley.stopApp();
    const call = await bot.call({ skipGreeting: true });
    await call.expect(/sorry/);
    assert.equal((await call.ended).by, 'other');
  });

  test('calls are answered again after Asterisk was restarted', async (t) => {
    const bot = await startBot(t);
    const first = await bot.call({ skipGreeting: true });
    await first.untilSpeaking();
    const before = bot.parley.asterisk;
    assert.ok(before);
    await before.stop();
    await logged(bot, 'connected to Asterisk again');
    const second = await bot.call({ skipGreeting: true });
    await second.expect(/Hello/);
    await second.hangUp();
    await nothingRemains(t, bot);
  });

  test('a caller in the middle of a call goes on after the app was killed', async (t) => {
    const bot = await startBot(t);
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
  });
});
