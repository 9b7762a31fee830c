/** What holds of the store of calls on every database. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { createCallStore } from '../../app/store/call-store.ts';
import { loadMigrations, type Migration } from '../../app/store/migrate.ts';
import type { CallStore, StoredTurn, StoreRecord } from '../../app/store/spec.ts';
import { type Sql, sql } from '../../app/store/sql.ts';

export interface Databases {
  readonly name: string;
  /** Another empty place for a database; opened as often as one likes. */
  place(t: TestContext): Promise<(migrations?: readonly Migration[]) => Promise<Sql>>;
}

export const startMs = Date.UTC(2026, 10, 22, 9, 0, 0);
const minuteMs = 60_000;
const { signal } = new AbortController();
export const options = { signal };

export function aTurn(number: number, more: Partial<StoredTurn> = {}): StoredTurn {
  return {
    number,
    heard: 'what is the weather in Seattle',
    intent: 'GetWeather',
    confidence: 0.93,
    slots: { count: 2 },
    rungs: [{ name: 'local', ms: 3, outcome: 'accepted', intent: 'GetWeather', confidence: 0.93 }],
    decision: 'run',
    outcome: 'ok',
    keyed: false,
    said: ['Sunny.', 'Twelve degrees.'],
    times: { speechStarted: 900, speechEnded: 2_000, turnOver: 2_240, started: 2_300 },
    engines: { heardBy: 'local', spokenBy: 'local' },
    ...more,
  };
}

/** A whole call, of which only what matters to a test is given. */
export function aCall(
  id: string,
  startedAtMs: number,
  more: {
    readonly number?: string;
    readonly name?: string;
    readonly turns?: readonly StoredTurn[];
    readonly events?: readonly string[];
    readonly recording?: string;
    readonly endedBy?: 'caller' | 'bot' | 'failure' | 'turned-away';
  } = {},
): StoreRecord[] {
  const { number = '6001', name = '', turns = [aTurn(1)], events = [], recording, endedBy = 'caller' } = more;
  return [
    {
      kind: 'call-began',
      call: {
        id,
        startedAtMs,
        caller: { number, name },
        dialled: '1000',
        language: 'en-US',
        resumed: false,
      },
    },
    { kind: 'call-answered', id, answeredAtMs: startedAtMs + 40, lineKind: 'streamed' },
    ...turns.map((turn): StoreRecord => ({ kind: 'turn', id, turn })),
    ...events.map((kind, at): StoreRecord => ({
      kind: 'event',
      id,
      seq: at + 1,
      event: { atMs: at * 10, kind, details: { at } },
    })),
    {
      kind: 'call-ended',
      id,
      endedAtMs: startedAtMs + minuteMs,
      endedBy,
      recording:
        recording === undefined
          ? null
          : { file: recording, startsAtMs: -12, ms: 60_000, bytes: 3_840_044, sampleRateHz: 16_000 },
    },
  ];
}

async function open(t: TestContext, databases: Databases): Promise<CallStore> {
  const store = createCallStore(await (await databases.place(t))());
  t.after(() => store.close());
  return store;
}

const ids = (page: { readonly calls: readonly { readonly id: string }[] }): string[] =>
  page.calls.map(({ id }) => id);

export function storeContract(databases: Databases): void {
  const on = databases.name;

  test(`${on}: a call is found again as it was, with its turns, events and recording`, async (t) => {
    const store = await open(t, databases);
    const turns = [
      aTurn(1),
      aTurn(2, { heard: '4711', keyed: true, intent: 'Call', times: { speechEnded: 5_000, started: 6_000 } }),
      aTurn(3, { times: {} }),
    ];
    const name = 'Zo\u00eb <b>\0\ud800</b>';
    await store.write(
      aCall('c1', startMs, { name, turns, events: ['saying', 'barge-in'], recording: '2026-11-22/c1.wav' }),
      options,
    );
    const call = await store.call('c1', options);
    assert.deepEqual(call, {
      id: 'c1',
      startedAtMs: startMs,
      answeredAtMs: startMs + 40,
      endedAtMs: startMs + minuteMs,
      durationMs: minuteMs,
      caller: { number: '6001', name: 'Zo\u00eb <b>\ufffd</b>' },
      dialled: '1000',
      language: 'en-US',
      lineKind: 'streamed',
      resumed: false,
      endedBy: 'caller',
      turns: 3,
      intents: ['GetWeather', 'Call'],
      answerP50Ms: 300,
      answerWorstMs: 1_000,
      recording: {
        file: '2026-11-22/c1.wav',
        startsAtMs: -12,
        ms: 60_000,
        bytes: 3_840_044,
        sampleRateHz: 16_000,
      },
    });
    assert.deepEqual(await store.turnsOf('c1', options), turns);
    assert.deepEqual(await store.eventsOf('c1', options), [
      { atMs: 0, kind: 'saying', details: { at: 0 } },
      { atMs: 10, kind: 'barge-in', details: { at: 1 } },
    ]);
    assert.equal(await store.call('another', options), undefined);
  });

  test(`${on}: what is written twice stands there once, a turn as it was last told`, async (t) => {
    const store = await open(t, databases);
    await store.write(aCall('c1', startMs, { events: ['saying'] }), options);
    await store.write(
      aCall('c1', startMs, { events: ['saying'], turns: [aTurn(1, { said: ['Rain.'] })] }),
      options,
    );
    await store.write([{ kind: 'turn', id: 'c1', turn: aTurn(2) }], options);
    await store.write([{ kind: 'turn-taken-back', id: 'c1', number: 2 }], options);
    const [turn, ...others] = await store.turnsOf('c1', options);
    assert.deepEqual([turn?.said, others.length], [['Rain.'], 0]);
    assert.equal((await store.eventsOf('c1', options)).length, 1);
  });

  test(`${on}: pages stay whole while calls come in and go`, async (t) => {
    const store = await open(t, databases);
    // Three at a time begin in the same millisecond.
    const all = Array.from({ length: 25 }, (_, at) => ({
      id: `c${String(at).padStart(2, '0')}`,
      startedAtMs: startMs + Math.floor(at / 3),
    }));
    await store.write(
      all.flatMap(({ id, startedAtMs }) => aCall(id, startedAtMs)),
      options,
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; ; page++) {
      const found = await store.calls({ limit: 7, cursor }, options);
      seen.push(...ids(found));
      if (found.next === null) break;
      cursor = found.next;
      await store.write(aCall(`new${page}`, startMs + 1_000 + page), options);
    }
    assert.deepEqual(seen, all.map(({ id }) => id).reverse());
    await assert.rejects(store.calls({ limit: 7, cursor: 'bm9uZQ' }, options), (error) =>
      hasCode(error, 'store-query-invalid'),
    );
  });

  test(`${on}: calls are found by time, caller, intent, words and end`, async (t) => {
    const store = await open(t, databases);
    await store.write(
      [
        ...aCall('a', startMs, { number: '+44 20 7946 0001', name: 'José 100%' }),
        ...aCall('b', startMs + 1, {
          turns: [aTurn(1, { intent: 'GetNews', heard: 'NEWS_', said: ['¿Qué?'] })],
        }),
        ...aCall('c', startMs + 2, { endedBy: 'bot', turns: [] }),
      ],
      options,
    );
    const find = async (query: object) => ids(await store.calls({ limit: 10, ...query }, options));
    assert.deepEqual(await find({}), ['c', 'b', 'a']);
    assert.deepEqual(await find({ fromMs: startMs + 1, toMs: startMs + 2 }), ['b']);
    assert.deepEqual(await find({ caller: '7946' }), ['a']);
    assert.deepEqual(await find({ caller: 'jose 100%' }), ['a']);
    assert.deepEqual(await find({ caller: '%' }), ['a']);
    assert.deepEqual(await find({ intent: 'GetNews' }), ['b']);
    assert.deepEqual(await find({ text: 'seattle' }), ['a']);
    assert.deepEqual(await find({ text: 'que?' }), ['b']);
    assert.deepEqual(await find({ text: 's_' }), ['b']);
    assert.deepEqual(await find({ endedBy: 'bot' }), ['c']);
    assert.deepEqual(await find({ endedBy: 'bot', intent: 'GetNews' }), []);
    assert.deepEqual(await find({ caller: "'; DROP TABLE calls; --" }), []);
  });

  test(`${on}: figures count calls, waits, interruptions and failures in their stretch of time`, async (t) => {
    const store = await open(t, databases);
    const answered = (ms: number) => aTurn(ms, { times: { speechEnded: 0, started: ms } });
    const hundred = Array.from({ length: 100 }, (_, at) => answered(at + 1));
    await store.write(
      [
        ...aCall('a', startMs, {
          turns: hundred,
          events: ['barge-in', 'barge-in', 'false-interruption', 'saying'],
        }),
        ...aCall('b', startMs + 1, { turns: [aTurn(1, { decision: 'not-understood', times: {} })] }),
        ...aCall('c', startMs + 2 * minuteMs, {
          turns: [answered(900)],
          endedBy: 'failure',
          events: ['taken-back'],
        }),
        ...aCall('late', startMs + 3 * minuteMs),
        {
          kind: 'incident',
          incident: {
            atMs: startMs + 5,
            what: 'failed',
            kind: 'stt',
            provider: 'azure',
            detail: 'stt-unavailable',
          },
        },
        {
          kind: 'incident',
          incident: { atMs: startMs + 5, what: 'failover', kind: 'stt', provider: 'azure', detail: 'local' },
        },
      ],
      options,
    );
    const query = { fromMs: startMs, toMs: startMs + 3 * minuteMs, bucketMs: minuteMs };
    const { buckets, total } = await store.figures(query, options);
    assert.deepEqual(buckets[0], {
      atMs: startMs,
      calls: 2,
      endedBy: { caller: 2 },
      turns: 101,
      notUnderstood: 1,
      answerMs: { p50: 50, p95: 95, p99: 99 },
      bargeIns: 2,
      falseInterruptions: 1,
      takenBack: 0,
      failures: { azure: 1 },
      failovers: 1,
    });
    assert.deepEqual([buckets.length, buckets[1]?.calls, buckets[1]?.answerMs], [3, 0, null]);
    assert.deepEqual(buckets[2]?.answerMs, { p50: 900, p95: 900, p99: 900 });
    assert.deepEqual([total.calls, total.turns, total.takenBack], [3, 102, 1]);
    assert.deepEqual([total.endedBy, total.answerMs?.p99], [{ caller: 2, failure: 1 }, 100]);
    await assert.rejects(store.figures({ ...query, bucketMs: 1 }, options), (error) =>
      hasCode(error, 'store-query-invalid'),
    );
  });

  test(`${on}: erasing a caller removes all of that caller's calls and nobody else's`, async (t) => {
    const store = await open(t, databases);
    await store.write(
      [
        ...aCall('a', startMs, { number: '+44 (20) 7946-0001', recording: 'd/a.wav', events: ['digit'] }),
        ...aCall('b', startMs + 1, { number: '442079460001' }),
        ...aCall('c', startMs + 2, { number: '4420794600012', recording: 'd/c.wav' }),
        ...aCall('d', startMs + 3, { number: 'alice' }),
      ],
      options,
    );
    assert.deepEqual(await store.erase({ caller: '+44 20 7946 0001' }, options), {
      calls: 2,
      turns: 2,
      events: 1,
      recordings: ['d/a.wav'],
    });
    assert.equal((await store.erase({ caller: 'alice' }, options)).calls, 1);
    // A call of that caller that still ran: nothing of it comes back.
    await store.write(
      [
        { kind: 'turn', id: 'a', turn: aTurn(9) },
        { kind: 'event', id: 'a', seq: 9, event: { atMs: 0, kind: 'digit', details: {} } },
        { kind: 'call-ended', id: 'a', endedAtMs: startMs, endedBy: 'caller', recording: null },
      ],
      options,
    );
    assert.deepEqual(ids(await store.calls({ limit: 10 }, options)), ['c']);
    assert.deepEqual(await store.turnsOf('a', options), []);
  });

  test(`${on}: what is too old is removed, and the oldest where there is too much`, async (t) => {
    const store = await open(t, databases);
    const many = Array.from({ length: 700 }, (_, at) =>
      aCall(`c${at}`, startMs + at, { recording: `d/${at}.wav` }),
    );
    await store.write(many.flat(), options);
    const before = await store.sizeBytes(options);
    assert.ok(before.database > 100_000, JSON.stringify(before));
    assert.equal(before.recordings, 700 * 3_840_044);
    const old = await store.removeOlderThan(startMs + 600, options);
    assert.deepEqual([old.calls, old.turns, old.recordings.length], [600, 600, 600]);
    const oldest = await store.removeOldest(10, options);
    assert.deepEqual([oldest.calls, oldest.recordings[0]], [10, 'd/600.wav']);
    const after = await store.sizeBytes(options);
    assert.ok(after.database < before.database / 2, JSON.stringify({ before, after }));
    assert.equal((await store.calls({ limit: 500 }, options)).calls.length, 90);
  });

  test(`${on}: calls whose process died are closed as lost`, async (t) => {
    const store = await open(t, databases);
    const [began = null, answered = null, turn = null] = aCall('a', startMs);
    assert.ok(began && answered && turn);
    const saying: StoreRecord = {
      kind: 'event',
      id: 'a',
      seq: 1,
      event: { atMs: 5_000, kind: 'saying', details: {} },
    };
    await store.write([began, answered, turn, saying, ...aCall('b', startMs + 1)], options);
    assert.equal((await store.call('a', options))?.endedBy, null);
    await store.write([{ kind: 'lost-calls', startedBeforeMs: startMs + 10 }], options);
    const lost = await store.call('a', options);
    assert.deepEqual([lost?.endedBy, lost?.durationMs, lost?.turns], ['lost', 5_040, 1]);
    assert.equal((await store.call('b', options))?.endedBy, 'caller');
  });

  test(`${on}: a store of version 1 is brought up to date with all that is in it`, async (t) => {
    const openAt = await databases.place(t);
    const migrations = await loadMigrations();
    const first = await openAt(migrations.slice(0, 1));
    await createCallStore(first).write(aCall('a', startMs), options);
    await first.close();
    // Several processes may find it at once.
    const both = await Promise.all([openAt(), openAt()]);
    for (const database of both) {
      const store = createCallStore(database);
      assert.equal((await store.call('a', options))?.turns, 1);
      assert.equal(
        (await store.figures({ fromMs: startMs, toMs: startMs + 1, bucketMs: 1 }, options)).total.calls,
        1,
      );
    }
    const versions = await both[0].all(sql('SELECT COUNT(*) AS n FROM schema_version'), options);
    assert.equal(versions[0]?.['n'], migrations.length);
    await Promise.all(both.map((database) => database.close()));
    await assert.rejects(openAt(migrations.slice(0, 1)), (error) => hasCode(error, 'store-too-new'));
  });

  test(`${on}: records it cannot keep are refused, and nothing of their batch stays`, async (t) => {
    const store = await open(t, databases);
    const [began] = aCall('a', startMs);
    assert.ok(began);
    const broken: StoreRecord = {
      kind: 'call-ended',
      id: 'a',
      endedAtMs: null as unknown as number,
      endedBy: 'caller',
      recording: null,
    };
    const bad: StoreRecord = {
      ...(began as Extract<StoreRecord, { kind: 'call-began' }>),
      call: {
        ...(began as Extract<StoreRecord, { kind: 'call-began' }>).call,
        id: 'b',
        dialled: '',
        language: null as unknown as string,
      },
    };
    await store.write([began, broken], options);
    await assert.rejects(store.write([...aCall('c', startMs), bad], options), (error) =>
      hasCode(error, 'store-refused'),
    );
    assert.deepEqual(ids(await store.calls({ limit: 10 }, options)), ['a']);
    const gone = new AbortController();
    gone.abort(new Error('the caller of this has gone'));
    await assert.rejects(store.calls({ limit: 1 }, { signal: gone.signal }), /has gone/);
  });

  test(`${on}: 10,000 calls, and the first page is there at once`, async (t) => {
    const database = await (await databases.place(t))();
    const store = createCallStore(database);
    t.after(() => store.close());
    const turns = [1, 2, 3].map((number) => aTurn(number));
    await store.write(aCall('call', startMs, { turns, events: ['barge-in'] }), options);
    const numbers = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)';
    await database.transaction(
      [
        sql(`INSERT INTO calls ${numbers} SELECT id || i, started_at_ms + i * 1000, answered_at_ms + i * 1000,
          ended_at_ms + i * 1000, ended_by, '600' || (i % 10), caller_name, '600' || (i % 10), '600' || (i % 10),
          dialled, language, line_kind, resumed, NULL, NULL, NULL, NULL, NULL FROM calls, n`),
        sql(`INSERT INTO turns ${numbers} SELECT call_id || i, number, heard, intent, confidence, decision, outcome,
          keyed, answer_ms + i % 700, search, slots, rungs, said, times, engines FROM turns, n`),
        sql(`INSERT INTO events ${numbers} SELECT call_id || i, seq, at_ms, kind, details FROM events, n`),
      ],
      options,
    );
    const took = async (work: () => Promise<unknown>): Promise<number> => {
      const tries: number[] = [];
      for (let times = 0; times < 5; times++) {
        const began = performance.now();
        await work();
        tries.push(performance.now() - began);
      }
      return Math.round(tries.sort((a, b) => a - b)[2] ?? 0);
    };
    const all = { fromMs: startMs, toMs: startMs + 10_000_000, bucketMs: 100_000 };
    const figures = {
      'first page': await took(() => store.calls({ limit: 50 }, options)),
      'one caller': await took(() => store.calls({ limit: 50, caller: '6003' }, options)),
      'words that nobody said': await took(() => store.calls({ limit: 50, text: 'xylophone' }, options)),
      'figures of all': await took(() => store.figures(all, options)),
    };
    t.diagnostic(`${on}, 10,000 calls, ms: ${JSON.stringify(figures)}`);
    assert.ok(figures['first page'] < 2_000);
  });
}
