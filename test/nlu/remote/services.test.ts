/** LUIS and CLU, as they answer and as they fail. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { configSchema } from '../../../app/config/schema.ts';
import { hasCode } from '../../../app/errors.ts';
import { understanders } from '../../../app/nlu/registry.ts';
import type { Understander, UnderstandOptions } from '../../../app/nlu/spec.ts';
import type { Behaviour, FakeServer } from '../../fakes/http.ts';
import { fakeAppId, fakeKey, startClu, startLuis, type FakePrediction } from '../../fakes/understanding.ts';

const now = new Date('2026-03-11T10:00:00Z');
const options = (more: Partial<UnderstandOptions> = {}): UnderstandOptions => ({
  language: 'en-US',
  signal: AbortSignal.timeout(5_000),
  now,
  ...more,
});

const sayings: Readonly<Record<string, FakePrediction>> = {
  'will it rain in portland maine this weekend': {
    intent: 'Weather.Query',
    confidence: 0.9,
    entities: [
      {
        name: 'geographyV2',
        text: 'portland maine',
        type: 'builtin.geographyV2.city',
        value: { value: 'portland, maine', type: 'city' },
        more: { extraInformation: [{ extraInformationKind: 'EntitySubtype', value: 'geography.city' }] },
      },
      {
        name: 'datetimeV2',
        text: 'this weekend',
        type: 'builtin.datetimeV2.daterange',
        value: {
          type: 'daterange',
          values: [{ timex: '2026-W11-WE', resolution: [{ start: '2026-03-14', end: '2026-03-16' }] }],
        },
        more: {
          resolutions: [
            {
              resolutionKind: 'TemporalSpanResolution',
              timex: '2026-W11-WE',
              begin: '2026-03-14',
              end: '2026-03-16',
            },
          ],
        },
      },
    ],
  },
  'a large one for peter': {
    intent: 'Order',
    confidence: 0.7,
    entities: [
      {
        name: 'Size',
        text: 'large',
        value: ['big'],
        more: { extraInformation: [{ extraInformationKind: 'ListKey', key: 'big' }] },
      },
      {
        name: 'personName',
        text: 'peter',
        type: 'builtin.personName',
        more: { extraInformation: [{ extraInformationKind: 'EntitySubtype', value: 'person.name' }] },
      },
    ],
  },
  'and in paris': {
    intent: 'None',
    confidence: 0.4,
    entities: [
      {
        name: 'geographyV2',
        text: 'paris',
        type: 'builtin.geographyV2.city',
        value: { value: 'paris', type: 'city' },
        more: { extraInformation: [{ extraInformationKind: 'EntitySubtype', value: 'geography.city' }] },
      },
    ],
  },
};
const predict = (text: string): FakePrediction => sayings[text] ?? { intent: 'None', confidence: 0.9 };
const intents = { 'Weather.Query': 'GetWeather' };

const servers: Readonly<Record<string, FakeServer>> = {
  luis: await startLuis(predict),
  clu: await startClu(predict),
};
const { nlu: services } = configSchema.parse({
  nlu: {
    luis: { endpoint: servers['luis']?.url, appId: fakeAppId, key: fakeKey, intents },
    clu: { endpoint: `${servers['clu']?.url}/`, project: 'clinic', key: fakeKey, intents },
  },
});
after(() => Promise.all(Object.values(servers).map((server) => server.close())));

for (const [name, server] of Object.entries(servers)) {
  describe(name, () => {
    const create = (): Understander => {
      const understander = understanders[name]?.({ directory: { Peter: '6001' }, timeZone: 'UTC', services });
      assert.ok(understander);
      return understander;
    };
    const understander = create();
    after(() => understander.close());

    test('intents and entities come in Parley’s terms', async () => {
      const weather = await understander.understand('will it rain in portland maine this weekend', options());
      assert.equal(weather.intent, 'GetWeather');
      assert.equal(weather.confidence, 0.9);
      assert.equal(weather.slots.city?.region, 'Maine');
      assert.deepEqual(weather.slots.day, { daysFromToday: 3, days: 2, weekday: 6 });
      const order = await understander.understand('a large one for peter', options());
      assert.deepEqual(order.slots, { '@Size': 'big', name: 'Peter' });
      assert.deepEqual(order.entities, { Size: [{ value: 'big', text: 'large', start: 2, end: 7 }] });
      const fragment = await understander.understand('and in paris', options());
      assert.deepEqual(
        [fragment.intent, fragment.fragment, fragment.slots.city?.name],
        ['None', true, 'Paris'],
      );
    });

    test('a mere yes asks no service', async () => {
      const before = server.requests.length;
      const { affirmation } = await understander.understand(
        'yes, please',
        options({ expecting: 'confirmation' }),
      );
      assert.equal(affirmation, 'yes');
      assert.equal(server.requests.length, before);
    });

    const failures: [Behaviour, 'nlu-unavailable' | 'nlu-key-refused', number][] = [
      ['401', 'nlu-key-refused', 1],
      ['404', 'nlu-unavailable', 1],
      ['500', 'nlu-unavailable', 2],
      ['reset', 'nlu-unavailable', 2],
      ['reset-midway', 'nlu-unavailable', 2],
      ['busy', 'nlu-unavailable', 2],
      ['busy-long', 'nlu-unavailable', 1],
      ['html', 'nlu-unavailable', 1],
      ['garbage', 'nlu-unavailable', 1],
      ['wrong-schema', 'nlu-unavailable', 1],
      ['empty', 'nlu-unavailable', 1],
    ];
    for (const [behaviour, code, tries] of failures) {
      test(`a service that does this: ${behaviour}, is ${code} after ${tries === 1 ? 'one try' : 'two tries'}`, async () => {
        const before = server.requests.length;
        server.behave(behaviour);
        try {
          await assert.rejects(understander.understand('what else', options()), (error) =>
            hasCode(error, code),
          );
        } finally {
          server.behave('ok');
        }
        assert.equal(server.requests.length - before, tries);
      });
    }

    test('a service that fails once is asked again', async () => {
      for (const behaviour of ['reset', 'busy', '500'] as const) {
        server.behave(behaviour, { times: 1 });
        const { intent } = await understander.understand('a large one for peter', options());
        assert.equal(intent, 'Order', behaviour);
      }
    });

    test('a service that hangs is left at once when the caller is gone, and its connection is closed', async () => {
      server.behave('hang');
      try {
        const gone = new AbortController();
        const reason = new Error('the caller has hung up');
        const { length } = server.requests;
        const aborted = server.requests.filter((request) => request.aborted).length;
        const pending = understander.understand('what else', options({ signal: gone.signal }));
        await server.whenRequested(length + 1);
        gone.abort(reason);
        await assert.rejects(pending, (error) => error === reason);
        await server.whenAborted(aborted + 1);
      } finally {
        server.behave('ok');
      }
    });

    test('a wrong key is told as that', async () => {
      const wrong = structuredClone(services);
      wrong.luis.key = 'guessed';
      wrong.clu.key = 'guessed';
      const other = understanders[name]?.({ directory: {}, services: wrong });
      await assert.rejects(
        other?.understand('what else', options()) ?? Promise.resolve(),
        (error) => hasCode(error, 'nlu-key-refused') && error.remedy.includes('key'),
      );
      await other?.close();
    });
  });
}
