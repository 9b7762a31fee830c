import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { readMonoWav, readWav } from '../../app/audio/wav.ts';
import {
  callPageSchema,
  liveCallSchema,
  peaksSchema,
  statusSchema,
  wholeCallSchema,
} from '../../app/console/contract.ts';
import { Follower } from '../console/stage.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

/** A real Asterisk and a real telephone, followed, ended and read back by an operator. */
callTest('an operator sees a call as it is spoken, ends it, and hears it afterwards', async (t) => {
  const began = performance.now();
  const since = (what: string): void => {
    t.diagnostic(`${what} after ${Math.round(performance.now() - began)} ms`);
  };
  // A name beside this machine's: so the token that was generated is asked for.
  const bot = await startBot(t, {
    settings: { PARLEY_STORE_KEEP_RECORDINGS: 'true', PARLEY_CONSOLE_HOSTS: 'parley.example' },
  });
  since('started');
  const url = bot.parley.app?.consoleUrl ?? assert.fail('the app tells no address of its console');
  const headers = { authorization: `Bearer ${bot.parley.secrets.console}` };
  const ask = (where: string, init: RequestInit = {}) => fetch(`${url}${where}`, { headers, ...init });
  assert.equal((await fetch(`${url}/api/status`)).status, 401);
  assert.equal((await ask('/ready')).status, 200);
  const status = statusSchema.parse(await (await ask('/api/status')).json());
  assert.deepEqual(
    status.engines.map(({ kind, name, state }) => `${kind} ${name} ${state}`),
    ['stt local ok', 'tts local ok', 'nlu local ok'],
  );
  assert.deepEqual([status.calls.live, status.asterisk.connected], [0, true]);

  const [answer] = (await once(get(`${url}/api/events`, { headers }), 'response')) as [IncomingMessage];
  const follower = new Follower(answer);
  t.after(() => {
    follower.close();
    return Promise.resolve();
  });
  await follower.nextOf('snapshot');
  const call = await bot.call();
  const { id, caller, dialled } = (await follower.nextOf('call-began')).data;
  assert.deepEqual([caller.number, dialled], ['6099', '1000']);

  const seen = { floors: new Set<unknown>(), hearing: [] as unknown[], saying: [] as unknown[] };
  const watching = (async () => {
    for (;;) {
      const told = await follower.next();
      if (told.name === 'turn' && told.data.turn.said.length > 0) return told.data.turn;
      if (told.name !== 'call-event') continue;
      const { kind, details } = told.data.event;
      if (kind === 'floor') seen.floors.add(details['floor']);
      if (kind === 'hearing') seen.hearing.push(details['text']);
      if (kind === 'saying') seen.saying.push(details['text']);
    }
  })();
  await call.say('what time is it in Tokyo');
  const turn = await watching;
  since('a turn was seen');
  assert.match(turn.heard, /time.*Tokyo/i);
  assert.ok(
    ['caller', 'thinking'].every((floor) => seen.floors.has(floor)),
    String([...seen.floors]),
  );
  assert.match(String(seen.saying[0]), /this is Parley/);
  // On a machine that is short of time, no text comes before the last.
  t.diagnostic(`heard as it was spoken: ${JSON.stringify(seen.hearing)}`);
  await call.expect(/Tokyo/);

  const [live] = ((await (await ask('/api/calls/live')).json()) as unknown[]).map((one) =>
    liveCallSchema.parse(one),
  );
  assert.deepEqual([live?.id, live?.lineKind, live?.turns.length], [id, 'streamed', 1]);
  const hungUp = await ask(`/api/calls/live/${id}/hang-up`, { method: 'POST' });
  assert.equal(hungUp.status, 200);
  await call.ended;
  const ended = await follower.nextOf('call-ended');
  since('hung up');
  assert.deepEqual([ended.data.callId, ended.data.recorded], [id, true]);

  // What is kept is written a moment later.
  const kept = await (async () => {
    for (;;) {
      const { calls } = callPageSchema.parse(await (await ask('/api/calls?caller=6099')).json());
      if (calls[0]?.endedAtMs !== null && calls[0]?.recording) return calls[0];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  assert.deepEqual([kept.id, kept.endedBy, kept.turns, kept.intents], [id, 'operator', 1, ['GetTime']]);
  const whole = wholeCallSchema.parse(await (await ask(`/api/calls/${id}`)).json());
  assert.equal(whole.turns[0]?.heard, turn.heard);
  const wav = new Uint8Array(await (await ask(`/api/calls/${id}/recording`)).arrayBuffer());
  assert.equal(readWav(wav).channels.length, 2);
  assert.ok(readMonoWav(wav).samples.some((sample) => Math.abs(sample) > 1_000));
  const part = await ask(`/api/calls/${id}/recording`, { headers: { ...headers, range: 'bytes=0-43' } });
  assert.deepEqual([part.status, (await part.arrayBuffer()).byteLength], [206, 44]);
  const peaks = peaksSchema.parse(await (await ask(`/api/calls/${id}/peaks?count=100`)).json());
  assert.ok(Math.max(...peaks.caller) > 0.02 && Math.max(...peaks.bot) > 0.02);
  assert.match(await (await ask('/metrics')).text(), /parley_/);
  since('read back');
});
