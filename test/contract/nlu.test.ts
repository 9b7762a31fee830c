/** What every understander must do. They are found by walking the registry: a new one cannot escape. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { understanders } from '../../app/nlu/registry.ts';
import type { UnderstanderParts } from '../../app/nlu/registry.ts';
import type { UnderstandOptions } from '../../app/nlu/spec.ts';
import { configSchema } from '../../app/config/schema.ts';
import { startChatModel } from '../fakes/chat-model.ts';
import { fakeAppId, fakeKey, startClu, startLuis, type FakePrediction } from '../fakes/understanding.ts';

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
model.always({ call: 'GetWeather', with: { city: 'Seattle', day: 'tomorrow' } });
const { nlu: services } = configSchema.parse({
  nlu: {
    luis: { endpoint: luis.url, appId: fakeAppId, key: fakeKey },
    clu: { endpoint: clu.url, project: 'clinic', key: fakeKey },
    model: { baseUrl: model.url, model: 'small' },
  },
});
after(() => Promise.all([luis.close(), clu.close(), model.close()]));
const parts: UnderstanderParts = { directory: { Alice: '6002' }, timeZone: 'UTC', services };

for (const [name, create] of Object.entries(understanders)) {
  describe(name, () => {
    const understander = create(parts);
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
      const reason = new Error('the caller has hung up');
      await assert.rejects(
        understander.understand('what time is it', optionsWith({ signal: AbortSignal.abort(reason) })),
        (error) => error === reason,
      );
    });

    test('a call that is aborted on its way settles within 50 ms', async () => {
      const stopped = new AbortController();
      const pending = understander.understand('what time is it', optionsWith({ signal: stopped.signal }));
      stopped.abort(new Error('the caller has hung up'));
      const settled = await Promise.race([
        pending.then(
          () => true,
          () => true,
        ),
        new Promise<boolean>((resolve) => setTimeout(resolve, 50, false).unref()),
      ]);
      assert.ok(settled);
    });

    test('many at once understand what they understand one by one', async () => {
      const many = Array.from({ length: 40 }, (_, index) => texts[index % texts.length] ?? '');
      const together = await Promise.all(many.map((text) => understander.understand(text, optionsWith())));
      for (const [index, text] of many.entries()) {
        assert.deepEqual(together[index], await understander.understand(text, optionsWith()));
      }
    });

    test('it can be closed twice', async () => {
      const other = create({ ...parts, directory: {} });
      await other.close();
      await other.close();
    });
  });
}
