/** Clients of LUIS ask Parley. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LUISRuntimeClient } from '@azure/cognitiveservices-luis-runtime';
import { configSchema } from '../../../app/config/schema.ts';
import { createCityList } from '../../../app/nlu/cities.ts';
import { builtInContent } from '../../../app/nlu/content.ts';
import { botOf } from '../../../app/nlu/import/bot.ts';
import { readExport } from '../../../app/nlu/import/read.ts';
import { LuisEndpoint } from '../../../app/nlu/luis-endpoint/server.ts';
import { overlay } from '../../../app/nlu/own/overlay.ts';
import { createUnderstander, type UnderstanderParts } from '../../../app/nlu/registry.ts';
import type { Understander, Understanding } from '../../../app/nlu/spec.ts';
import { manualClock } from '../../fakes/clock.ts';
import { recordingLog } from '../../fakes/log.ts';

const { signal } = new AbortController();
const appId = '0f2ad7f4-1b7c-4a1d-8d0b-5f3f2c1f9a01';
const key = 'a-key-for-clients';
const now = new Date('2026-03-11T10:00:00Z');
const deadlineMs = 2_000;

const imported = await readExport(
  new URL('../../fixtures/luis/clinic.json', import.meta.url).pathname,
  signal,
);
const own = { ...botOf(imported), without: ['GetNews'] };
const parts: UnderstanderParts = { directory: { Alice: '6002' }, timeZone: 'UTC', own };
let local: Understander;
let endpoint: LuisEndpoint;
let address: string;

before(async () => {
  local = createUnderstander('local', parts);
  const content = overlay(builtInContent(), own);
  endpoint = await LuisEndpoint.start({
    bind: '127.0.0.1',
    port: 0,
    appId,
    key,
    understander: local,
    terms: {
      was: content.own?.was ?? {},
      entities: own.entities,
      cities: createCityList(content.places),
      timeZone: 'UTC',
    },
    language: 'en-US',
    deadlineMs,
    clock: manualClock(now),
    log: recordingLog(),
  });
  address = `http://127.0.0.1:${endpoint.port}`;
});
after(async () => {
  await endpoint.close();
  await endpoint.close();
  await local.close();
});

const texts = [
  "I'd like to make an appointment with Doctor Keller tomorrow morning",
  'move my appointment from Monday to Thursday',
  'results for patient number KB20417',
  'renew my prescription for metformin',
  'do you take Blue Harbor',
  "what's the weather in Portland, Maine this weekend",
  'what time is it in Tokyo',
  'call Alice',
  'call Peter Quorvath',
  'dial 6002',
  'will it rain in Seattle on Friday evening',
  'and in Paris?',
  'I like trains',
];

test('the runtime client of LUIS gets the answers that a conversation gets', async () => {
  const client = new LUISRuntimeClient(
    {
      signRequest: (request) => {
        request.headers.set('Ocp-Apim-Subscription-Key', key);
        return Promise.resolve(request);
      },
    },
    address,
  );
  for (const query of texts) {
    const heard = await local.understand(query, { language: 'en-US', signal, now });
    const { prediction } = await client.prediction.getSlotPrediction(
      appId,
      'production',
      { query },
      { verbose: true, showAllIntents: true, log: false },
    );
    assert.equal(prediction.topIntent, heard.intent, query);
    assert.equal(prediction.intents[heard.intent]?.score, scoreOf(heard), query);
    assert.equal(Object.keys(prediction.intents).length, heard.ranking.length);
    const entities = prediction.entities as Record<string, unknown[]>;
    for (const [name, values] of Object.entries(heard.entities ?? {})) {
      const plain = (entities[name] ?? []).map((value) =>
        Array.isArray(value) ? (value[0] as unknown) : ((value as { value?: unknown }).value ?? value),
      );
      assert.deepEqual(
        plain,
        values.map(({ value }) => value),
        `${query}: ${name}`,
      );
    }
    if (heard.slots.extension !== undefined)
      assert.deepEqual(entities['phonenumber'], [heard.slots.extension]);
    if (heard.slots.name !== undefined) assert.deepEqual(entities['personName'], [heard.slots.name]);
  }
});

function scoreOf({ intent, confidence, ranking }: Understanding): number {
  return ranking.find((each) => each.intent === intent)?.confidence ?? confidence;
}

test('a Parley that understands by LUIS understands what one does that understands by itself', async () => {
  const { nlu: services } = configSchema.parse({ nlu: { luis: { endpoint: address, appId, key } } });
  const remote = createUnderstander('luis', { ...parts, services });
  try {
    for (const text of [...texts, 'yes please', 'no']) {
      const options = { language: 'en-US', signal, now };
      const [one, other] = [await local.understand(text, options), await remote.understand(text, options)];
      const kept = ({ intent, slots, entities = {}, fragment, affirmation }: Understanding) => ({
        intent,
        slots,
        entities,
        fragment,
        affirmation,
      });
      assert.deepEqual(kept(other), kept(one), text);
    }
  } finally {
    await remote.close();
  }
});

/** What comes back, as far as it is looked at. */
interface Answer {
  readonly query: string;
  readonly prediction: {
    readonly intents: Record<string, unknown>;
    readonly entities: Record<string, unknown> & { readonly $instance?: Record<string, unknown> };
  };
  readonly topScoringIntent: { readonly score: number };
  readonly error: { readonly code: string };
}

const answerOf = async (response: Response) => (await response.json()) as Answer;

const path = () => `/luis/prediction/v3.0/apps/${appId}/slots/production/predict`;
const get = (more: string, headers: Record<string, string> = { 'Ocp-Apim-Subscription-Key': key }) =>
  fetch(`${address}${path()}?${more}`, { headers });

test('GET gives the top intent and bare values, unless more is asked for', async () => {
  const plain = await answerOf(await get('query=book+a+visit+in+cardiology'));
  assert.deepEqual(Object.keys(plain.prediction.intents), ['BookAppointment']);
  assert.deepEqual(plain.prediction.entities, { Department: [['cardiology']] });
  const more = await answerOf(
    await get('query=book+a+visit+in+cardiology&verbose=true&show-all-intents=true'),
  );
  assert.ok(Object.keys(more.prediction.intents).length > 10);
  assert.deepEqual(more.prediction.entities.$instance?.['Department'], [
    {
      type: 'Department',
      text: 'cardiology',
      startIndex: 16,
      length: 10,
      modelTypeId: 5,
      modelType: 'List Entity Extractor',
      recognitionSources: ['model'],
    },
  ]);
});

test('days are told as LUIS tells them', async () => {
  const answer = await answerOf(await get('query=weather+in+Seattle+on+Friday+evening'));
  assert.deepEqual(answer.prediction.entities['datetimeV2'], [
    {
      type: 'datetimerange',
      values: [{ timex: 'XXXX-WXX-5TEV', resolution: [{ start: '2026-03-13', end: '2026-03-14' }] }],
    },
  ]);
  assert.deepEqual(answer.prediction.entities['geographyV2'], [{ value: 'Seattle', type: 'city' }]);
});

test('the key may stand in the address, and a wrong one is refused as LUIS refuses it', async () => {
  assert.equal((await get(`query=hello&subscription-key=${key}`, {})).status, 200);
  for (const headers of [{}, { 'Ocp-Apim-Subscription-Key': 'guessed' }]) {
    const refused = await get('query=hello', headers);
    assert.equal(refused.status, 401);
    assert.equal((await answerOf(refused)).error.code, '401');
  }
});

test('what is asked wrongly is told as LUIS tells it', async () => {
  const headers = { 'Ocp-Apim-Subscription-Key': key, 'content-type': 'application/json' };
  const post = (body: string, where = path()) =>
    fetch(`${address}${where}`, { method: 'POST', headers, body });
  const cases: [Promise<Response>, number, string][] = [
    [get('query='), 400, 'BadArgument'],
    [get(`query=${'a'.repeat(501)}`), 400, 'BadArgument'],
    [post('{"query":'), 400, 'BadArgument'],
    [post('{"text":"x"}'), 400, 'BadArgument'],
    [post(`{"query":"${'a'.repeat(70_000)}"}`), 413, 'RequestEntityTooLarge'],
    [post('{"query":"x"}', path().replace(appId, appId.replace('0f', '1f'))), 404, 'NotFound'],
    [post('{"query":"x"}', path().replace('production', 'elsewhere')), 404, 'NotFound'],
    [fetch(`${address}${path()}`, { method: 'DELETE', headers }), 405, 'MethodNotAllowed'],
    [fetch(`${address}/`, { headers }), 404, 'NotFound'],
  ];
  for (const [asked, status, code] of cases) {
    const response = await asked;
    assert.deepEqual([response.status, (await answerOf(response)).error.code], [status, code]);
  }
});

test('clients of version 2 are answered in its way', async () => {
  const response = await fetch(
    `${address}/luis/v2.0/apps/${appId}?q=visit+Doctor+Keller&subscription-key=${key}`,
  );
  const answer = await answerOf(response);
  assert.equal(answer.query, 'visit Doctor Keller');
  assert.equal(typeof answer.topScoringIntent.score, 'number');
});
