import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rmsDbfs } from '../../app/audio/level.ts';
import { silence, tone } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { createScriptedStt, type ScriptedSttOptions } from '../../app/speech/scripted/stt.ts';
import { createScriptedTts, type ScriptedTtsOptions } from '../../app/speech/scripted/tts.ts';
import { collect, pieces } from '../contract/speech.ts';
import { manualClock } from '../fakes/clock.ts';

const rateHz = 8_000;
const options = { sampleRateHz: rateHz, language: 'en-US', signal: new AbortController().signal };
const utterance = tone(300, 500, rateHz);

async function hearAll(script: ScriptedSttOptions, ...utterances: Int16Array[]): Promise<string[]> {
  const stt = createScriptedStt(script);
  const texts: string[] = [];
  for (const one of utterances) {
    const [heard] = await collect(stt.listen(pieces(one), options));
    texts.push(heard?.text ?? 'nothing came');
  }
  return texts;
}

async function say(script: ScriptedTtsOptions, text: string): Promise<Int16Array> {
  return concatPcm(await collect(createScriptedTts(script).speak(text, options)));
}

test('a list is heard in order, silence takes nothing of it, and after it nothing is heard', async () => {
  const heard = await hearAll(
    { hears: ['one', 'two'] },
    utterance,
    silence(500, rateHz),
    utterance,
    utterance,
  );
  assert.deepEqual(heard, ['one', '', 'two', '']);
});

test('a function hears what it makes of the audio', async () => {
  const hears: ScriptedSttOptions['hears'] = ({ samples, sampleRateHz }, turn) =>
    `${turn}: ${samples.length / sampleRateHz} s`;
  assert.deepEqual(await hearAll({ hears }, utterance, tone(300, 250, rateHz)), ['0: 0.5 s', '1: 0.25 s']);
});

test('a scripted recogniser tells what came to it', async () => {
  const stt = createScriptedStt();
  await collect(
    stt.listen(pieces(utterance, utterance), { ...options, phrases: { id: 'cities', phrases: [] } }),
  );
  assert.deepEqual([stt.utterancesMs, stt.phraseSets], [[1_000], ['cities']]);
});

test('a text is as long as its words', async () => {
  const samples = await say({ msPerWord: 100 }, 'one two, three.');
  assert.equal(samples.length, 0.3 * rateHz);
  assert.ok(rmsDbfs(samples) > -30);
  assert.equal(rmsDbfs(await say({ sound: 'silence' }, 'one two')), -Infinity);
});

test('a text may have a sound of its own, at any rate', async () => {
  const recorded = new Map([['hello', { samples: tone(500, 100, 16_000), sampleRateHz: 16_000 }]]);
  assert.equal((await say({ recorded }, 'hello')).length, 0.1 * rateHz);
});

test('both answer when their clock says so, and not before', async () => {
  const clock = manualClock();
  const stt = createScriptedStt({ delayMs: 300, clock, hears: ['late'] });
  const tts = createScriptedTts({ delayMs: 300, clock });
  let answers = 0;
  const waiting = Promise.all(
    [collect(stt.listen(pieces(utterance), options)), collect(tts.speak('hello', options))].map((answer) =>
      answer.then(() => answers++),
    ),
  );
  await clock.advance(299);
  assert.equal(answers, 0);
  await clock.advance(1);
  await waiting;
  assert.equal(answers, 2);
});

test('a scripted synthesiser tells what it was given', async () => {
  const tts = createScriptedTts();
  await collect(tts.speak('hello', options));
  assert.deepEqual(tts.spoken, ['hello']);
});
