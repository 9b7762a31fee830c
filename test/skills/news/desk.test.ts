import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createNewsDesk } from '../../../app/skills/news/desk.ts';
import { createNewsSkill } from '../../../app/skills/news/skill.ts';
import { manualClock } from '../../fakes/clock.ts';
import { startFeeds, type FakeFeed, type RawFeed } from '../../fakes/feeds.ts';
import type { Behaviour } from '../../fakes/http.ts';
import { recordingLog } from '../../fakes/log.ts';
import { answers, never, run, skillsConfig } from '../support.ts';

/** Even seconds: the first variant of each sentence. */
const now = '2026-11-05T20:05:00Z';

const rss = (...titles: string[]): FakeFeed => ({
  format: 'rss',
  title: 'Any',
  items: titles.map((title) => ({ title })),
});

async function setUp(t: TestContext, feeds: Readonly<Record<string, FakeFeed | RawFeed>>) {
  const clock = manualClock(now);
  const log = recordingLog();
  const server = await startFeeds(feeds);
  t.after(() => server.close());
  const names = ['BBC News', 'The Guardian', 'NPR', 'Le Monde'];
  const { news } = skillsConfig({
    news: {
      feeds: Object.keys(feeds).map((path, at) => ({ name: names[at] ?? path, url: server.addressOf(path) })),
      deadlineMs: 5_000,
      staleMs: 3_600_000,
    },
  });
  const desk = createNewsDesk({ config: news, fetch, clock, log });
  const skill = createNewsSkill({ desk, answers });
  const refresh = () => desk.refresh({ signal: never });
  const ask = async (count?: number) => await run(skill, count === undefined ? {} : { count }, now);
  return { clock, log, server, desk, skill, refresh, ask };
}

test('three headlines are read, each with its source, one source after the other', async (t) => {
  const { refresh, ask } = await setUp(t, {
    '/a.xml': rss('Alpha one', 'Alpha two', 'Alpha three'),
    '/b.xml': { format: 'atom', title: 'B', items: [{ title: 'Beta one?' }, { title: 'Beta two' }] },
  });
  await refresh();
  const answer = await ask();
  assert.deepEqual(answer.say, [
    'Here are the headlines.',
    'From BBC News: Alpha one.',
    'From The Guardian: Beta one?',
    'From BBC News: Alpha two.',
  ]);
  assert.equal(answer.outcome, 'ok');
  assert.deepEqual(answer.next, { kind: 'listen' });
});

test('RSS, Atom, RDF and JSON feeds are all read', async (t) => {
  const { refresh, ask } = await setUp(t, {
    '/rss': { ...rss('<b>From</b> RSS &amp; co'), html: true },
    '/atom': { format: 'atom', title: 'B', html: true, items: [{ title: 'From <i>Atom</i> &amp; co' }] },
    '/rdf': { format: 'rdf', title: 'C', items: [{ title: 'Some RDF & friends' }] },
    '/json': { format: 'json', title: 'D', items: [{ title: 'JSON <3 feeds' }] },
  });
  await refresh();
  assert.deepEqual((await ask(4)).say, [
    'Here are the headlines.',
    'From BBC News: From RSS & co.',
    'From The Guardian: From Atom & co.',
    'From NPR: Some RDF & friends.',
    'From Le Monde: JSON <3 feeds.',
  ]);
});

const counts: readonly (readonly [number | undefined, number])[] = [
  [undefined, 3],
  [1, 1],
  [5, 5],
  [10, 10],
  [50, 10],
  [0, 1],
  [-3, 1],
];

test('as many headlines are read as were asked for, from one to ten', async (t) => {
  const titles = [
    'Sun',
    'Moon',
    'Mars',
    'Venus',
    'Pluto',
    'Titan',
    'Io',
    'Europa',
    'Ceres',
    'Triton',
    'Eris',
    'Juno',
  ];
  const { refresh, ask } = await setUp(t, { '/a.xml': rss(...titles) });
  await refresh();
  for (const [count, read] of counts) {
    const { say } = await ask(count);
    assert.equal(say.filter((sentence) => sentence !== 'Here are the headlines.').length, read, `${count}`);
  }
  assert.deepEqual((await ask(2)).say, ['Here are the headlines.', 'From BBC News: Sun.', 'Also: Moon.']);
});

test('fewer headlines than asked for are all read', async (t) => {
  const { refresh, ask } = await setUp(t, { '/a.xml': rss('Only this') });
  await refresh();
  assert.deepEqual((await ask(5)).say, ['Here are the headlines.', 'From BBC News: Only this.']);
});

test('a story is read once, whoever tells it', async (t) => {
  const { refresh, ask } = await setUp(t, {
    '/a.xml': rss('Storm Bert hits the coast of Wales', 'Markets fall'),
    '/b.xml': rss('Storm Bert hits Wales’ coast', 'Markets fall - The Guardian', 'Chess title defended'),
  });
  await refresh();
  assert.deepEqual((await ask(5)).say.slice(1), [
    'From BBC News: Storm Bert hits the coast of Wales.',
    'From The Guardian: Markets fall.',
    'Also: Chess title defended.',
  ]);
});

test('a feed that has not changed is not sent again, and counts as fresh', async (t) => {
  const { clock, server, refresh, desk } = await setUp(t, { '/a.xml': rss('Old news') });
  await refresh();
  await clock.advance(3_000_000);
  await refresh();
  const [, second] = server.requests;
  assert.match(String(second?.headers['if-none-match']), /^"[\da-f]{16}"$/);
  assert.equal(second?.headers['if-modified-since'], 'Wed, 04 Nov 2026 08:00:00 GMT');
  await clock.advance(3_000_000);
  assert.deepEqual(desk.headlines(1), [{ source: 'BBC News', text: 'Old news' }]);

  server.setFeed('/a.xml', rss('New news'));
  await refresh();
  assert.deepEqual(desk.headlines(1), [{ source: 'BBC News', text: 'New news' }]);
});

test('headlines that could not be renewed are read until they are stale', async (t) => {
  const { clock, server, log, refresh, desk, ask } = await setUp(t, {
    '/a.xml': rss('Alpha'),
    '/b.xml': rss('Beta'),
  });
  await refresh();
  server.behave('500', { path: '/a.xml' });
  await clock.advance(3_500_000);
  await refresh();
  assert.deepEqual(
    desk.headlines(3).map(({ text }) => text),
    ['Alpha', 'Beta'],
  );
  const warnings = log.lines.filter(({ level }) => level === 'warn');
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.fields['feed'], 'BBC News');

  await clock.advance(200_000);
  assert.deepEqual(
    desk.headlines(3).map(({ text }) => text),
    ['Beta'],
  );
  assert.deepEqual((await ask()).say, ['Here are the headlines.', 'From The Guardian: Beta.']);
});

test('a bot that has just started fetches the news for the caller who asks, waiting for the first feed only', async (t) => {
  const { server, ask } = await setUp(t, { '/a.xml': rss('Alpha'), '/b.xml': rss('Beta') });
  server.behave('hang', { path: '/a.xml' });
  assert.deepEqual((await ask()).say, ['Here are the headlines.', 'From The Guardian: Beta.']);
});

const failures: readonly (readonly [Behaviour, string])[] = [
  ['500', 'skill-service-unreachable'],
  ['404', 'skill-service-unreachable'],
  ['reset', 'skill-service-unreachable'],
  ['redirect-loop', 'skill-service-unreachable'],
  ['html', 'skill-service-garbled'],
  ['garbage', 'skill-service-garbled'],
  ['empty', 'skill-service-garbled'],
  ['wrong-schema', 'skill-service-garbled'],
  ['oversized', 'skill-service-garbled'],
  ['gzip-bomb', 'skill-service-garbled'],
];

for (const [behaviour, outcome] of failures) {
  test(`when every feed answers "${behaviour}" the caller is told so honestly`, async (t) => {
    const { server, log, ask } = await setUp(t, { '/a.xml': rss('Alpha') });
    server.behave(behaviour);
    const answer = await ask();
    assert.deepEqual(answer.say, ["I can't get the news right now. Please try again later."]);
    assert.equal(answer.outcome, outcome);
    assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
  });
}

test('feeds that hang are given up at the deadline, and the caller is told so', async (t) => {
  const { clock, server, ask } = await setUp(t, { '/a.xml': rss('Alpha'), '/b.xml': rss('Beta') });
  server.behave('hang');
  const asked = ask();
  await server.whenRequested(2);
  await clock.advance(5_000);
  assert.match((await asked).say[0] ?? '', /can't get the news/);
  await server.whenAborted(2);
  assert.equal(clock.sleeping, 0);
});

for (const behaviour of ['redirect', 'gzip', 'gzip-unlabelled', 'slow'] as const) {
  test(`a feed by "${behaviour}" is as good as any`, async (t) => {
    const { server, refresh, desk } = await setUp(t, { '/a.xml': rss('Alpha') });
    server.behave(behaviour);
    await refresh();
    assert.deepEqual(desk.headlines(1), [{ source: 'BBC News', text: 'Alpha' }]);
  });
}

test('who hangs up while the news is fetched ends the waiting, and nothing is left', async (t) => {
  const { clock, server, skill } = await setUp(t, { '/a.xml': rss('Alpha'), '/b.xml': rss('Beta') });
  server.behave('hang');
  const hangUp = new AbortController();
  const asked = run(skill, {}, now, hangUp.signal);
  await server.whenRequested(2);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(asked, /hung up/);
  await server.whenAborted(2);
  assert.equal(clock.sleeping, 0);
});

test('without any feed there is no news', async (t) => {
  const { refresh, ask } = await setUp(t, {});
  await refresh();
  assert.match((await ask()).say[0] ?? '', /can't get the news/);
});
