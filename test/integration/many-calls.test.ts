import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { nothingRemains } from '../support/aftermath.ts';
import { startBot } from '../support/bot.ts';

test('ten callers at once ask for ten cities, and each hears its own', async (t) => {
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
    'Dallas',
    'Sydney',
    'Denver',
    'Amsterdam',
  ];
  await Promise.all(
    cities.map(async (city) => {
      const call = await bot.call();
      await call.say(`what's the weather in ${city}`);
      const heard = await call.expect(new RegExp(city), { timeoutMs: 60_000, patienceMs: 30_000 });
      for (const other of cities) assert.ok(other === city || !heard.includes(other), heard);
      await call.hangUp();
    }),
  );
  await nothingRemains(t, bot);
});
