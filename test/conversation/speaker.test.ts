import assert from 'node:assert/strict';
import { before, mock, test } from 'node:test';
import { Prompts } from '../../app/conversation/prompts.ts';
import { type Sentence, Speaker } from '../../app/conversation/speaker.ts';
import { createTtsChain } from '../../app/speech/fallback/tts.ts';
import type { TextToSpeech } from '../../app/speech/spec.ts';
import { type TtsManner, unreliableTts } from '../fakes/engines.ts';
import { chainStage } from '../speech/fallback/support.ts';

const never = new AbortController().signal;
const fixed = ['Which city, please?', 'Goodbye, and thanks for calling! Call again.'];
const sentences = ['Which city, please?', 'Goodbye, and thanks for calling!', 'Call again.'];
const rate = 16_000;
let prompts: Prompts;

before(async () => {
  prompts = await Prompts.load(new URL('../../sounds/', import.meta.url).pathname, 'en-US', rate);
});

/** A bot that speaks by the cloud and has an engine of its own besides. */
function stageOf(manner: TtsManner) {
  const stage = chainStage();
  const cloud = unreliableTts('cloud', 400, { manner });
  const own = unreliableTts('own', 1_000);
  const made: { speaker?: Speaker } = {};
  const prepared: Promise<void>[] = [];
  const prepare = (): void => {
    if (made.speaker) prepared.push(made.speaker.prepare(fixed, never));
  };
  const tts = createTtsChain([cloud, own], { ...stage, onChange: prepare });
  const speaker = new Speaker({
    tts,
    prompts,
    language: 'en-US',
    sampleRateHz: rate,
    deadlineMs: 5_000,
    keptBytes: 0,
  });
  made.speaker = speaker;
  prepare();
  return { ...stage, cloud, own, speaker, prepared };
}

/** How a sentence is said, and by whom. */
async function say(speaker: Speaker, text: string): Promise<{ ready: boolean; engine: string | undefined }> {
  const found: Sentence[] = [];
  for await (const sentence of speaker.sentences([text], never)) found.push(sentence);
  const [first] = found;
  assert.ok(first);
  const { audio } = first.speech;
  const ready = audio instanceof Int16Array;
  if (!ready) for await (const piece of audio) assert.ok(piece.length > 0);
  return { ready, engine: first.engine?.() };
}

test('fixed sentences are ready before they are needed, by the engine that speaks', async () => {
  const at = stageOf('works');
  await Promise.all(at.prepared);
  for (const text of sentences)
    assert.deepEqual(await say(at.speaker, text), { ready: true, engine: 'cloud' });
  assert.deepEqual(await say(at.speaker, 'It is sunny.'), { ready: false, engine: 'cloud' });
});

test('when another engine speaks from now on it makes them too, and what was made before is kept', async () => {
  const at = stageOf('works');
  await Promise.all(at.prepared);
  at.cloud.manner = 'refuses';
  for (let count = 0; count < at.failover.failures; count++)
    assert.deepEqual(await say(at.speaker, 'It is sunny.'), { ready: false, engine: 'own' });
  await Promise.all(at.prepared);
  for (const text of sentences) assert.deepEqual(await say(at.speaker, text), { ready: true, engine: 'own' });
  const asked = at.cloud.asked.length;
  at.cloud.manner = 'works';
  await at.clock.advance(at.failover.retryMs);
  await Promise.all(at.prepared);
  for (const text of sentences)
    assert.deepEqual(await say(at.speaker, text), { ready: true, engine: 'cloud' });
  assert.equal(at.cloud.asked.length, asked + 1, 'only the probe was asked for');
});

test('an engine that is dead from the start is not asked for each of them', async () => {
  const at = stageOf('refuses');
  while (at.prepared.length < 2) await at.clock.advance(0);
  await Promise.all(at.prepared);
  assert.equal(at.cloud.asked.length, at.failover.failures);
  for (const text of sentences) assert.deepEqual(await say(at.speaker, text), { ready: true, engine: 'own' });
});

test('a long sentence may take its time as long as sound comes; one that stalls fails with the engine’s name', async () => {
  const piece = new Int16Array(160);
  const engine = (pieces: number, stalls: boolean): TextToSpeech => ({
    name: 'slow',
    can: { streaming: true, languages: ['en-US'], voices: ['one'], sampleRatesHz: [rate] },
    async *speak(_text, { signal }) {
      for (let i = 0; i < pieces; i++) {
        mock.timers.tick(40);
        signal.throwIfAborted();
        yield piece;
      }
      if (!stalls) return;
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        queueMicrotask(() => mock.timers.tick(100));
      });
    },
    close: () => Promise.resolve(),
  });
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const speakerOf = (tts: TextToSpeech): Speaker =>
      new Speaker({ tts, prompts, language: 'en-US', sampleRateHz: rate, deadlineMs: 100, keptBytes: 0 });
    await say(speakerOf(engine(20, false)), 'It takes eight times as long as a sound may be waited for.');
    await assert.rejects(say(speakerOf(engine(2, true)), 'It stalls.'), {
      code: 'tts-unavailable',
      message: /no sound came for 100 ms/,
    });
  } finally {
    mock.timers.reset();
  }
});
