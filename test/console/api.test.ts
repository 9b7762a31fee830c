import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { z } from 'zod';
import { writeWav } from '../../app/audio/wav.ts';
import * as contract from '../../app/console/contract.ts';
import type { StoreRecord } from '../../app/store/spec.ts';
import { aTurn, startMs } from '../store/contract.ts';
import { type Answer, type Stage, startStage } from './stage.ts';

const { signal } = new AbortController();
const minuteMs = 60_000;

const bodyOf = <T extends z.ZodType>(schema: T, answer: Answer): z.output<T> => {
  assert.equal(answer.status, 200, answer.bytes.toString());
  return schema.parse(answer.json());
};
const errorOf = (answer: Answer): contract.ErrorBody['error'] =>
  contract.errorSchema.parse(answer.json()).error;

interface CallGiven {
  readonly caller?: { readonly number: string; readonly name: string };
  readonly turns?: number;
  readonly file?: string;
}

/** A call of a minute that is over. */
function aCall(id: string, startedAtMs: number, given: CallGiven = {}): StoreRecord[] {
  const { caller = { number: '+1 206 555 0123', name: 'Alice' }, turns = 2, file } = given;
  return [
    {
      kind: 'call-began',
      call: { id, startedAtMs, caller, dialled: '1000', language: 'en-US', resumed: false },
    },
    { kind: 'call-answered', id, answeredAtMs: startedAtMs + 20, lineKind: 'streamed' },
    ...Array.from({ length: turns }, (_, at): StoreRecord => ({ kind: 'turn', id, turn: aTurn(at + 1) })),
    {
      kind: 'event',
      id,
      seq: 1,
      event: { atMs: 100, kind: 'saying', details: { text: 'Hello.' } },
    },
    {
      kind: 'call-ended',
      id,
      endedAtMs: startedAtMs + minuteMs,
      endedBy: 'caller',
      recording:
        file === undefined ? null : { file, startsAtMs: -40, ms: 1_000, bytes: 0, sampleRateHz: 8_000 },
    },
  ];
}

/** A second of both voices: the caller in its first half, the bot, more quietly, in its second. */
async function record(stage: Stage, file: string): Promise<Buffer> {
  const voice = (from: number, to: number, loud: number) =>
    Int16Array.from({ length: 8_000 }, (_, at) =>
      at >= from && at < to ? (at % 2 === 0 ? loud : -loud) : 0,
    );
  const wav = writeWav({
    sampleRateHz: 8_000,
    channels: [voice(0, 4_000, 16_384), voice(4_000, 8_000, 8_192)],
  });
  const full = path.join(stage.recordings.dir, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, wav);
  return wav;
}

test('past calls come newest first, page by page, each once, however many come meanwhile', async (t) => {
  const stage = await startStage(t);
  const call = (at: number) => aCall(`call-${at}`, startMs + at * minuteMs);
  await stage.store.write(Array.from({ length: 7 }, (_, at) => call(at)).flat(), { signal });
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const page = bodyOf(contract.callPageSchema, await stage.ask(`/api/calls?limit=3${cursor}`));
    seen.push(...page.calls.map(({ id }) => id));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
    await stage.store.write(call(20 + seen.length), { signal });
  }
  assert.deepEqual(
    seen,
    [6, 5, 4, 3, 2, 1, 0].map((at) => `call-${at}`),
  );
});

test('past calls are found by time, caller, intent, end and words', async (t) => {
  const stage = await startStage(t);
  await stage.store.write(
    [
      ...aCall('old', startMs),
      ...aCall('new', startMs + 10 * minuteMs, { caller: { number: '6001', name: 'Bøb' }, turns: 0 }),
    ],
    { signal },
  );
  const found = async (query: string): Promise<string[]> =>
    bodyOf(contract.callPageSchema, await stage.ask(`/api/calls?${query}`)).calls.map(({ id }) => id);
  assert.deepEqual(await found(`fromMs=${startMs + 1}`), ['new']);
  assert.deepEqual(await found(`toMs=${startMs + 1}`), ['old']);
  assert.deepEqual(await found('caller=6001'), ['new']);
  assert.deepEqual(await found('intent=GetWeather&text=SEATTLE&endedBy=caller'), ['old']);
  assert.deepEqual(await found('text=%25'), []);
});

test('a call is read with its turns and events, and says nothing of where files lie', async (t) => {
  const stage = await startStage(t);
  await record(stage, '2026-11-22/one.wav');
  await stage.store.write(aCall('one', startMs, { file: '2026-11-22/one.wav' }), { signal });
  const answer = await stage.ask('/api/calls/one');
  const { call, turns, events } = bodyOf(contract.wholeCallSchema, answer);
  assert.deepEqual([call.id, call.turns, turns.length, events.length], ['one', 2, 2, 1]);
  assert.deepEqual(turns[0]?.rungs[0]?.outcome, 'accepted');
  assert.deepEqual(events[0], { atMs: 100, kind: 'saying', details: { text: 'Hello.' } });
  assert.ok(!answer.bytes.includes('.wav'));
});

test('a recording is sent whole or in the part that is asked for, as players do', async (t) => {
  const stage = await startStage(t);
  const wav = await record(stage, '2026-11-22/one.wav');
  await stage.store.write(aCall('one', startMs, { file: '2026-11-22/one.wav' }), { signal });
  const get = (headers: Record<string, string> = {}) => stage.ask('/api/calls/one/recording', { headers });
  const whole = await get();
  assert.deepEqual(
    [whole.status, whole.headers['content-type'], whole.headers['accept-ranges']],
    [200, 'audio/wav', 'bytes'],
  );
  assert.ok(whole.bytes.equals(wav));
  for (const [range, from, to] of [
    ['bytes=0-', 0, wav.length],
    ['bytes=100-199', 100, 200],
    ['bytes=-50', wav.length - 50, wav.length],
    ['bytes=31000-999999', 31_000, wav.length],
  ] as const) {
    const part = await get({ range });
    assert.equal(part.status, 206, range);
    assert.equal(part.headers['content-range'], `bytes ${from}-${to - 1}/${wav.length}`);
    assert.ok(part.bytes.equals(wav.subarray(from, to)), range);
  }
  const beyond = await get({ range: `bytes=${wav.length}-` });
  assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${wav.length}`]);
  for (const range of ['bytes=0-1,5-6', 'bytes=9-5', 'lines=1-2', 'bytes=-'])
    assert.equal((await get({ range })).status, 200, range);
  const etag = String(whole.headers.etag);
  assert.equal((await get({ 'if-none-match': etag })).status, 304);
  assert.equal((await get({ range: 'bytes=0-9', 'if-range': etag })).status, 206);
  assert.equal((await get({ range: 'bytes=0-9', 'if-range': '"another"' })).status, 200);
});

test('the waveform shows each voice where it speaks', async (t) => {
  const stage = await startStage(t);
  await record(stage, '2026-11-22/one.wav');
  await stage.store.write(aCall('one', startMs, { file: '2026-11-22/one.wav' }), { signal });
  const peaks = bodyOf(contract.peaksSchema, await stage.ask('/api/calls/one/peaks?count=4'));
  assert.deepEqual(peaks, { startsAtMs: -40, ms: 1_000, caller: [0.5, 0.5, 0, 0], bot: [0, 0, 0.25, 0.25] });
  const again = bodyOf(contract.peaksSchema, await stage.ask('/api/calls/one/peaks?count=4'));
  assert.deepEqual(again, peaks);
});

test('what is not there is a 404 that says so, in the same shape everywhere', async (t) => {
  const stage = await startStage(t);
  await stage.store.write(aCall('unrecorded', startMs), { signal });
  await stage.store.write(aCall('removed', startMs, { file: '2026-11-22/gone.wav' }), { signal });
  await stage.store.write(aCall('astray', startMs, { file: '../../etc/passwd' }), { signal });
  for (const where of [
    '/api/calls/nobody',
    '/api/calls/nobody/recording',
    '/api/calls/unrecorded/recording',
    '/api/calls/unrecorded/peaks',
    '/api/calls/removed/recording',
    '/api/calls/removed/peaks',
    '/api/calls/astray/recording',
    '/api/calls/%2e%2e%2fone',
    '/api/nothing',
    '/nothing',
    '/page/../server.ts',
    '/page/%2e%2e/server.ts',
    '/page/tsconfig.json',
    '/page/nothing.ts',
    '/vendor/fastify/fastify.js',
    '/vendor/preact/../fastify/fastify.js',
    '/vendor/preact/package.json',
    '/vendor/preact/%2e%2e/fastify/fastify.js',
  ]) {
    const answer = await stage.ask(where);
    assert.equal(answer.status, 404, where);
    assert.equal(errorOf(answer).code, 'console-not-found', where);
  }
  const { csrf } = (await stage.ask('/api/session')).json() as contract.Session;
  const headers = { 'x-csrf-token': csrf };
  const hangUp = await stage.ask('/api/calls/live/nobody/hang-up', { method: 'POST', headers });
  assert.equal(errorOf(hangUp).message, 'There is no such call.');
});

test('a request that is not valid is told which field and why', async (t) => {
  const stage = await startStage(t);
  for (const [where, field] of [
    ['/api/calls?limit=0', 'limit'],
    ['/api/calls?limit=many', 'limit'],
    ['/api/calls?fromMs=yesterday', 'fromMs'],
    ['/api/calls?endedBy=nobody', 'endedBy'],
    ['/api/calls?order=asc', 'order'],
    ['/api/figures?fromMs=0&toMs=1000', 'bucketMs'],
    ['/api/calls/x/peaks?count=1000000', 'count'],
  ] as const) {
    const answer = await stage.ask(where);
    assert.equal(answer.status, 400, where);
    const { code, fields, remedy } = errorOf(answer);
    assert.deepEqual([code, fields?.map(({ name }) => name)], ['console-request-invalid', [field]], where);
    assert.match(remedy, /openapi/);
  }
  const cursor = await stage.ask('/api/calls?cursor=bm9uc2Vuc2U');
  assert.deepEqual([cursor.status, errorOf(cursor).code], [400, 'store-query-invalid']);
  const many = await stage.ask('/api/figures?fromMs=0&toMs=999999999999&bucketMs=1000');
  assert.deepEqual([many.status, errorOf(many).code], [400, 'store-query-invalid']);
  const signIn = (body: unknown) => stage.ask('/api/session', { method: 'POST', body });
  assert.equal((await signIn({ word: 'x' })).status, 400);
  assert.equal((await signIn({ token: 'x'.repeat(100_000) })).status, 413);
  const text = await stage.ask('/api/session', { method: 'POST', headers: { 'content-type': 'text/html' } });
  assert.equal(errorOf(text).code, 'console-request-invalid');
});

test('a caller’s name that is markup, a quote or half a character comes back as the text that it is', async (t) => {
  const stage = await startStage(t);
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE calls; --",
    '\u202egnp.exe',
    'line\r\nevent: call-ended\r\ndata: {}\r\n\r\n',
  ];
  const follower = await stage.follow();
  await follower.nextOf('snapshot');
  for (const [at, name] of hostile.entries()) {
    const id = `call-${at}`;
    stage.calls.callBegan({
      callId: id,
      startedAt: new Date(startMs),
      caller: { number: name, name },
      dialled: name,
      language: 'en-US',
      resumed: false,
    });
    assert.equal((await follower.nextOf('call-began')).data.caller.name, name);
    stage.calls.happened(id, { kind: 'hearing', text: name }, 5);
    assert.equal((await follower.nextOf('call-event')).data.event.details['text'], name);
  }
  follower.close();
  const live = await stage.ask('/api/calls/live');
  assert.match(String(live.headers['content-type']), /^application\/json/);
  assert.deepEqual(
    (live.json() as contract.LiveCall[]).map(({ caller }) => caller.name),
    hostile,
  );
  await stage.keeper.flush(5_000);
  for (const [at, name] of hostile.entries()) {
    const { call } = bodyOf(contract.wholeCallSchema, await stage.ask(`/api/calls/call-${at}`));
    assert.equal(call.caller.name, name);
  }
});

test('figures come in stretches of time and in sum', async (t) => {
  const stage = await startStage(t);
  await stage.store.write([...aCall('one', startMs), ...aCall('two', startMs + 90_000)], { signal });
  const answer = await stage.ask(`/api/figures?fromMs=${startMs}&toMs=${startMs + 180_000}&bucketMs=60000`);
  const { buckets, total } = bodyOf(contract.figuresSchema, answer);
  assert.deepEqual(
    buckets.map(({ calls }) => calls),
    [1, 1, 0],
  );
  assert.deepEqual([total.calls, total.turns, total.answerMs?.p50], [2, 4, 300]);
});

test('Parley is ready only while it would answer a call: Asterisk there, engines well, a line free', async (t) => {
  const stage = await startStage(t);
  const ready = async (): Promise<[number, contract.Ready]> => {
    const answer = await stage.ask('/ready');
    return [answer.status, contract.readySchema.parse(answer.json())];
  };
  const all = { asterisk: true, engines: true, capacity: true };
  assert.deepEqual(await ready(), [200, { ready: true, checks: all }]);
  stage.checks = { ...all, asterisk: false };
  assert.deepEqual(await ready(), [503, { ready: false, checks: { ...all, asterisk: false } }]);
  assert.equal((await stage.ask('/live')).status, 200);
  stage.checks = { ...all, capacity: false };
  assert.equal((await ready())[0], 503);
  stage.checks = all;
  stage.metrics.providerUp('stt', 'azure', false);
  assert.equal((await ready())[0], 200);
  stage.metrics.providerUp('stt', 'local', false);
  assert.deepEqual(await ready(), [503, { ready: false, checks: { ...all, engines: false } }]);
});

test('an engine that fails is shown as failing, and as resting while it is left alone', async (t) => {
  const stage = await startStage(t);
  stage.metrics.providerFailed('stt', 'azure', 'stt-unavailable');
  stage.metrics.failover({ kind: 'stt', from: 'azure', to: 'local', reason: 'failed' });
  const azure = async () =>
    bodyOf(contract.statusSchema, await stage.ask('/api/status')).engines.find(
      ({ name }) => name === 'azure',
    );
  const failing = await azure();
  assert.deepEqual(
    [failing?.state, failing?.failures, failing?.failovers, failing?.lastFailure?.code],
    ['failing', 1, 1, 'stt-unavailable'],
  );
  stage.metrics.providerUp('stt', 'azure', false);
  assert.equal((await azure())?.state, 'resting');
  assert.match((await stage.ask('/metrics')).bytes.toString(), /parley_/);
});

test('the interface describes itself as OpenAPI, each route with its fields', async (t) => {
  const stage = await startStage(t);
  const { openapi, paths } = (await stage.ask('/api/openapi.json')).json() as {
    openapi: string;
    paths: Record<string, Record<string, { parameters: { name: string }[]; responses: object }>>;
  };
  assert.equal(openapi, '3.1.0');
  for (const where of [
    '/ready',
    '/metrics',
    '/api/session',
    '/api/status',
    '/api/calls/{id}/recording',
    '/api/events',
  ])
    assert.ok(paths[where], where);
  const query = paths['/api/calls']?.['get']?.parameters.map(({ name }) => name);
  assert.deepEqual(query, Object.keys(contract.callQuerySchema.shape));
  assert.ok(paths['/api/calls/live/{id}/hang-up']?.['post']);
});

test('the page’s modules come as JavaScript, without types, and are not sent twice', async (t) => {
  const stage = await startStage(t);
  const first = await stage.ask('/page/main.ts');
  assert.match(String(first.headers['content-type']), /^text\/javascript/);
  assert.doesNotMatch(first.bytes.toString(), /import type/);
  const again = await stage.ask('/page/main.ts', {
    headers: { 'if-none-match': String(first.headers.etag) },
  });
  assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  const html = (await stage.ask('/')).bytes.toString();
  const linked = [...html.matchAll(/(?:href|src|": )="?"?(\/(?:page|vendor)\/[^"]+)"/g)].map(
    ([, one]) => one ?? '',
  );
  const mapped = [...html.matchAll(/"(\/vendor\/[^"]+)"/g)].map(([, one]) => one ?? '');
  assert.ok(mapped.length >= 3);
  // The telephone, where there is one, serves its own.
  for (const where of new Set([...linked, ...mapped].filter((one) => !one.includes('jssip'))))
    assert.equal((await stage.ask(where)).status, 200, where);
});

test('with 10,000 calls kept, the first page of history is one short query', async (t) => {
  const stage = await startStage(t);
  const calls = 10_000;
  for (let from = 0; from < calls; from += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, at) =>
      aCall(`call-${String(from + at).padStart(5, '0')}`, startMs + (from + at) * 30_000, { turns: 3 }),
    );
    await stage.store.write(some.flat(), { signal });
  }
  const tookMs = async (where: string): Promise<number> => {
    const began = performance.now();
    const { calls: page } = bodyOf(contract.callPageSchema, await stage.ask(where));
    assert.equal(page.length, 50);
    return performance.now() - began;
  };
  for (const where of ['/api/calls', '/api/calls?caller=alice', '/api/calls?text=seattle']) {
    const times: number[] = [];
    for (let round = 0; round < 21; round++) times.push(await tookMs(where));
    times.sort((a, b) => a - b);
    t.diagnostic(
      `${where} of ${calls} calls: median ${times[10]?.toFixed(1)} ms, worst of 21 ${times[20]?.toFixed(1)} ms`,
    );
  }
});
