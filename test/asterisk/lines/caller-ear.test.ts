import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallerEar } from '../../../app/asterisk/lines/caller-ear.ts';
import type { LineEvent } from '../../../app/asterisk/lines/spec.ts';
import { EchoGuard } from '../../../app/audio/echo-guard.ts';
import { rmsDbfs } from '../../../app/audio/level.ts';
import { silence, tone } from '../../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import { voiceRules } from '../../../app/audio/voice-activity.ts';
import type { VoiceDetector, VoiceStream } from '../../../app/audio/voice-detector.ts';

const sampleRateHz = 16_000;
const frameLength = 320;
const pieceSamples = 64;
const piecesOfFrame = 4;

/** Takes whatever is loud for a voice, in frames of four pieces as Silero does, and at once. */
function loudDetector(): VoiceDetector {
  return {
    sampleRateHz: 8_000,
    frameSamples: 256,
    open(): VoiceStream {
      let held: Pcm = new Int16Array(0);
      let tell: Parameters<VoiceStream['onFrame']>[0] = () => undefined;
      return {
        push(frame) {
          held = concatPcm([held, frame]);
          for (; held.length >= 256; held = held.subarray(256)) {
            const probability = rmsDbfs(held.subarray(0, 256)) > -40 ? 1 : 0;
            for (let i = 0; i < piecesOfFrame; i++) {
              const levelDbfs = rmsDbfs(held.subarray(i * pieceSamples, (i + 1) * pieceSamples));
              tell({ probability, levelDbfs, samples: pieceSamples, more: i < piecesOfFrame - 1 });
            }
          }
        },
        onFrame: (listener) => (tell = listener),
        close: () => undefined,
      };
    },
    close: () => Promise.resolve(),
  };
}

/** What an ear tells of audio that comes in frames of 20 ms. */
function heard(audio: Pcm, maxUtteranceMs = 20_000): LineEvent[] {
  const events: LineEvent[] = [];
  let at = 0;
  const ear = new CallerEar({
    detector: loudDetector(),
    rules: voiceRules,
    sampleRateHz,
    maxUtteranceMs,
    sinceAnswerMs: () => (at / sampleRateHz) * 1000,
    echo: new EchoGuard(),
    tell: (event) => events.push(event),
  });
  for (; at < audio.length; at += frameLength) ear.hear(audio.subarray(at, at + frameLength));
  ear.close();
  return events;
}

const speech = (ms: number): Pcm => tone(440, ms, sampleRateHz, -20);
const quiet = (ms: number): Pcm => silence(ms, sampleRateHz);
const kinds = (events: readonly LineEvent[]): string =>
  events
    .map(({ kind }) => kind)
    .filter((kind, i, all) => kind !== all[i - 1])
    .join(' ');
const toldMs = (events: readonly LineEvent[]): number =>
  events.reduce(
    (sum, event) =>
      event.kind === 'speech' ? sum + (event.audio.samples.length / sampleRateHz) * 1000 : sum,
    0,
  );

test('who says nothing is nobody who speaks', () => {
  assert.deepEqual(heard(quiet(2_000)), []);
});

test('speech begins, is told as it is spoken, pauses, and the silence grows', () => {
  const events = heard(concatPcm([quiet(1_000), speech(800), quiet(600)]));
  assert.equal(kinds(events), 'speech-started speech pause quiet');
  const [started] = events;
  assert.ok(started?.kind === 'speech-started' && Math.abs(started.atMs - 1_000) < 50, 'when it began');
  const pause = events.find((event) => event.kind === 'pause');
  assert.ok(pause && Math.abs(pause.endedAtMs - 1_800) < 50 && !pause.over, 'when it ended');
  const silences = events.flatMap((event) => (event.kind === 'quiet' ? [event.silenceMs] : []));
  assert.deepEqual(
    silences,
    silences.toSorted((a, b) => a - b),
  );
  assert.ok(Math.abs((silences.at(-1) ?? 0) - 600) < 60, 'up to now');
});

test('what is told begins a little before the speech and has no gap in it', () => {
  const events = heard(concatPcm([quiet(1_000), speech(800), quiet(300)]));
  // 300 ms before the speech, the speech, and the silence that it took to notice its end.
  const pause = events.find((event) => event.kind === 'pause');
  assert.ok(Math.abs(toldMs(events) - (300 + 800 + (pause?.silenceMs ?? 0))) < 50);
  const told = concatPcm(events.flatMap((event) => (event.kind === 'speech' ? [event.audio.samples] : [])));
  const loud = [];
  for (let at = 0; at < told.length; at += frameLength)
    loud.push(rmsDbfs(told.subarray(at, at + frameLength)) > -40);
  assert.equal(loud.lastIndexOf(true) - loud.indexOf(true) + 1, loud.filter(Boolean).length, 'one stretch');
  assert.ok(Math.abs(loud.filter(Boolean).length - 40) <= 1, 'all of it, once');
});

test('a caller who goes on after a pause is told to go on, and nothing is told twice', () => {
  const events = heard(concatPcm([quiet(500), speech(500), quiet(300), speech(500), quiet(300)]));
  assert.equal(kinds(events), 'speech-started speech pause quiet speech-started speech pause quiet');
  assert.ok(Math.abs(toldMs(events) - (300 + 500 + 300 + 500 + 100)) < 80, String(toldMs(events)));
});

test('a caller who speaks without end is cut off at the longest utterance, once', () => {
  const events = heard(concatPcm([quiet(500), speech(3_000), quiet(1_000)]), 1_000);
  const over = events.filter((event) => event.kind === 'pause' && event.over);
  assert.equal(over.length, 1);
  assert.ok(toldMs(events) < 1_100);
});

test('a frame that goes on is told once, however many pieces the detector makes of it', () => {
  const events = heard(concatPcm([quiet(480), speech(1_600)]));
  const pieces = events.filter(({ kind }) => kind === 'speech').length;
  assert.ok(pieces <= 1_600 / 32 + 2, `${pieces} pieces`);
});

test('audio that was held up, and comes all at once, is known to be late; what stands for it is not counted', (t) => {
  let nowMs = 10_000;
  t.mock.method(performance, 'now', () => nowMs);
  const echo = new EchoGuard();
  const judged = t.mock.method(echo, 'thresholdDbfs');
  const lateMs = (): number => judged.mock.calls.at(-1)?.arguments[1] ?? NaN;
  const ear = new CallerEar({
    detector: loudDetector(),
    rules: voiceRules,
    sampleRateHz,
    maxUtteranceMs: 20_000,
    sinceAnswerMs: () => 0,
    echo,
    tell: () => undefined,
  });
  const flow = (ms: number, each: () => void): void => {
    for (let at = 0; at < ms; at += 20) {
      nowMs += 20;
      each();
    }
  };
  const hear = (): void => ear.hear(quiet(20));
  flow(2_000, hear);
  assert.ok(lateMs() < 40, `${lateMs()} ms while it flows`);
  flow(800, () => ear.fill(frameLength));
  hear();
  hear();
  assert.ok(lateMs() > 600, `${lateMs()} ms when it begins to come again`);
  for (let frame = 2; frame < 40; frame++) hear();
  assert.ok(lateMs() < 60, `${lateMs()} ms when all is there`);
  // A telephone that sends nothing while its user is silent is not late for ever.
  flow(10_000, () => ear.fill(frameLength));
  flow(15_000, hear);
  assert.ok(lateMs() < 60, `${lateMs()} ms some time after a silence`);
  ear.close();
});
