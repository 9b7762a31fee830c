import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSkills } from '../../app/skills/registry.ts';
import { manualClock } from '../fakes/clock.ts';
import { startFeeds } from '../fakes/feeds.ts';
import { recordingLog } from '../fakes/log.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { answers, cities, never, run, skillsConfig } from './support.ts';

const now = '2026-11-05T20:05:00Z';

function registry(config = skillsConfig({}), fetch = globalThis.fetch) {
  const log = recordingLog();
  const clock = manualClock(now);
  const all = Object.values(cities);
  const skills = createSkills({ config, answers, clock, log, fetch, cities: all, timeZone: 'UTC' });
  const of = (intent: string) => {
    const skill = skills.skills.get(intent);
    assert.ok(skill, intent);
    return skill;
  };
  return { ...skills, log, of };
}

test('there is a skill for every intent but None', () => {
  const { skills } = registry();
  assert.deepEqual(
    [...skills.keys()],
    ['GetWeather', 'GetNews', 'GetTime', 'Call', 'Help', 'Repeat', 'Goodbye', 'Stop'],
  );
  for (const [intent, skill] of skills) assert.equal(skill.intent, intent);
});

test('only what cannot be taken back waits until the turn is surely over', () => {
  const { skills } = registry();
  const withSideEffects = [...skills.values()].filter(({ sideEffects }) => sideEffects);
  assert.deepEqual(
    withSideEffects.map(({ intent }) => intent),
    ['Call'],
  );
});

test('help says what the bot can do, with an example and how to end', async () => {
  const { say, next } = await run(registry().of('Help'), {}, now);
  assert.equal(say.length, 4);
  assert.match(say.join(' '), /weather.*news.*call.*For example.*press.*goodbye/);
  assert.deepEqual(next, { kind: 'listen' });
});

test('repeat leaves it to the dialogue, stop falls silent, goodbye hangs up', async () => {
  const { of } = registry();
  assert.deepEqual(await run(of('Repeat'), {}, now), { say: [], next: { kind: 'repeat' }, outcome: 'ok' });
  assert.deepEqual(await run(of('Stop'), {}, now), {
    say: ['Okay.'],
    next: { kind: 'listen' },
    outcome: 'ok',
  });
  const { say, next } = await run(of('Goodbye'), {}, now);
  assert.match(say.join(' '), /bye/i);
  assert.deepEqual(next, { kind: 'hang-up' });
});

test('an ambiguous city is said with its state', async () => {
  const { of } = registry();
  const { say } = await run(of('GetTime'), { city: cities.portlandMaine }, now);
  assert.deepEqual(say, ["It's 3:05 PM in Portland, Maine."]);
});

test('weather and news come from the configured addresses', async (t) => {
  const meteo = await startOpenMeteo({ clock: manualClock(now) });
  const feeds = await startFeeds({ '/x': { format: 'rss', title: 'X', items: [{ title: 'Extra' }] } });
  t.after(() => Promise.all([meteo.close(), feeds.close()]));
  const { of, jobs } = registry(
    skillsConfig({
      weather: { baseUrl: meteo.url },
      news: { feeds: [{ name: 'The X', url: feeds.addressOf('/x') }], refresh: '*/5 * * * *' },
    }),
  );
  const weather = await run(of('GetWeather'), { city: cities.seattle }, now);
  assert.match(weather.say[0] ?? '', /^In Seattle it's \d+ degrees/);
  assert.deepEqual(
    jobs.map(({ name, schedule, atStart }) => ({ name, schedule, atStart })),
    [{ name: 'news-refresh', schedule: '*/5 * * * *', atStart: true }],
  );
  await jobs[0]?.run({ signal: never });
  assert.equal(feeds.requests.length, 1);
  assert.deepEqual((await run(of('GetNews'), { count: 1 }, now)).say, ['From The X: Extra.']);
  assert.equal(feeds.requests.length, 1);
});

test('without feeds there is nothing to refresh', () => {
  assert.deepEqual(registry(skillsConfig({ news: { feeds: [] } })).jobs, []);
});

test('a fault in a skill costs an apology, not the call', async () => {
  const { of, log } = registry();
  const nowhere = { ...cities.tokyo, timeZone: 'Nowhere/Atall' };
  const answer = await run(of('GetTime'), { city: nowhere }, now);
  assert.deepEqual(answer.say, ['Sorry, something went wrong on my side. Please try again.']);
  assert.equal(answer.outcome, 'skill-failed');
  assert.equal(log.lines[0]?.level, 'error');
});

test('a hang-up is passed on as what it is', async () => {
  const hangUp = new AbortController();
  hangUp.abort(new Error('hung up'));
  const asked = run(registry().of('GetWeather'), { city: cities.tokyo }, now, hangUp.signal);
  await assert.rejects(asked, /hung up/);
});
