import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { errorSchema, eventSchemas } from '../../app/console/contract.ts';
import type { TurnRecord } from '../../app/conversation/turn-record.ts';
import { manualClock } from '../fakes/clock.ts';
import { aTurn } from '../store/contract.ts';
import { arriving, type Follower, type Stage, startStage, type Told } from './stage.ts';

function aRecord(turn: number, more: Partial<TurnRecord> = {}): TurnRecord {
  const { number, ...rest } = aTurn(turn);
  return { turn: number, ...rest, ...more };
}

async function following(t: TestContext): Promise<{ readonly stage: Stage; readonly follower: Follower }> {
  // Its clock stands still: no status is told in between.
  const stage = await startStage(t, { clock: manualClock() });
  const follower = await stage.follow();
  t.after(() => follower.close());
  return { stage, follower };
}

async function some(follower: Follower, count: number): Promise<Told[]> {
  const told: Told[] = [];
  while (told.length < count) told.push(await follower.next());
  return told;
}

test('who follows is told first what is there, then all that happens, in its order', async (t) => {
  const { stage, follower } = await following(t);
  stage.calls.callBegan(arriving('one'));
  stage.calls.happened('one', { kind: 'answered', lineKind: 'streamed' }, 0);
  stage.calls.happened('one', { kind: 'hearing', text: 'what time' }, 900);
  stage.calls.happened('one', { kind: 'hearing', text: 'what time is it' }, 1_100);
  stage.calls.turn('one', aRecord(1));
  stage.calls.happened('one', { kind: 'failed', error: new Error('of what was said') }, 1_200);
  stage.calls.callEnded('one', { endedAt: new Date('2026-11-04T12:00:05Z'), endedBy: 'caller' });
  const told = await some(follower, 8);
  assert.deepEqual(
    told.map(({ name }) => name),
    ['snapshot', 'call-began', ...Array<string>(3).fill('call-event'), 'turn', 'call-event', 'call-ended'],
  );
  for (const { name, data } of told) eventSchemas[name].parse(data);
  const ids = told.map(({ id }) => id);
  assert.deepEqual(ids, ids[0] === undefined ? [] : ids.map((_, at) => (ids[0] ?? 0) + at));
  assert.deepEqual(told[4]?.data, {
    callId: 'one',
    event: { atMs: 1_100, kind: 'hearing', details: { text: 'what time is it' } },
  });
  // The message of an error may hold what was said.
  assert.deepEqual(told[6]?.data, {
    callId: 'one',
    event: { atMs: 1_200, kind: 'failed', details: { code: 'Error' } },
  });
  assert.deepEqual(told[7]?.data, {
    callId: 'one',
    endedAtMs: Date.parse('2026-11-04T12:00:05Z'),
    endedBy: 'caller',
    recorded: false,
  });
});

test('who comes in the middle of a call is shown it as it is: who speaks, what was said, what is heard', async (t) => {
  const stage = await startStage(t);
  const { calls } = stage;
  calls.callBegan(arriving('one'));
  calls.happened('one', { kind: 'answered', lineKind: 'recorded' }, 0);
  calls.happened('one', { kind: 'floor', floor: 'bot' }, 0);
  calls.happened('one', { kind: 'saying', text: 'Hello.' }, 10);
  calls.happened('one', { kind: 'stopped', heardMs: 300 }, 310);
  calls.happened('one', { kind: 'floor', floor: 'caller' }, 310);
  calls.turn('one', aRecord(1, { heard: 'thrown away' }));
  calls.happened('one', { kind: 'taken-back', turn: 1 }, 400);
  calls.turn('one', aRecord(1));
  calls.happened('one', { kind: 'saying', text: 'Sunny.', turn: 1 }, 900);
  calls.turn('one', aRecord(1, { said: ['Sunny.'] }));
  calls.happened('one', { kind: 'hearing', text: 'and in Par' }, 2_000);
  const follower = await stage.follow();
  const { data } = await follower.nextOf('snapshot');
  follower.close();
  const [call] = eventSchemas.snapshot.parse(data).calls;
  assert.ok(call);
  assert.deepEqual([call.floor, call.lineKind, call.hearing], ['caller', 'recorded', 'and in Par']);
  assert.ok(call.answeredAtMs !== null);
  assert.deepEqual(
    call.turns.map(({ number, heard, said }) => [number, heard, said]),
    [[1, 'what is the weather in Seattle', ['Sunny.']]],
  );
  assert.deepEqual(call.sentences, [
    { atMs: 10, text: 'Hello.', turn: null },
    { atMs: 900, text: 'Sunny.', turn: 1 },
  ]);
});

test('a turn that grows after it was told does not change what was told', async (t) => {
  const { stage, follower } = await following(t);
  stage.calls.callBegan(arriving('one'));
  const said = ['Sunny.'];
  stage.calls.turn('one', aRecord(1, { said }));
  said.push('Twelve degrees.');
  assert.deepEqual((await follower.nextOf('turn')).data.turn.said, ['Sunny.']);
  assert.deepEqual(stage.live.calls[0]?.turns[0]?.said, ['Sunny.']);
});

test('a change of how Parley is, is told within a second, without anybody asking', async (t) => {
  const clock = manualClock();
  const stage = await startStage(t, { clock });
  const follower = await stage.follow();
  t.after(() => follower.close());
  assert.equal((await follower.nextOf('snapshot')).data.status.asterisk.connected, true);
  stage.checks = { ...stage.checks, asterisk: false };
  await clock.advance(1_000);
  assert.equal((await follower.nextOf('status')).data.asterisk.connected, false);
});

test('a listener that is slow makes nobody wait, takes bounded memory, and is then shown how it is now', async (t) => {
  const stage = await startStage(t);
  const socket = connect(stage.console.port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  // Takes nothing until it is told to.
  socket.pause();
  socket.write('GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const quick = await stage.follow();
  await quick.nextOf('snapshot');

  stage.calls.callBegan(arriving('one'));
  const filler = 'x'.repeat(200_000);
  const spoken = 300;
  const before = process.memoryUsage().external + process.memoryUsage().heapUsed;
  for (let at = 1; at <= spoken; at++) {
    stage.calls.happened('one', { kind: 'hearing', text: `${at} ${filler}` }, at);
    // The quick one has each of them.
    const { data } = await quick.nextOf('call-event');
    assert.equal(data.event.atMs, at);
  }
  const grown = process.memoryUsage().external + process.memoryUsage().heapUsed - before;
  t.diagnostic(
    `${((spoken * filler.length) / 1e6).toFixed(0)} MB were told; memory grew by ${(grown / 1e6).toFixed(0)} MB`,
  );
  quick.close();

  let text = '';
  let bytes = 0;
  const caughtUp = new Promise<void>((resolve) => {
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length;
      text = (text + piece.toString('latin1')).slice(-2_000_000);
      const at = text.lastIndexOf('event: snapshot');
      if (at >= 0 && text.includes(`"hearing":"${spoken} `, at)) resolve();
    });
  });
  socket.resume();
  await caughtUp;
  assert.ok(bytes < spoken * filler.length, `${bytes} bytes were sent after all`);
  stage.calls.happened('one', { kind: 'digit', digit: '5' }, 9_999);
  while (!text.includes('"atMs":9999')) await once(socket, 'data');
});

test('a page that follows is let go when Parley closes', async (t) => {
  const { stage, follower } = await following(t);
  await follower.nextOf('snapshot');
  await stage.console.close();
  await assert.rejects(follower.next());
});

test('so many may follow, and the next one is told that there is no room', async (t) => {
  const stage = await startStage(t);
  const all = await Promise.all(Array.from({ length: 64 }, () => stage.follow()));
  const refused = await stage.ask('/api/events');
  assert.equal(refused.status, 503);
  assert.equal(errorSchema.parse(refused.json()).error.code, 'console-crowded');
  for (const follower of all) follower.close();
});
