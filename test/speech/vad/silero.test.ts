import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gain, mix, silence, tone, whiteNoise } from '../../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import { trimSilence } from '../../../app/audio/trim.ts';
import { hasCode } from '../../../app/errors.ts';
import { createLocalTts } from '../../../app/speech/local/tts.ts';
import { createSileroDetector } from '../../../app/speech/vad/silero.ts';
import { recordingLog } from '../../fakes/log.ts';
import { collect, resources, turns } from '../../contract/speech.ts';
import { frames, hearVoice, rateHz, type Change } from './support.ts';

const log = recordingLog();
const detector = createSileroDetector({ log });
const tts = createLocalTts();
const { voices } = tts.can;
before(() => detector.warmUp());
after(() => Promise.all([detector.close(), tts.close()]));

async function say(text: string, voice: string): Promise<Pcm> {
  const options = { voice, sampleRateHz: rateHz, language: 'en-US', signal: new AbortController().signal };
  return concatPcm(await collect(tts.speak(text, options)));
}

/** Speech with a second of silence around it, and where it really begins and ends. */
async function utterance(text: string, voice: string): Promise<{ audio: Pcm; fromMs: number; toMs: number }> {
  const audio = concatPcm([silence(1_000, rateHz), await say(text, voice), silence(1_000, rateHz)]);
  const { from, to } = trimSilence(audio, rateHz, { thresholdDbfs: -50, windowMs: 5 });
  return { audio, fromMs: (from / rateHz) * 1000, toMs: (to / rateHz) * 1000 };
}

const texts = ['yes', 'no', 'help', 'stop', 'goodbye', 'Seattle', "what's the weather in London"];
const kinds = (changes: readonly Change[]): string[] => changes.map(({ change }) => change);
const percentile = (numbers: readonly number[], part: number): number =>
  Math.round(numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * part)] ?? Infinity);

async function hearAll(noiseDbfs?: number): Promise<{ knownAfterMs: number[]; endErrorMs: number[] }> {
  const heard = await Promise.all(
    voices.flatMap((voice) =>
      texts.map(async (text) => {
        const { audio, fromMs, toMs } = await utterance(text, voice);
        const noise =
          noiseDbfs === undefined ? silence(0, rateHz) : whiteNoise(audio.length / 8, rateHz, noiseDbfs);
        const changes = await hearVoice(detector, mix(audio, noise));
        const starts = changes.filter(({ change }) => change === 'started');
        assert.equal(starts.length, 1, `${voice}: ${text}: ${kinds(changes).join(', ')}`);
        assert.equal(changes.at(-1)?.change, 'paused', `${voice}: ${text}`);
        return {
          knownAfterMs: (starts[0]?.knownMs ?? 0) - fromMs,
          endErrorMs: (changes.at(-1)?.lastSpeechMs ?? 0) - toMs,
        };
      }),
    ),
  );
  return {
    knownAfterMs: heard.map(({ knownAfterMs }) => knownAfterMs),
    endErrorMs: heard.map(({ endErrorMs }) => endErrorMs),
  };
}

test('four voices are noticed within a syllable, and their end is placed well', async () => {
  const { knownAfterMs, endErrorMs } = await hearAll();
  const [half, nearlyAll] = [percentile(knownAfterMs, 0.5), percentile(knownAfterMs, 0.9)];
  assert.ok(half <= 80 && nearlyAll <= 220, `noticed after ${half} and ${nearlyAll} ms`);
  const errors = endErrorMs.map(Math.abs);
  const [error, large] = [percentile(errors, 0.5), percentile(errors, 0.9)];
  assert.ok(error <= 15 && large <= 40, `the end is ${error} and ${large} ms away`);
});

test('four voices are noticed in noise 10 dB below them', async () => {
  const { knownAfterMs, endErrorMs } = await hearAll(-30);
  const half = percentile(knownAfterMs, 0.5);
  assert.ok(half <= 100, `noticed after ${half} ms`);
  // What is softer than the noise is not heard.
  const error = percentile(endErrorMs.map(Math.abs), 0.5);
  assert.ok(error <= 70, `the end is ${error} ms away`);
});

test('a caller who was silent for long is noticed as fast as at first', async () => {
  for (const voice of voices) {
    const { audio, fromMs } = await utterance('no', voice);
    const pause = silence(4_000, rateHz);
    const changes = await hearVoice(detector, concatPcm([audio, pause, audio, pause, audio]));
    const starts = changes.filter(({ change }) => change === 'started').map(({ knownMs }) => knownMs);
    const apartMs = ((audio.length + pause.length) / rateHz) * 1000;
    assert.equal(starts.length, 3, `${voice}: ${kinds(changes).join(', ')}`);
    starts.forEach((knownMs, i) => {
      assert.ok(knownMs - i * apartMs - fromMs <= 130, `${voice}: ${knownMs - i * apartMs - fromMs} ms`);
    });
  }
});

/** A chord that changes every half second, with overtones, beats and a drum: what waiting callers hear. */
function music(durationMs: number): Pcm {
  const chords = [220, 174.6, 261.6, 196];
  const bars = Array.from({ length: Math.ceil(durationMs / 500) }, (_, i) => {
    const root = chords[i % chords.length] ?? 220;
    const notes = [1, 1.25, 1.5, 2, 3].map((part, n) => tone(root * part, 500, rateHz, -24 - 4 * n));
    const drum = whiteNoise(500, rateHz, -16, i).map((sample, at) =>
      Math.round(sample * Math.exp(-at / 300)),
    );
    return notes.reduce(mix, drum);
  });
  return concatPcm(bars);
}

/** A burst of noise that swells and fades in a quarter of a second, every two seconds. */
function coughs(count: number): Pcm {
  return concatPcm(
    Array.from({ length: count }, (_, i) => {
      const burst = whiteNoise(250, rateHz, -12, i);
      return concatPcm([
        silence(1_750, rateHz),
        burst.map((sample, at) => Math.round(sample * Math.min(1, at / 80) * Math.exp(-at / 700))),
      ]);
    }),
  );
}

const noSpeech: readonly (readonly [what: string, audio: () => Pcm])[] = [
  ['silence', () => silence(20_000, rateHz)],
  ['the noise of a line', () => whiteNoise(60_000, rateHz, -50)],
  ['loud noise', () => whiteNoise(60_000, rateHz, -22)],
  ['music', () => music(60_000)],
  ['coughs', () => coughs(20)],
  ['ringback', () => concatPcm([1, 2, 3].flatMap(() => [tone(425, 1_000, rateHz), silence(3_000, rateHz)]))],
  [
    'keys',
    () =>
      concatPcm(
        [697, 770, 852].flatMap((low) => [
          mix(tone(low, 200, rateHz), tone(1_336, 200, rateHz)),
          silence(300, rateHz),
        ]),
      ),
  ],
];

describe('what is no speech', { concurrency: true }, () => {
  for (const [what, audio] of noSpeech) {
    test(`nobody is taken to speak in ${what}`, async () => {
      assert.deepEqual(await hearVoice(detector, audio()), []);
    });
  }
});

const answer =
  'In Seattle it is cloudy, with a high of fifty two degrees. Tomorrow there will be light rain.';

test('the bot’s own voice, back 20 dB weaker, is nobody who speaks while the bot does', async () => {
  await Promise.all(
    voices.map(async (voice) => {
      const echo = gain(await say(answer, voice), -20);
      assert.deepEqual(await hearVoice(detector, echo, -30), [], voice);
    }),
  );
});

test('a caller is noticed over the bot’s own voice', async () => {
  await Promise.all(
    voices.map(async (voice) => {
      const echo = gain(await say(answer, 'slt'), -20);
      const { audio, fromMs } = await utterance('what time is it in Tokyo', voice);
      const [first] = await hearVoice(detector, mix(echo, gain(audio, -6)), -30);
      assert.equal(first?.change, 'started', voice);
      assert.ok(first.knownMs - fromMs <= 300, `${voice}: ${first.knownMs - fromMs} ms`);
    }),
  );
});

/** Frames: half of what may wait. */
const mostAhead = 16;

test('callers are told apart, whatever the others say, and whatever pieces their audio comes in', async () => {
  const { audio } = await utterance('goodbye', 'rms');
  const alone = await frames(detector, audio);
  const stream = detector.open();
  const pieces: number[] = [];
  let reported = 0;
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  stream.onFrame(({ probability, samples }) => {
    pieces.push(probability);
    reported += samples;
    if (pieces.length === alone.length) ended();
  });
  const others = [1, 2, 3].map((seed) => frames(detector, whiteNoise(2_000, rateHz, -20, seed)));
  let at = 0;
  for (const size of Array.from({ length: 400 }, (_, i) => [160, 1, 0, 333][i % 4] ?? 0)) {
    stream.push(audio.subarray(at, at + size));
    at += size;
    // No faster than it is judged: what is too much would be left out.
    do await turns(10);
    while ((at - reported) / detector.frameSamples > mostAhead && pieces.length < alone.length);
  }
  await Promise.all([end, ...others]);
  // Rows of one run are rounded a little differently from a run of one row.
  pieces.forEach((probability, i) => {
    assert.ok(Math.abs(probability - (alone[i]?.probability ?? 0)) < 0.02, `frame ${i}`);
  });
});

test('audio that comes faster than it can be judged is reported whole, and what was not judged is counted', async () => {
  const before = detector.stats().dropped;
  const stream = detector.open();
  const audio = whiteNoise(4_096, rateHz, -30);
  let reported = 0;
  await new Promise<void>((resolve) => {
    stream.onFrame(({ samples }) => {
      reported += samples;
      if (reported === audio.length) resolve();
    });
    stream.push(audio);
  });
  stream.close();
  assert.equal(detector.stats().dropped - before, 128 - 32);
});

test('a listener that fails harms nobody, and the operator hears of it', async () => {
  const stream = detector.open();
  stream.onFrame(() => {
    throw new Error('the listener is broken');
  });
  stream.push(whiteNoise(320, rateHz, -30));
  assert.equal((await frames(detector, whiteNoise(320, rateHz, -30))).length, 40);
  stream.close();
  assert.ok(log.lines.some(({ message }) => message === 'a listener to a voice failed'));
});

test('nothing is reported of a stream that is closed', async () => {
  const stream = detector.open();
  stream.onFrame(() => assert.fail('it was closed'));
  stream.push(whiteNoise(320, rateHz, -30));
  stream.close();
  stream.push(whiteNoise(320, rateHz, -30));
  stream.close();
  await frames(detector, whiteNoise(320, rateHz, -30));
});

test('without its model it says so, and whatever is loud is taken for a voice', async () => {
  const own = recordingLog();
  const bare = createSileroDetector({ log: own, modelFile: '/nowhere.onnx' });
  await assert.rejects(bare.warmUp(), (error) => hasCode(error, 'vad-unavailable'));
  const loudAndSoft = concatPcm([whiteNoise(320, rateHz, -30), whiteNoise(320, rateHz, -50)]);
  const probabilities = (await frames(bare, loudAndSoft)).map(({ probability }) => probability);
  assert.deepEqual([...new Set(probabilities)], [1, 0]);
  assert.equal(own.lines.filter(({ level }) => level === 'error').length, 1, 'once, not for each frame');
  assert.equal(bare.stats().dropped, 20);
  await bare.close();
});

test('a detector that is closed leaves nothing behind', async () => {
  const before = resources();
  const own = createSileroDetector({ log });
  await own.warmUp();
  const stream = own.open();
  stream.push(whiteNoise(320, rateHz, -30));
  await Promise.all([own.close(), own.close()]);
  assert.throws(
    () => own.open(),
    (error) => hasCode(error, 'vad-unavailable'),
  );
  await turns(5);
  assert.deepEqual(resources(), before);
});
