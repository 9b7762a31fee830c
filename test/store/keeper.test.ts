import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CallEvent } from '../../app/conversation/observer.ts';
import type { TurnRecord } from '../../app/conversation/turn-record.ts';
import { ParleyError } from '../../app/errors.ts';
import { CallKeeper } from '../../app/store/keeper.ts';
import { maskDigits } from '../../app/store/masking.ts';
import type { StoreRecord } from '../../app/store/spec.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';

const startedAt = new Date('2026-11-22T09:00:00Z');
const unavailable = new ParleyError('store-unavailable', { store: 'test', reason: 'the disk is full' });

/** A keeper and a database that takes what it is given, or fails as the test wants. */
function keeping(t: TestContext, more: { readonly limit?: number; readonly maskDigits?: number } = {}) {
  const clock = manualClock(startedAt);
  const log = recordingLog();
  const kept: StoreRecord[] = [];
  const dropped: Record<string, number> = {};
  const depths: number[] = [];
  let fails: ((records: readonly StoreRecord[]) => Error | undefined) | undefined;
  let writes = 0;
  const keeper = new CallKeeper({
    store: {
      write(records) {
        writes += 1;
        const error = fails?.(records);
        if (error !== undefined) return Promise.reject(error);
        kept.push(...records);
        return Promise.resolve();
      },
    },
    clock,
    log,
    metrics: {
      storeDropped: (why, count) => (dropped[why] = (dropped[why] ?? 0) + count),
      storeQueue: (depth) => depths.push(depth),
    },
    limit: more.limit ?? 1_000,
    maskDigits: more.maskDigits ?? 0,
  });
  t.after(() => keeper.close(0));
  return {
    keeper,
    clock,
    log,
    kept,
    dropped,
    depths,
    get writes() {
      return writes;
    },
    fail(with_: typeof fails) {
      fails = with_;
    },
  };
}

function begin(keeper: CallKeeper, callId = 'c1'): void {
  keeper.callBegan({
    callId,
    startedAt,
    caller: { number: '6001', name: 'Ann' },
    dialled: '1000',
    language: 'en-US',
    resumed: false,
  });
  keeper.happened(callId, { kind: 'answered', lineKind: 'streamed' }, 0);
}

const turn = (number: number, more: Partial<TurnRecord> = {}): TurnRecord => ({
  turn: number,
  heard: 'hello',
  intent: 'Help',
  confidence: 1,
  slots: {},
  decision: 'run',
  outcome: 'ok',
  keyed: false,
  rungs: [],
  said: ['Hi.'],
  times: {},
  engines: {},
  ...more,
});

const kinds = (records: readonly StoreRecord[]): string[] =>
  records.map((record) => (record.kind === 'event' ? record.event.kind : record.kind));

test('a call is kept in the order in which it happened, in one go', async (t) => {
  const stage = keeping(t);
  const { keeper, clock, kept } = stage;
  begin(keeper);
  const said = ['One.'];
  keeper.turn('c1', turn(1, { said }));
  said.push('Two.');
  keeper.turn('c1', turn(1, { said }));
  keeper.happened('c1', { kind: 'hearing', text: 'he' }, 5);
  keeper.happened('c1', { kind: 'barge-in' }, 7);
  keeper.callEnded('c1', { endedAt: startedAt, endedBy: 'caller' });
  await clock.advance(50);
  assert.deepEqual(kinds(kept), ['call-began', 'call-answered', 'turn', 'barge-in', 'call-ended']);
  assert.deepEqual(
    kept.flatMap((record) => (record.kind === 'turn' ? record.turn.said : [])),
    ['One.', 'Two.'],
  );
  assert.deepEqual([stage.writes, keeper.waiting], [1, 0]);
});

test('a turn that is taken back is not kept, the one in its place is', async (t) => {
  const { keeper, clock, kept } = keeping(t);
  begin(keeper);
  keeper.turn('c1', turn(1, { heard: 'what is' }));
  keeper.happened('c1', { kind: 'taken-back', turn: 1 }, 9);
  keeper.turn('c1', turn(1, { heard: 'what is the time' }));
  await clock.advance(50);
  assert.deepEqual(kinds(kept), ['call-began', 'call-answered', 'turn-taken-back', 'taken-back', 'turn']);
});

test('a recording begins where it began in the call', async (t) => {
  const { keeper, clock, kept } = keeping(t);
  begin(keeper);
  const recording = {
    file: 'd/c1.wav',
    startedAtMs: startedAt.getTime() - 12,
    ms: 1_000.4,
    bytes: 64_044,
    sampleRateHz: 16_000,
  };
  keeper.callEnded('c1', { endedAt: startedAt, endedBy: 'caller', recording });
  await clock.advance(50);
  const ended = kept.at(-1);
  assert.ok(ended?.kind === 'call-ended');
  assert.deepEqual([ended.recording?.startsAtMs, ended.recording?.ms], [-12, 1_000]);
});

test('while the database is lost calls are told of it in microseconds; nothing is lost when it is back soon', async (t) => {
  const stage = keeping(t);
  const { keeper, clock, kept, dropped, log } = stage;
  stage.fail(() => unavailable);
  begin(keeper);
  await clock.advance(50);
  for (let number = 1; number <= 20; number++) keeper.turn('c1', turn(number));
  await clock.advance(10_000);
  assert.ok(stage.writes > 4 && stage.writes < 12, String(stage.writes));
  assert.deepEqual([kept.length, keeper.waiting], [0, 22]);
  stage.fail(undefined);
  await clock.advance(10_000);
  assert.deepEqual([kept.length, keeper.waiting, dropped], [22, 0, {}]);
  const troubles = log.lines.filter(({ level }) => level === 'error');
  assert.equal(troubles.length, 1);
  await log.next('the store of calls is back');
});

test('what does not fit while the database is lost is dropped, counted and told once', async (t) => {
  const stage = keeping(t, { limit: 10 });
  const { keeper, clock, kept, dropped, log, depths } = stage;
  stage.fail(() => unavailable);
  begin(keeper);
  for (let number = 1; number <= 100; number++) keeper.turn('c1', turn(number));
  await clock.advance(30_000);
  for (let number = 101; number <= 200; number++) keeper.turn('c1', turn(number));
  assert.deepEqual(dropped, { full: 192 });
  assert.equal(Math.max(...depths), 10);
  assert.equal(log.lines.filter(({ message }) => message.includes('too many records wait')).length, 1);
  stage.fail(undefined);
  await clock.advance(10_000);
  assert.equal(kept.length, 10);
  keeper.turn('c1', turn(201));
  await clock.advance(50);
  assert.equal(kept.length, 11);
});

test('a record that the database refuses costs itself alone', async (t) => {
  const stage = keeping(t);
  const { keeper, clock, kept, dropped } = stage;
  stage.fail((records) =>
    records.some((record) => record.kind === 'turn' && record.turn.number === 2)
      ? new ParleyError('store-refused', { store: 'test', reason: 'no' })
      : undefined,
  );
  begin(keeper);
  for (const number of [1, 2, 3]) keeper.turn('c1', turn(number));
  await clock.advance(50);
  assert.deepEqual([kinds(kept), dropped], [['call-began', 'call-answered', 'turn', 'turn'], { refused: 1 }]);
});

test('at the end what waits is written, for no longer than it may take', async (t) => {
  const stage = keeping(t);
  const { keeper, clock, kept, dropped } = stage;
  begin(keeper);
  const closing = keeper.close(1_000);
  await clock.advance(50);
  await closing;
  assert.equal(kept.length, 2);

  const stuck = keeping(t);
  stuck.fail(() => unavailable);
  begin(stuck.keeper);
  const ending = stuck.keeper.close(1_000);
  await stuck.clock.advance(1_000);
  await ending;
  stuck.keeper.turn('c1', turn(1));
  assert.deepEqual([stuck.kept.length, stuck.dropped], [0, { closing: 3 }]);
  assert.deepEqual(dropped, {});
});

test('long numbers and keys are masked, other numbers are not', async (t) => {
  assert.equal(maskDigits('card 4111 1111-1111 1111, room 42', 6), 'card •••• ••••-•••• ••••, room 42');
  assert.equal(maskDigits('It is four one one one two two', 6), 'It is • • • • • •');
  assert.equal(maskDigits('uno dos tres cuatro cinco seis', 6), '• • • • • •');
  assert.equal(maskDigits('someone is done at 14:30', 6), 'someone is done at 14:30');
  const { keeper, clock, kept } = keeping(t, { maskDigits: 6 });
  begin(keeper);
  keeper.turn(
    'c1',
    turn(1, { heard: '4711', keyed: true, slots: { extension: '4711' }, said: ['Calling 4711 at 9 pm.'] }),
  );
  keeper.turn(
    'c1',
    turn(2, { heard: 'pin 123456', slots: { '@pin': '123456', count: 3 }, said: ['So 12.'] }),
  );
  const digit: CallEvent = { kind: 'digit', digit: '7' };
  keeper.happened('c1', digit, 1);
  keeper.happened('c1', { kind: 'saying', text: 'Your card 4111111111111111' }, 2);
  await clock.advance(50);
  const text = JSON.stringify(kept.slice(2));
  assert.doesNotMatch(text, /4711|123456|4111|"7"/);
  assert.match(text, /Calling •••• at 9 pm\./);
  assert.match(text, /"count":3/);
  assert.match(text, /So 12\./);
});
