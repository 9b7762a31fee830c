/** What every understander must do. They are found by walking the registry: a new one cannot escape. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { after, describe, test } from 'node:test';
import {
  createUnderstander,
  createUnderstanding,
  type UnderstanderParts,
  understanders,
} from '../../app/nlu/registry.ts';
import type { Understander, Understanding, UnderstandOptions } from '../../app/nlu/spec.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { configSchema } from '../../app/config/schema.ts';
import { startChatModel } from '../fakes/chat-model.ts';
import { recordingLog } from '../fakes/log.ts';
import { fakeAppId, fakeKey, startClu, startLuis, type FakePrediction } from '../fakes/understanding.ts';

const hungUp = new Error('the caller has hung up');
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settlesSoon(pending: Promise<unknown>): Promise<void> {
  const settled = await Promise.race([
    pending.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, 50, false).unref()),
  ]);
  assert.ok(settled, 'within 50 ms');
}

const now = new Date('2026-03-11T10:00:00Z');

function optionsWith(more: Partial<UnderstandOptions> = {}): UnderstandOptions {
  return { language: 'en-US', signal: new AbortController().signal, now, ...more };
}

const texts = [
  "What's the weather in Seattle tomorrow?",
  'call Alice',
  'yes',
  'and in Paris?',
  'book me a flight to Rome',
  'Straße 東京 🙂 \u0000 \n\t',
  "'''''",
  '....',
  '0',
  '__proto__ constructor',
  '{city}',
];

// Services answer from loopback; what they make of a text does not matter here, but that it has entities does.
const predict = (text: string): FakePrediction => ({
  intent: text.includes('weather') ? 'GetWeather' : 'None',
  confidence: 0.8,
  entities: ['Seattle', 'Paris', 'Rome']
    .filter((city) => text.includes(city))
    .map((city) => ({
      name: 'geographyV2',
      text: city,
      type: 'builtin.geographyV2.city',
      value: { value: city.toLowerCase(), type: 'city' },
      more: { extraInformation: [{ extraInformationKind: 'EntitySubtype', value: 'geography.city' }] },
    })),
});
const luis = await startLuis(predict);
const clu = await startClu(predict);
const model = await startChatModel();
const asModel = { call: 'GetWeather', with: { city: 'Seattle', day: 'tomorrow' } };
model.always(asModel);
const { nlu: services } = configSchema.parse({
  nlu: {
    understander: ['luis', 'local'],
    deadlineMs: 300,
    luis: { endpoint: luis.url, appId: fakeAppId, key: fakeKey },
    clu: { endpoint: clu.url, project: 'clinic', key: fakeKey },
    model: { baseUrl: model.url, model: 'small' },
  },
});
after(() => Promise.all([luis.close(), clu.close(), model.close()]));
const parts: UnderstanderParts = { directory: { Alice: '6002' }, timeZone: 'UTC', services };

/** The service that an understander asks. */
interface Service {
  /** From now on it takes requests and never answers. */
  hang(): void;
  recover(): void;
  /** Resolves when the next request has come. */
  whenAsked(): Promise<void>;
  /** Resolves when one was given up since it hangs. */
  whenGivenUp(): Promise<void>;
}

function serviceOf(server: typeof luis): Service {
  let givenUp = 0;
  return {
    hang: () => {
      givenUp = server.requests.filter(({ aborted }) => aborted).length;
      server.behave('hang');
    },
    recover: () => {
      server.behave('ok');
    },
    whenAsked: () => server.whenRequested(server.requests.length + 1),
    whenGivenUp: () => server.whenAborted(givenUp + 1),
  };
}

const modelService: Service = {
  hang: () => {
    model.always('hang');
  },
  recover: () => {
    model.always(asModel);
  },
  whenAsked: () => model.whenRequested(model.requests.length + 1),
  whenGivenUp: () => model.whenIdle(),
};

/** All that there are, by name: the suite refuses to run when one in the registry has no set-up here. */
const luisService = serviceOf(luis);
const setUps: Readonly<Record<string, { readonly service?: Service }>> = {
  local: {},
  scripted: {},
  luis: { service: luisService },
  clu: { service: serviceOf(clu) },
  model: { service: modelService },
};
/** What asks several is an understander, and keeps the same contract. */
const ladder = 'luis, local';

function newUnderstander(name: string, more: Partial<UnderstanderParts> = {}): Understander {
  if (name !== ladder) return createUnderstander(name, { ...parts, ...more });
  const ops = { clock: systemClock, log: recordingLog(), metrics: createMetrics() };
  return createUnderstanding(services, { ...parts, ...more }, ops);
}

/** Without what tells how long it took. */
function withoutTimes({ rungs: _, ...understanding }: Understanding): Omit<Understanding, 'rungs'> {
  return understanding;
}

test('every understander in the registry is set up here, and no other', () => {
  assert.deepEqual(Object.keys(setUps).sort(), Object.keys(understanders).sort());
});

for (const [name, { service }] of Object.entries({ ...setUps, [ladder]: { service: luisService } })) {
  describe(name, () => {
    const understander = newUnderstander(name);
    after(() => understander.close());

    test('it tells its name and its languages', () => {
      assert.equal(understander.name, name);
      assert.ok(understander.can.languages.includes('en-US'));
    });

    test('an empty text is None with no slots', async () => {
      for (const text of ['', '   ', '...']) {
        const { intent, slots, mentions, fragment, affirmation } = await understander.understand(
          text,
          optionsWith(),
        );
        assert.deepEqual(
          { intent, slots, mentions, fragment, affirmation },
          { intent: 'None', slots: {}, mentions: [], fragment: false, affirmation: undefined },
        );
      }
    });

    test('whatever is said, the answer has the form that is promised', async () => {
      const asked = [undefined, 'city', 'name', 'extension', 'count', 'day', 'confirmation'] as const;
      for (const text of texts) {
        for (const expecting of asked) {
          const heard = await understander.understand(text, optionsWith(expecting && { expecting }));
          assert.equal(heard.text, text);
          assert.ok(heard.confidence >= 0 && heard.confidence <= 1, `${heard.confidence}`);
          assert.ok(heard.ranking.length > 0);
          assert.ok(
            heard.ranking.every(
              ({ confidence }, at, all) => at === 0 || confidence <= (all[at - 1]?.confidence ?? 0),
            ),
          );
          for (const { slot, start, end } of heard.mentions) {
            assert.ok(slot in heard.slots, slot);
            assert.ok(start >= 0 && start < end && end <= text.length, `${start} to ${end}`);
          }
          if (heard.fragment) {
            assert.equal(heard.intent, 'None');
            assert.ok(Object.keys(heard.slots).length > 0);
          }
          if (heard.affirmation !== undefined) assert.equal(heard.intent, 'None');
        }
      }
    });

    test('a text of a thousand words is understood as one', async () => {
      const long = Array.from({ length: 100 }, () => 'and then she went to Paris with 6002 old friends').join(
        ' ',
      );
      const heard = await understander.understand(long, optionsWith());
      assert.equal(heard.text, long);
      assert.equal(heard.affirmation, undefined);
    });

    test('an aborted call rejects with the reason, at once', async () => {
      const reason = hungUp;
      await assert.rejects(
        understander.understand('what time is it', optionsWith({ signal: AbortSignal.abort(reason) })),
        (error) => error === reason,
      );
    });

    test('a call that is aborted on its way, whenever that is, settles within 50 ms', async () => {
      for (const turns of [0, 1, 2, 5, 20]) {
        const stopped = new AbortController();
        const { signal } = stopped;
        const pending = understander.understand('what time is it', optionsWith({ signal }));
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        stopped.abort(hungUp);
        await settlesSoon(pending);
        await nextTurn();
        assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners on the signal of the caller');
      }
    });

    test('many at once understand what they understand one by one', async () => {
      const many = Array.from({ length: 40 }, (_, index) => texts[index % texts.length] ?? '');
      const { signal } = new AbortController();
      const understood = async (text: string) =>
        withoutTimes(await understander.understand(text, optionsWith({ signal })));
      const together = await Promise.all(many.map(understood));
      for (const [index, text] of many.entries()) assert.deepEqual(together[index], await understood(text));
      await nextTurn();
      assert.equal(getEventListeners(signal, 'abort').length, 0, 'listeners on the signal of the caller');
    });

    const saysNothing = async (at: Service): Promise<void> => {
      const stopped = new AbortController();
      at.hang();
      try {
        const asked = at.whenAsked();
        const pending = understander.understand('what time is it', optionsWith({ signal: stopped.signal }));
        await asked;
        // The ladder goes on by itself when the time of a rung is over.
        if (name === ladder) assert.equal((await pending).intent, 'GetTime');
        else {
          stopped.abort(hungUp);
          await settlesSoon(pending);
          await assert.rejects(pending, (error) => error === hungUp);
        }
        await at.whenGivenUp();
      } finally {
        at.recover();
      }
    };
    if (service)
      test('a service that never answers is given up, and nothing is left of the request', () =>
        saysNothing(service));

    test('it can be closed twice', async () => {
      const other = newUnderstander(name, { directory: {} });
      await other.close();
      await other.close();
    });
  });
}
