/** What a bot of one's own answers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { OwnAnswer } from '../../../app/nlu/own/spec.ts';
import { systemClock } from '../../../app/ops/clock.ts';
import { loadAnswers } from '../../../app/skills/answers.ts';
import { createOwnSkill } from '../../../app/skills/own/skill.ts';
import type { SkillRequest } from '../../../app/skills/spec.ts';
import { startFakeServer } from '../../fakes/http.ts';
import { recordingLog } from '../../fakes/log.ts';

const answers = await loadAnswers();
let reply: object = {};
const server = await startFakeServer({
  answer: ({ path, method }) =>
    path === '/hook' && method === 'POST' ? { status: 200, body: JSON.stringify(reply) } : undefined,
  wrongSchema: { status: 200, body: '{"say":7}' },
});
after(() => server.close());

const plain: OwnAnswer = {
  intent: 'OrderPizza',
  needs: [{ slot: '@size', ask: ['What size?', 'Small or large?'] }],
  remembers: ['@size'],
  confirm: ['A pizza?', 'A {size} pizza?'],
  say: ['A {size} pizza.', 'A {size} pizza {day}, for {count} in {city}.'],
  failed: ['The kitchen does not answer.'],
  hangUp: false,
};
const skillOf = (more: Partial<OwnAnswer>, log = recordingLog()) =>
  createOwnSkill({ answer: { ...plain, ...more }, answers, fetch, clock: systemClock, log, timeZone: 'UTC' });
const hooked = { say: [], webhook: { url: `${server.url}/hook`, deadlineMs: 300 } };

const request: SkillRequest = {
  intent: 'OrderPizza',
  slots: { '@size': 'large' },
  language: 'en-US',
  now: new Date('2026-03-11T10:00:00Z'),
  text: 'a large pizza',
  callId: 'call-1',
};
const options = () => ({ signal: new AbortController().signal });

test('a sentence is filled in, with as much as is known', async () => {
  const skill = skillOf({});
  assert.deepEqual((await skill.run(request, options())).say, ['A large pizza.']);
  const paris = {
    name: 'Paris',
    country: 'France',
    region: '',
    latitude: 49,
    longitude: 2,
    timeZone: 'Europe/Paris',
    population: 1,
  };
  const slots = { '@size': 'small', day: { daysFromToday: 1, days: 1 }, count: 2, city: paris } as const;
  assert.deepEqual((await skill.run({ ...request, slots }, options())).say, [
    'A small pizza tomorrow, for 2 in Paris.',
  ]);
  assert.equal(skill.confirm?.({ '@size': 'large' }, 0), 'A large pizza?');
  assert.equal(skill.ask?.('@size', 0), 'What size?');
  assert.equal(skill.ask?.('@size', 1), 'Small or large?');
  assert.equal(skill.ask?.('city', 0), undefined);
});

test('a webhook is told what was understood, and its answer is said', async () => {
  reply = { say: ['It costs ten dollars.', 'Anything else?'], expect: 'size' };
  const answer = await skillOf(hooked).run(request, options());
  assert.deepEqual(answer.say, ['It costs ten dollars.', 'Anything else?']);
  assert.deepEqual([answer.next, answer.expect, answer.outcome], [{ kind: 'listen' }, '@size', 'ok']);
  assert.deepEqual(JSON.parse(server.requests.at(-1)?.body ?? ''), {
    intent: 'OrderPizza',
    entities: { size: 'large' },
    text: 'a large pizza',
    language: 'en-US',
    callId: 'call-1',
  });
  reply = { say: 'Bye.', hangUp: true };
  assert.deepEqual((await skillOf(hooked).run(request, options())).next, { kind: 'hang-up' });
});

test('a webhook that fails costs the caller an honest sentence, and is not asked twice', async () => {
  reply = { say: 'ok' };
  for (const [behaviour, outcome] of [
    ['hang', 'skill-service-unreachable'],
    ['reset', 'skill-service-unreachable'],
    ['500', 'skill-service-unreachable'],
    ['html', 'skill-service-garbled'],
    ['wrong-schema', 'skill-service-garbled'],
    ['oversized', 'skill-service-garbled'],
  ] as const) {
    const before = server.requests.length;
    server.behave(behaviour);
    const log = recordingLog();
    const answer = await skillOf(hooked, log).run(request, options());
    server.behave('ok');
    assert.deepEqual([answer.say, answer.outcome], [['The kitchen does not answer.'], outcome], behaviour);
    assert.equal(server.requests.length - before, 1, behaviour);
    assert.equal(log.lines[0]?.message, 'a webhook failed');
  }
  server.behave('500');
  const { say } = await skillOf({ ...hooked, failed: [] }).run(request, options());
  server.behave('ok');
  assert.deepEqual(say, [answers.say('skill-failed', 0)]);
});

test('a caller who hangs up ends the webhook', async () => {
  server.behave('hang');
  const gone = new AbortController();
  const { length } = server.requests;
  const pending = skillOf(hooked).run(request, { signal: gone.signal });
  await server.whenRequested(length + 1);
  gone.abort(new Error('hung up'));
  await assert.rejects(pending, /hung up/);
  server.behave('ok');
});
