import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext } from 'node:test';
import { Exchange } from '../../app/asterisk/exchange.ts';
import { MediaServer } from '../../app/asterisk/lines/media-server.ts';
import type { Line, LineEvent } from '../../app/asterisk/lines/spec.ts';
import { concatPcm, durationMs, type Audio } from '../../app/audio/pcm.ts';
import { voiceRules } from '../../app/audio/voice-activity.ts';
import { createSileroDetector } from '../../app/speech/vad/silero.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { findSox } from '../../app/setup/sox.ts';
import { recordingLog } from '../fakes/log.ts';
import { connected, nothingLeft, startTestAsterisk, testAri, testCacheDir } from '../support/asterisk.ts';
import { callTest } from '../support/call-test.ts';

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
exten => mute,1,Answer()
 same => n,Echo()
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
  /** What the caller says next, up to 600 ms of silence or to where the line cuts it. */
  utterance(): Promise<Audio>;
}

type Kind = 'streamed' | 'recorded';

async function desk(t: TestContext, kind: Kind, settings: { readonly maxUtteranceMs?: number } = {}) {
  const asterisk = await startTestAsterisk(t, { extraConf: { 'extensions.conf': callers } });
  const { path: soxPath } = await findSox({ cacheDir: testCacheDir(), signal: t.signal });
  const media = await MediaServer.start({ bind: '127.0.0.1', port: 0 });
  t.after(() => media.close());
  const log = recordingLog();
  const detector = createSileroDetector({ log });
  await detector.warmUp();
  t.after(() => detector.close());
  const maxUtteranceMs = settings.maxUtteranceMs ?? 20_000;
  const incoming: ((call: Call) => void)[] = [];
  const waiting: Call[] = [];

  function open() {
    const ari = testAri(t, asterisk.ariUrl, { log });
    const exchange = new Exchange({
      ari,
      log,
      metrics: createMetrics(),
      line: {
        kind,
        ringMs: 0,
        dialString: 'PJSIP/{extension}',
        streamed: {
          ariUrl: asterisk.ariUrl,
          ariUser: asterisk.ariUser,
          ariPassword: asterisk.ariPassword,
          detector,
          voice: voiceRules,
          maxUtteranceMs,
          noAudioMs: 3_000,
          connectDeadlineMs: 3_000,
        },
        recorded: {
          media,
          soxPath,
          silenceMs: 600,
          talkThreshold: 256,
          maxUtteranceMs,
          trimThresholdDbfs: -50,
          trimWindowMs: 10,
        },
      },
      onCall: (line, { resumed }) => {
        t.after(() => line.close());
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
  const listeners = new Set<(event: LineEvent) => void>();
  line.onEvent((event) => {
    events.push(event);
    for (const listener of listeners) listener(event);
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
    utterance: () =>
      new Promise((resolve) => {
        const pieces: Audio[] = [];
        const listener = (event: LineEvent): void => {
          if (event.kind === 'speech') pieces.push(event.audio);
          const over = event.kind === 'pause' ? event.over : event.kind === 'quiet' && event.silenceMs >= 600;
          if (!over || pieces.length === 0) return;
          const samples = concatPcm(pieces.splice(0).map((piece) => piece.samples));
          listeners.delete(listener);
          resolve({ samples, sampleRateHz: 16_000 });
        };
        listeners.add(listener);
      }),
    next: <K extends LineEvent['kind']>(kind: K) =>
      new Promise<Extract<LineEvent, { kind: K }>>((resolve) => {
        waiting.add({ kind, resolve: resolve as (event: LineEvent) => void });
      }),
  };
}

const tone = (ms: number): Int16Array =>
  Int16Array.from({ length: ms * 16 }, (_, at) => 6_000 * Math.sin((2 * Math.PI * 440 * at) / 16_000));

for (const kind of ['streamed', 'recorded'] as const) {
  // Each has an Asterisk of its own, and waits most of the time.
  describe(`a ${kind} line`, { concurrency: 3 }, () => {
    callTest('what a caller says arrives as one utterance without the silence around it', async (t) => {
      const { call, nothingIsLeft } = await desk(t, kind);
      const { line, utterance, events } = await call('speaks');
      const heard = utterance();
      await line.answer();
      const audio = await heard;
      // "Hello world" of the core sounds lasts 1.4 s, the silence at its own ends included.
      assert.ok(durationMs(audio) > 700 && durationMs(audio) < 1_900, `${durationMs(audio)} ms`);
      assert.equal(events[0]?.kind, 'speech-started');
      await line.close();
      await nothingIsLeft();
    });

    callTest('each utterance is heard by itself', async (t) => {
      const { call } = await desk(t, kind);
      const { line, utterance } = await call('speaks-twice');
      const first = utterance();
      await line.answer();
      await first;
      const audio = await utterance();
      assert.ok(durationMs(audio) > 300 && durationMs(audio) < 1_500, `${durationMs(audio)} ms`);
      await line.close();
    });

    callTest('a caller who does not stop is cut after the longest time of a turn', async (t) => {
      const { call } = await desk(t, kind, { maxUtteranceMs: 2_000 });
      const { line, utterance } = await call('goes-on');
      const heard = utterance();
      await line.answer();
      const audio = await heard;
      assert.ok(durationMs(audio) > 1_500 && durationMs(audio) < 3_200, `${durationMs(audio)} ms`);
      await line.close();
    });

    callTest('a key that the caller presses is told', async (t) => {
      const { call } = await desk(t, kind);
      const { line, next } = await call('presses');
      const digit = next('digit');
      await line.answer();
      assert.equal((await digit).digit, '7');
      await line.close();
    });

    callTest('what the bot says is heard to its end, or stopped at once', async (t) => {
      const { call, nothingIsLeft } = await desk(t, kind);
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

    callTest('a caller who hangs up ends what is being said, and nothing is left', async (t) => {
      const { call, nothingIsLeft } = await desk(t, kind);
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

    callTest('what is said ends with the line', async (t) => {
      const { call, nothingIsLeft } = await desk(t, kind);
      const { line } = await call('silent');
      await line.answer();
      const { promise: begun, resolve: onStarted } = Promise.withResolvers<undefined>();
      const saying = line.say(
        { audio: tone(10_000), sampleRateHz: 16_000 },
        { signal: t.signal, onStarted: () => onStarted(undefined) },
      );
      await begun;
      await Promise.all([line.close(), assert.rejects(saying, { code: 'line-hung-up' })]);
      await nothingIsLeft();
    });

    callTest(
      'a caller whom a dead process left waiting is taken over, and what it left behind is removed',
      async (t) => {
        const { call, ari, open, nextCall } = await desk(t, kind);
        const { line } = await call('silent');
        await line.answer();
        await ari.commands.createBridge('foreign', 'foreign');
        // The process is gone, without a word: its bridge and whatever else it made on Asterisk stay.
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
        // What is not Parley's stays; Asterisk takes its time to remove the rest.
        assert.ok((await commands.listBridges()).some(({ id }) => id === 'foreign'));
        await commands.destroyBridge('foreign');
        await nothingLeft(successor.ari);
      },
    );
  });
}

callTest(
  'a caller whose media socket breaks off is heard by a new one, and what is being said is said again',
  async (t) => {
    const { call, ari, nothingIsLeft, log } = await desk(t, 'streamed');
    const { line, utterance } = await call('speaks-twice');
    await line.answer();
    const first = utterance();
    const saying = line.say({ audio: tone(2_000), sampleRateHz: 16_000 }, { signal: t.signal });
    const media = (await ari.commands.listChannels()).find(({ name }) => name.startsWith('WebSocket/'));
    assert.ok(media, 'there is a media channel');
    await ari.commands.hangUp(media.id);
    assert.equal((await saying).completed, true);
    await first;
    assert.ok(log.lines.some(({ message }) => message === 'the caller’s audio broke off'));
    await line.close();
    await nothingIsLeft();
  },
);

callTest('who calls before Asterisk has told what it can is streamed, too', async (t) => {
  const { ari, open, nextCall, asterisk } = await desk(t, 'streamed');
  await ari.close();
  const again = open();
  const arrived = Promise.withResolvers<undefined>();
  const { commands } = again.ari;
  const ask = commands.hasModule.bind(commands);
  t.mock.method(commands, 'hasModule', async (name: string) => {
    await arrived.promise;
    return ask(name);
  });
  const calls = nextCall();
  await again.up;
  await asterisk.command('channel originate Local/silent@callers/n extension 1000@bot', { signal: t.signal });
  const { line } = await calls;
  const answered = line.answer();
  arrived.resolve(undefined);
  await answered;
  assert.equal(line.kind, 'streamed');
  await line.close();
});

for (const kind of ['streamed', 'recorded'] as const) {
  callTest(`a caller whose codec Asterisk cannot tell is ${kind} all the same`, async (t) => {
    const { asterisk, call } = await desk(t, kind);
    await asterisk.command('module unload func_channel.so', { signal: t.signal });
    const { line } = await call('silent');
    await line.answer();
    const said = await line.say({ audio: tone(200), sampleRateHz: 16_000 }, { signal: t.signal });
    assert.deepEqual([line.kind, said.completed], [kind, true]);
    await line.close();
  });
}

callTest('callers are recorded where Asterisk cannot carry audio over a WebSocket', async (t) => {
  const { asterisk, log, open, ari, nextCall } = await desk(t, 'streamed');
  await ari.close();
  await asterisk.command('module unload chan_websocket.so', { signal: t.signal });
  const { up } = open();
  await up;
  const arrives = nextCall();
  await asterisk.command('channel originate Local/speaks@callers/n extension 1000@bot', { signal: t.signal });
  const { line, utterance } = await arrives;
  const heard = utterance();
  await line.answer();
  assert.ok(durationMs(await heard) > 700);
  assert.ok(
    log.lines.some(({ level, message }) => level === 'warn' && message.startsWith('callers are recorded')),
  );
  await line.close();
});

callTest('a caller whose audio does not arrive is told of within seconds', async (t) => {
  const { call, log } = await desk(t, 'streamed');
  // The far end of this call sends what it gets, which is nothing.
  const { line } = await call('mute');
  await line.answer();
  const complaint = await log.next('no audio from the caller');
  assert.match(JSON.stringify(complaint.fields), /line-no-caller-audio/);
  assert.equal(line.hungUp.aborted, false);
  await line.close();
});
