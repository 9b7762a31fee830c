/** Calls in the middle of which whoever understands is cut off: real providers, services on loopback. */
import assert from 'node:assert/strict';
import { after, describe, test, type TestContext } from 'node:test';
import { configSchema } from '../../app/config/schema.ts';
import { createUnderstander, createUnderstanding } from '../../app/nlu/registry.ts';
import type { Rung } from '../../app/nlu/spec.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { type Reaction, startChatModel } from '../fakes/chat-model.ts';
import type { Behaviour } from '../fakes/http.ts';
import { fakeAppId, fakeKey, type FakePrediction, startClu, startLuis } from '../fakes/understanding.ts';
import { recordingLog } from '../fakes/log.ts';
import { say, skill, stage } from './stage.ts';

const predict = (text: string): FakePrediction => ({
  intent: text.includes('bye') ? 'Goodbye' : 'GetTime',
  confidence: 0.95,
});

const [luis, clu, model] = await Promise.all([startLuis(predict), startClu(predict), startChatModel()]);
after(() => Promise.all([luis.close(), clu.close(), model.close()]));

const reader = createUnderstander('local', { directory: {} });

const ops = { clock: systemClock, log: recordingLog(), metrics: createMetrics() };

const skills = [
  skill('GetNews', () => Promise.resolve(say('There is no news.'))),
  skill('GetTime', () => Promise.resolve(say('It is noon.'))),
  skill('Goodbye', () => Promise.resolve(say('Goodbye!', { next: { kind: 'hang-up' } }))),
];

/** Own rules that are never sure alone, so that the service is asked in each turn. */
function understandingWith(service: 'luis' | 'clu' | 'model') {
  const { nlu } = configSchema.parse({
    nlu: {
      understander: ['local', service],
      rungAcceptAbove: { local: 1 },
      deadlineMs: 1_000,
      luis: { endpoint: luis.url, appId: fakeAppId, key: fakeKey },
      clu: { endpoint: clu.url, project: 'clinic', key: fakeKey },
      model: { baseUrl: model.url, model: 'small', deadlineMs: 1_000 },
    },
  });
  const understander = createUnderstanding(nlu, { directory: {}, reader }, ops);
  after(() => understander.close());
  return understander;
}

/** How each service is made to fail, and made well again. */
const services: Readonly<Record<'luis' | 'clu' | 'model', (how: Behaviour | 'ok') => void>> = {
  luis: (how) => {
    luis.behave(how);
  },
  clu: (how) => {
    clu.behave(how);
  },
  model: (how) => {
    const reactions: Partial<Record<Behaviour, Reaction>> = {
      reset: 'reset',
      hang: 'hang',
      '429': { status: 429 },
    };
    model.always(reactions[how] ?? { call: 'GetTime' });
  },
};

type Outcomes = readonly (readonly Rung[])[];
const failed = (outcomes: Outcomes): boolean[] =>
  outcomes.map((rungs) => rungs.some(({ outcome }) => outcome === 'failed'));

for (const [name, make] of Object.entries(services) as [
  keyof typeof services,
  (how: Behaviour | 'ok') => void,
][]) {
  describe(`a caller whose bot asks ${name}`, () => {
    const understander = understandingWith(name);

    for (const how of ['reset', 'hang', '429'] as const) {
      test(`loses neither the call nor a turn by a ${how} in the second turn`, async (t) => {
        const { hear, utter, summary, log } = await stage(t, { understander, skills });
        await hear();
        make('ok');
        utter('what time is it');
        assert.equal(await hear(), 'It is noon.');
        make(how);
        utter("what's the news");
        assert.equal(await hear(), 'There is no news.');
        make('ok');
        utter('what time is it');
        assert.equal(await hear(), 'It is noon.');
        model.always({ call: 'Goodbye' });
        utter('goodbye');
        assert.equal(await hear(), 'Goodbye!');
        const { turns, endedBy } = await summary;
        assert.equal(endedBy, 'bot');
        assert.deepEqual(
          turns.map(({ intent, outcome }) => [intent, outcome]),
          [
            ['GetTime', 'ok'],
            ['GetNews', 'ok'],
            ['GetTime', 'ok'],
            ['Goodbye', 'ok'],
          ],
        );
        assert.deepEqual(failed(turns.map(({ rungs }) => rungs)), [false, true, false, false]);
        assert.deepEqual(
          log.lines.filter(({ level }) => level === 'error'),
          [],
        );
      });
    }
  });
}

describe('a caller whose bot is in the middle of an answer of its own', () => {
  const understander = understandingWith('model');

  async function talk(t: TestContext, reaction: Reaction) {
    const on = await stage(t, { understander, skills });
    await on.hear();
    model.next(reaction);
    on.utter('are you a human being');
    return on;
  }

  test('hears it to its end', async (t) => {
    const { hear, utter, done } = await talk(t, { words: 'No. I am a bot. Shall we go on?' });
    assert.deepEqual([await hear(), await hear(), await hear()], ['No.', 'I am a bot.', 'Shall we go on?']);
    model.next({ call: 'Goodbye' });
    utter('goodbye');
    assert.equal(await hear(), 'Goodbye!');
    assert.deepEqual(await done, { turns: 2, endedBy: 'bot' });
  });

  for (const then of ['reset', 'hang', 'garbage'] as const) {
    test(`keeps what was said, and the call, by a ${then}`, async (t) => {
      const { hear, utter, done } = await talk(t, { words: 'No. I am a bot. Shall', then });
      assert.deepEqual([await hear(), await hear()], ['No.', 'I am a bot.']);
      assert.match(await hear(), /something went wrong/);
      assert.equal(await hear(), 'Please try again.');
      model.next({ call: 'Goodbye' });
      utter('goodbye');
      assert.equal(await hear(), 'Goodbye!');
      assert.deepEqual(await done, { turns: 2, endedBy: 'bot' });
      await model.whenIdle();
    });
  }

  test('who hangs up leaves nothing behind', async (t) => {
    const { hear, line, done } = await talk(t, { words: 'No. I am a bot. Shall', then: 'hang' });
    assert.equal(await hear(), 'No.');
    line.hangUp();
    assert.deepEqual(await done, { turns: 1, endedBy: 'caller' });
    await model.whenIdle();
  });

  test('who speaks over it is answered, and no more of it is made', async (t) => {
    const { hear, listen, utter, clock } = await talk(t, { words: 'No. I am a bot. Shall', then: 'hang' });
    assert.equal(await hear(), 'No.');
    assert.equal((await listen()).text, 'I am a bot.');
    await clock.advance(1_000);
    model.next({ call: 'GetTime' });
    utter('what time is it');
    assert.equal(await hear(), 'It is noon.');
    await model.whenIdle();
  });
});
