import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Exchange } from '../../app/asterisk/exchange.ts';
import { MediaServer } from '../../app/asterisk/lines/media-server.ts';
import type { Line, LineEvent } from '../../app/asterisk/lines/spec.ts';
import { durationMs } from '../../app/audio/pcm.ts';
import { findSox } from '../../app/setup/sox.ts';
import { recordingLog } from '../fakes/log.ts';
import { connected, nothingLeft, startTestAsterisk, testAri, testCacheDir } from '../support/asterisk.ts';

/** Callers without telephones: the far ends of Local channels, which run this dialplan. */
const callers = `
[callers]
exten => silent,1,Answer()
 same => n,Wait(30)
exten => speaks,1,Answer()
 same => n,Wait(1)
 same => n,Playback(hello-world)
 same => n,Wait(30)
exten => speaks-twice,1,Answer()
 same => n,Wait(1)
 same => n,Playback(hello-world)
 same => n,Wait(3)
 same => n,Playback(vm-goodbye)
 same => n,Wait(30)
exten => goes-on,1,Answer()
 same => n,Wait(1)
 same => n(more),Playback(hello-world)
 same => n,Goto(more)
exten => presses,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(7)
 same => n,Wait(30)
exten => leaves,1,Answer()
 same => n,Wait(1)
 same => n,Hangup()
`;

interface Call {
  readonly line: Line;
  readonly resumed: boolean;
  readonly events: LineEvent[];
  /** Resolves with the next event of a kind. */
  next<K extends LineEvent['kind']>(kind: K): Promise<Extract<LineEvent, { kind: K }>>;
}

async function desk(t: TestContext, settings: { readonly maxUtteranceMs?: number } = {}) {
  const asterisk = await startTestAsterisk(t, { extraConf: { 'extensions.conf': callers } });
  const { path: soxPath } = await findSox({ cacheDir: testCacheDir(), signal: t.signal });
  const media = await MediaServer.start({ bind: '127.0.0.1', port: 0 });
  t.after(() => media.close());
  const log = recordingLog();
  const incoming: ((call: Call) => void)[] = [];
  const waiting: Call[] = [];

  function open() {
    const ari = testAri(t, asterisk.ariUrl, { log });
    const exchange = new Exchange({
      ari,
      log,
      line: {
        media,
        soxPath,
        ringMs: 0,
        silenceMs: 600,
        talkThreshold: 256,
        maxUtteranceMs: settings.maxUtteranceMs ?? 20_000,
        keepRecordings: false,
        trimThresholdDbfs: -50,
        trimWindowMs: 10,
        dialString: 'PJSIP/{extension}',
      },
      onCall: (line, { resumed }) => {
        const call = observe(line, resumed);
        const waiter = incoming.shift();
        if (waiter) waiter(call);
        else waiting.push(call);
      },
    });
    const up = connected(ari);
    ari.start();
    return { ari, exchange, up };
  }
  const first = open();
  await first.up;
  let count = 0;
  const nextCall = (): Promise<Call> => {
    const call = waiting.shift();
    return call ? Promise.resolve(call) : new Promise((resolve) => incoming.push(resolve));
  };
  return {
    ...first,
    asterisk,
    log,
    open,
    nextCall,
    /** Somebody calls. */
    async call(caller: string): Promise<Call> {
      const arrives = nextCall();
      await first.ari.commands.originateIntoDialplan({
        channelId: `caller-${++count}`,
        endpoint: `Local/${caller}@callers/n`,
        context: 'bot',
        extension: '1000',
        callerId: '"Test" <4711>',
        timeoutSeconds: 5,
        variables: {},
      });
      return arrives;
    },
    nothingIsLeft: () => nothingLeft(first.ari),
  };
}

function observe(line: Line, resumed: boolean): Call {
  const events: LineEvent[] = [];
  const waiting = new Set<{ kind: string; resolve: (event: LineEvent) => void }>();
  line.onEvent((event) => {
    events.push(event);
    for (const waiter of waiting) {
      if (waiter.kind !== event.kind) continue;
      waiting.delete(waiter);
      waiter.resolve(event);
    }
  });
  return {
    line,
    resumed,
    events,
    next: <K extends LineEvent['kind']>(kind: K) =>
      new Promise<Extract<LineEvent, { kind: K }>>((resolve) => {
        waiting.add({ kind, resolve: resolve as (event: LineEvent) => void });
      }),
  };
}

const tone = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * 16 }, (_, at) => 6_000 * Math.sin((2 * Math.PI * 440 * at) / 16_000));

test('what a caller says arrives as one utterance without the silence around it', async (t) => {
  const { call, nothingIsLeft } = await desk(t);
  const { line, next, events } = await call('speaks');
  const utterance = next('utterance');
  await line.answer();
  const { audio, silenceMs } = await utterance;
  assert.equal(audio.sampleRateHz, 16_000);
  assert.equal(silenceMs, 600);
  // "Hello world" of the core sounds lasts 1.4 s, the silence at its own ends included.
  assert.ok(durationMs(audio) > 700 && durationMs(audio) < 1_700, `${durationMs(audio)} ms`);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['speech-started', 'utterance'],
  );
  await line.close();
  await nothingIsLeft();
});

test('each utterance is recorded by itself', async (t) => {
  const { call } = await desk(t);
  const { line, next } = await call('speaks-twice');
  const first = next('utterance');
  await line.answer();
  await first;
  const { audio } = await next('utterance');
  assert.ok(durationMs(audio) > 300 && durationMs(audio) < 1_500, `${durationMs(audio)} ms`);
  await line.close();
});

test('a caller who does not stop is cut after the longest time of a turn', async (t) => {
  const { call } = await desk(t, { maxUtteranceMs: 2_000 });
  const { line, next } = await call('goes-on');
  const utterance = next('utterance');
  await line.answer();
  const { audio } = await utterance;
  assert.ok(durationMs(audio) > 1_500 && durationMs(audio) < 3_200, `${durationMs(audio)} ms`);
  await line.close();
});

test('a key that the caller presses is told', async (t) => {
  const { call } = await desk(t);
  const { line, next } = await call('presses');
  const digit = next('digit');
  await line.answer();
  assert.equal((await digit).digit, '7');
  await line.close();
});

test('what the bot says is heard to its end, or stopped at once', async (t) => {
  const { call, nothingIsLeft } = await desk(t);
  const { line } = await call('silent');
  await line.answer();
  const whole = await line.say({ audio: tone(500), sampleRateHz: 16_000 }, { signal: t.signal });
  assert.equal(whole.completed, true);
  assert.ok(Math.abs(whole.heardMs - 500) < 60, `${whole.heardMs} ms`);

  const stop = new AbortController();
  const saying = line.say({ audio: tone(10_000), sampleRateHz: 16_000 }, { signal: stop.signal });
  setTimeout(() => stop.abort(), 400);
  const cut = await saying;
  assert.equal(cut.completed, false);
  assert.ok(cut.heardMs < 2_000, `${cut.heardMs} ms`);
  await line.close();
  await nothingIsLeft();
});

test('a caller who hangs up ends what is being said, and nothing is left', async (t) => {
  const { call, nothingIsLeft } = await desk(t);
  const { line } = await call('leaves');
  await line.answer();
  const gone = once(line.hungUp, 'abort');
  await assert.rejects(line.say({ audio: tone(10_000), sampleRateHz: 16_000 }, { signal: t.signal }), {
    code: 'line-hung-up',
  });
  await gone;
  await line.close();
  await nothingIsLeft();
});

test('a caller whom a dead process left waiting is taken over, and what it left behind is removed', async (t) => {
  const { call, ari, open, nextCall, asterisk } = await desk(t);
  const { line } = await call('silent');
  await line.answer();
  await ari.commands.createBridge('foreign', 'foreign');
  // The process is gone, without a word: its bridge, snoop channel and recording stay.
  await ari.close();

  const successor = open();
  const taken = nextCall();
  await successor.up;
  const { line: again, resumed } = await taken;
  assert.equal(resumed, true);
  assert.deepEqual(again.caller, { number: '4711', name: 'Test' });
  await again.answer();
  const said = await again.say({ audio: tone(200), sampleRateHz: 16_000 }, { signal: t.signal });
  assert.equal(said.completed, true);
  await again.close();
  const { commands } = successor.ari;
  assert.deepEqual(
    (await commands.listBridges()).map(({ id }) => id),
    ['foreign'],
  );
  assert.deepEqual(await commands.listRecordings(), []);
  assert.match(await asterisk.command('core show channels count', { signal: t.signal }), /0 active channels/);
});
