import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { createOpenMeteo } from '../../../app/skills/weather/open-meteo.ts';
import { manualClock } from '../../fakes/clock.ts';
import type { Behaviour } from '../../fakes/http.ts';
import { startOpenMeteo } from '../../fakes/open-meteo.ts';
import { cities, never, skillsConfig } from '../support.ts';

const { seattle, tokyo } = cities;

async function setUp(t: TestContext, more: { cacheMs?: number; path?: string } = {}) {
  const clock = manualClock('2026-11-05T20:05:00Z');
  const meteo = await startOpenMeteo({ clock });
  t.after(() => meteo.close());
  const { cacheMs = 600_000, path = '' } = more;
  const config = skillsConfig({ weather: { baseUrl: `${meteo.url}${path}`, cacheMs, deadlineMs: 2_500 } });
  const service = createOpenMeteo({ config: config.weather, fetch, clock });
  const ask = (at = seattle, signal = never) => service.forecast(at, { signal });
  return { clock, meteo, ask };
}

test('the forecast of a city is its own: 16 days, every hour, local times', async (t) => {
  const { ask } = await setUp(t);
  const here = await ask(seattle);
  assert.equal(here.days.length, 16);
  assert.equal(here.hours.length, 16 * 24);
  assert.equal(here.days[0]?.date, '2026-11-05');
  assert.equal(here.current.isDay, true);
  const there = await ask(tokyo);
  assert.equal(there.days[0]?.date, '2026-11-06');
  assert.equal(there.current.isDay, false);
  assert.notDeepEqual(here.days, there.days);
});

test('a forecast is used again until it is too old', async (t) => {
  const { clock, meteo, ask } = await setUp(t, { cacheMs: 600_000 });
  await ask();
  await clock.advance(599_999);
  await ask();
  assert.equal(meteo.requests.length, 1);
  await clock.advance(1);
  await ask();
  assert.equal(meteo.requests.length, 2);
  await ask(tokyo);
  assert.equal(meteo.requests.length, 3);
});

test('with no time to keep it, each question is a request', async (t) => {
  const { meteo, ask } = await setUp(t, { cacheMs: 0 });
  await ask();
  await ask();
  assert.equal(meteo.requests.length, 2);
});

test('a failure is not kept', async (t) => {
  const { meteo, ask } = await setUp(t);
  meteo.behave('500', { times: 1 });
  await assert.rejects(ask(), (error) => hasCode(error, 'skill-service-unreachable'));
  assert.equal((await ask()).days.length, 16);
});

test('callers who ask for the same city at once share one request', async (t) => {
  const { meteo, ask } = await setUp(t);
  meteo.behave('held');
  const asked = [ask(), ask(), ask()];
  await meteo.whenRequested(1);
  meteo.release();
  const [first, second, third] = await Promise.all(asked);
  assert.equal(first, second);
  assert.equal(second, third);
  assert.equal(meteo.requests.length, 1);
});

test('who hangs up leaves the others their answer', async (t) => {
  const { meteo, ask } = await setUp(t);
  meteo.behave('held');
  const hangUp = new AbortController();
  const leaving = ask(seattle, hangUp.signal);
  const staying = ask();
  await meteo.whenRequested(1);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(leaving, /hung up/);
  meteo.release();
  assert.equal((await staying).days.length, 16);
  assert.equal(meteo.requests[0]?.aborted, false);
});

test('when all have hung up the request is given up, and the next caller gets a new one', async (t) => {
  const { clock, meteo, ask } = await setUp(t);
  meteo.behave('hang', { times: 1 });
  const hangUp = new AbortController();
  const leaving = [ask(seattle, hangUp.signal), ask(seattle, hangUp.signal)];
  await meteo.whenRequested(1);
  hangUp.abort(new Error('hung up'));
  const next = ask();
  for (const call of leaving) await assert.rejects(call, /hung up/);
  await meteo.whenAborted(1);
  assert.equal((await next).days.length, 16);
  assert.equal(clock.sleeping, 0);
  await assert.rejects(ask(seattle, hangUp.signal), /hung up/);
});

for (const behaviour of ['hang', 'hang-midway'] as const) {
  test(`a service that does "${behaviour}" is given up at the deadline`, async (t) => {
    const { clock, meteo, ask } = await setUp(t);
    meteo.behave(behaviour);
    const asked = assert.rejects(
      ask(),
      (error) => hasCode(error, 'skill-service-unreachable') && error.message.includes('within 2500 ms'),
    );
    await meteo.whenRequested(1);
    await clock.advance(2_499);
    assert.equal(meteo.requests[0]?.aborted, false);
    await clock.advance(1);
    await asked;
    await meteo.whenAborted(1);
    assert.equal(clock.sleeping, 0);
  });
}

for (const behaviour of ['reset', 'reset-midway'] as const) {
  test(`after one "${behaviour}" the request is made once more, after two no more`, async (t) => {
    const { meteo, ask } = await setUp(t, { cacheMs: 0 });
    meteo.behave(behaviour, { times: 1 });
    assert.equal((await ask()).days.length, 16);
    assert.equal(meteo.requests.length, 2);
    meteo.behave(behaviour);
    await assert.rejects(ask(), (error) => hasCode(error, 'skill-service-unreachable'));
    assert.equal(meteo.requests.length, 4);
  });
}

const failures: readonly (readonly [
  Behaviour,
  'skill-service-unreachable' | 'skill-service-garbled',
  RegExp,
])[] = [
  ['500', 'skill-service-unreachable', /status 500/],
  ['404', 'skill-service-unreachable', /status 404/],
  ['429', 'skill-service-unreachable', /status 429/],
  ['redirect-loop', 'skill-service-unreachable', /redirect/],
  ['html', 'skill-service-garbled', /not valid JSON/],
  ['garbage', 'skill-service-garbled', /JSON/],
  ['empty', 'skill-service-garbled', /JSON/],
  ['wrong-schema', 'skill-service-garbled', /temperature_2m/],
  ['oversized', 'skill-service-garbled', /larger than 2000000 bytes/],
  ['gzip-bomb', 'skill-service-garbled', /larger than 2000000 bytes/],
];

for (const [behaviour, code, says] of failures) {
  test(`a service that answers "${behaviour}" is ${code}`, async (t) => {
    const { meteo, ask } = await setUp(t);
    meteo.behave(behaviour);
    await assert.rejects(ask(), (error) => {
      assert.ok(hasCode(error, code), String(error));
      assert.match(error.message, says);
      return true;
    });
  });
}

for (const behaviour of ['redirect', 'gzip', 'gzip-unlabelled', 'slow'] as const) {
  test(`an answer by "${behaviour}" is as good as any`, async (t) => {
    const { meteo, ask } = await setUp(t);
    meteo.behave(behaviour);
    assert.equal((await ask()).days.length, 16);
  });
}

test('columns of different lengths are garbled, days without values are left out', async (t) => {
  const { meteo, ask } = await setUp(t);
  meteo.setWeather(seattle, {
    current: { temperatureC: 10, feelsLikeC: 9, code: 3, windKmh: 5 },
    days: [{ code: 3, lowC: 5, highC: 10, rainChance: 5, windKmh: 10 }],
  });
  const { days, hours } = await ask();
  assert.deepEqual(days, [{ date: '2026-11-05', code: 3, high: 10, low: 5, rainChance: 5, windSpeed: 10 }]);
  assert.equal(hours.length, 24);

  const clock = manualClock();
  const short = JSON.stringify({
    current: { temperature_2m: 1, weather_code: 0, is_day: 1 },
    hourly: { time: [], temperature_2m: [], weather_code: [], precipitation_probability: [] },
    daily: {
      time: ['2026-11-05'],
      weather_code: [],
      temperature_2m_max: [1],
      temperature_2m_min: [1],
      precipitation_probability_max: [1],
      wind_speed_10m_max: [1],
    },
  });
  const { weather } = skillsConfig({ weather: { baseUrl: meteo.url } });
  const service = createOpenMeteo({
    config: weather,
    clock,
    fetch: () => Promise.resolve(new Response(short)),
  });
  await assert.rejects(
    service.forecast(seattle, { signal: never }),
    (error) => hasCode(error, 'skill-service-garbled') && error.message.includes('columns differ'),
  );
});

test('the service’s own reason for refusing is in the error', async (t) => {
  const { ask } = await setUp(t);
  await assert.rejects(
    ask({ ...seattle, latitude: 95 }),
    (error) =>
      hasCode(error, 'skill-service-unreachable') &&
      error.message.includes('status 400: Latitude must be in range of -90 to 90°'),
  );
});

test('a base address may have a path', async (t) => {
  const { meteo, ask } = await setUp(t, { path: '/weather/api' });
  await assert.rejects(ask(), /status 501/);
  assert.equal(meteo.requests[0]?.path, '/weather/api/v1/forecast');
});

test('a service that is not there is unreachable', async (t) => {
  const { meteo, ask } = await setUp(t);
  await meteo.close();
  await assert.rejects(
    ask(),
    (error) => hasCode(error, 'skill-service-unreachable') && error.message.includes('ECONNREFUSED'),
  );
});
