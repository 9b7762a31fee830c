import assert from 'node:assert/strict';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { nothingRemains } from '../support/aftermath.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

callTest('ten callers at once ask for ten cities, and each hears its own', async (t) => {
  const meteo = await startOpenMeteo();
  t.after(() => meteo.close());
  const bot = await startBot(t, { settings: { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url } });
  const cities = [
    'London',
    'Chicago',
    'Berlin',
    'Madrid',
    'Boston',
    'Toronto',
    'Tokyo',
    'Paris',
    'Denver',
    'Amsterdam',
  ];
  await Promise.all(
    cities.map(async (city) => {
      const call = await bot.call();
      await call.say(`what's the weather in ${city}`, { voice: 'rms' });
      const patience = { timeoutMs: 60_000, patienceMs: 30_000 };
      // A synthetic voice on a busy machine is hard to understand: a person would ask again, too.
      const heard = await call
        .expect(new RegExp(city), { ...patience, patienceMs: 6_000 })
        .catch(async () => {
          await call.say('say that again', { voice: 'rms' });
          return call.expect(new RegExp(city), patience);
        });
      for (const other of cities) assert.ok(other === city || !heard.includes(other), heard);
      await call.hangUp();
    }),
  );
  await nothingRemains(t, bot);
});
