import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from './clock.ts';
import { startFeeds } from './feeds.ts';
import { startOpenMeteo } from './open-meteo.ts';

test('the fake weather service speaks Open-Meteo’s format, errors included', async (t) => {
  const meteo = await startOpenMeteo({ clock: manualClock('2026-11-05T20:05:00Z') });
  t.after(() => meteo.close());
  const get = async (query: string) => {
    const response = await fetch(`${meteo.url}/v1/forecast?${query}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const seattle = 'latitude=47.61&longitude=-122.33';
  const { status, body } = await get(
    `${seattle}&current=temperature_2m,is_day&daily=weather_code&hourly=temperature_2m&timezone=auto&forecast_days=2`,
  );
  assert.equal(status, 200);
  assert.partialDeepStrictEqual(body, {
    timezone: 'America/Los_Angeles',
    utc_offset_seconds: -28_800,
    current_units: { time: 'iso8601', interval: 'seconds', temperature_2m: '°C', is_day: '' },
    current: { time: '2026-11-05T12:00', interval: 900, is_day: 1 },
    daily_units: { time: 'iso8601', weather_code: 'wmo code' },
    daily: { time: ['2026-11-05', '2026-11-06'] },
  });
  assert.equal((body['hourly'] as { time: string[] }).time.length, 48);

  for (const [query, reason] of [
    ['longitude=1', "Parameter 'latitude' is required."],
    [`${seattle}&forecast_days=17`, 'Forecast days is invalid. Allowed range 0 to 16. Given 17.'],
    [`${seattle}&daily=weather_code`, 'Parameter "timezone" is required for daily variables'],
    [`${seattle}&current=mood`, /invalid String value mood/],
  ] as const) {
    const refused = await get(query);
    assert.equal(refused.status, 400);
    assert.equal(refused.body['error'], true);
    if (typeof reason === 'string') assert.equal(refused.body['reason'], reason);
    else assert.match(String(refused.body['reason']), reason);
  }
});

test('each place has a weather of its own, always the same', async (t) => {
  const meteo = await startOpenMeteo({ clock: manualClock('2026-11-05T20:05:00Z') });
  t.after(() => meteo.close());
  const now = async (latitude: number, longitude: number) => {
    const query = `latitude=${latitude}&longitude=${longitude}&current=temperature_2m`;
    const body = (await (await fetch(`${meteo.url}/v1/forecast?${query}`)).json()) as {
      current: { temperature_2m: number };
    };
    return body.current.temperature_2m;
  };
  assert.equal(await now(47.61, -122.33), await now(47.61, -122.33));
  assert.ok((await now(1.35, 103.82)) > (await now(64.15, -21.94)));
});

test('what nobody scripted is not implemented', async (t) => {
  const meteo = await startOpenMeteo();
  const feeds = await startFeeds({ '/a': { contentType: 'text/xml', body: '<rss/>' } });
  t.after(() => Promise.all([meteo.close(), feeds.close()]));
  const answers = await Promise.all([
    fetch(`${meteo.url}/v1/archive`),
    fetch(`${meteo.url}/v1/forecast`, { method: 'POST' }),
    fetch(feeds.addressOf('/b')),
  ]);
  for (const { status } of answers) assert.equal(status, 501);
  assert.deepEqual(meteo.requests.map(({ method, path }) => `${method} ${path}`).sort(), [
    'GET /v1/archive',
    'POST /v1/forecast',
  ]);
});

test('misbehaviour is for one path or all, for some requests or until further notice', async (t) => {
  const raw = { contentType: 'text/plain', body: 'fine' };
  const feeds = await startFeeds({ '/a': raw, '/b': raw });
  t.after(() => feeds.close());
  const status = async (path: string) => (await fetch(feeds.addressOf(path))).status;
  feeds.behave('500', { times: 1, path: '/a' });
  assert.deepEqual([await status('/a'), await status('/a'), await status('/b')], [500, 200, 200]);
  feeds.behave('404');
  assert.deepEqual([await status('/a'), await status('/b')], [404, 404]);
  feeds.behave('ok');
  assert.equal(await status('/a'), 200);
  await feeds.close();
  await feeds.close();
  await assert.rejects(fetch(feeds.addressOf('/a')));
});
