import assert from 'node:assert/strict';
import { before, describe } from 'node:test';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import { startFeeds } from '../fakes/feeds.ts';
import { type FakeOpenMeteo, startOpenMeteo } from '../fakes/open-meteo.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';
import { fileOwner } from '../support/owner.ts';

/** Calls to the bot as callers make them: a real Asterisk, SIP, RTP, the own engines. */

// Callers wait most of the time, so some of them may call at once.
describe('a caller', { concurrency: 3 }, () => {
  const owner = fileOwner();
  let bot: TestBot;
  let meteo: FakeOpenMeteo;

  before(async () => {
    meteo = await startOpenMeteo();
    owner.after(() => meteo.close());
    const feeds = await startFeeds({
      '/world': {
        format: 'rss',
        title: 'World',
        items: [
          { title: 'Scientists discover water on a distant planet' },
          { title: 'The river has reached its highest level' },
        ],
      },
    });
    owner.after(() => feeds.close());
    bot = await startBot(owner, {
      settings: {
        PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url,
        PARLEY_SKILLS_NEWS_FEEDS: JSON.stringify([
          { name: 'The Morning Post', url: feeds.addressOf('/world') },
        ]),
      },
    });
  });

  /** Says goodbye, hears it, and is let go. */
  async function leave(call: PhoneCall): Promise<void> {
    await call.say('goodbye');
    await call.expect(/bye/);
    const end = await call.ended;
    assert.equal(end.by, 'other');
  }

  callTest('asks for the weather in a city, hears it, and says goodbye', async () => {
    const call = await bot.call();
    await call.say("what's the weather in Seattle");
    await call.expect(/Seattle/);
    await leave(call);
  });

  callTest('is asked for the city when it is missing', async () => {
    const call = await bot.call();
    await call.say("what's the weather");
    await call.expect(/which city/);
    await call.say('London');
    await call.expect(/London/);
    await call.hangUp();
  });

  callTest('goes on with "and tomorrow", "and in Paris" and "say that again"', async () => {
    const call = await bot.call();
    await call.say("what's the weather in London");
    await call.expect(/London/);
    await call.say('and tomorrow');
    await call.expect(/tomorrow/);
    await call.say('and in Paris');
    await call.expect(/Paris/);
    await call.say('say that again');
    await call.expect(/Paris/);
    await call.hangUp();
  });

  callTest('hears the news with its source', async () => {
    const call = await bot.call();
    await call.say('read me the news');
    await call.expect(/morning post/);
    await call.hangUp();
  });

  callTest('asks what time it is in Tokyo', async () => {
    const call = await bot.call();
    await call.say('what time is it in Tokyo');
    await call.expect(/Tokyo/);
    await call.hangUp();
  });

  callTest('asks for help and is told what the bot can do', async () => {
    const call = await bot.call();
    await call.say('what can you do');
    await call.expect(/weather/);
    await call.hangUp();
  });

  callTest(
    'who talks about something else is not understood, and after the second time offered help',
    async () => {
      const call = await bot.call();
      await call.say('my grandmother baked a wonderful apple pie yesterday');
      await call.expect(/again|once more/);
      await call.say('the old piano in the hall needs a new coat of paint');
      await call.expect(/help/);
      await call.hangUp();
    },
  );

  callTest('who speaks during the greeting is heard', async () => {
    const call = await bot.call({ skipGreeting: true });
    await call.untilSpeaking();
    await call.say('what time is it in Madrid');
    await call.expect(/Madrid/);
    await call.hangUp();
  });
});
