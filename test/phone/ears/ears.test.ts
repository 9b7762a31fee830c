import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decodeMuLaw, encodeMuLaw } from '../../../app/audio/g711.ts';
import { silence } from '../../../app/audio/mix.ts';
import { concatPcm, type Audio, type Pcm } from '../../../app/audio/pcm.ts';
import { createEars, type Ears } from '../../../app/phone/ears/ears.ts';
import { expectation } from '../../../app/phone/ears/expectation.ts';
import { speechWeights } from '../../../app/setup/speech-weights.ts';
import { createLocalTts, type LocalTts } from '../../../app/speech/local/tts.ts';
import { testCacheDir } from '../../support/asterisk.ts';
import { fileOwner } from '../../support/owner.ts';

/** Real ears on the bot's own voice, as it comes through a telephone. */

const owner = fileOwner();
const sampleRateHz = 8_000;
let ears: Ears;
let tts: LocalTts;

before(async () => {
  const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal: owner.signal });
  ears = createEars({ modelDir });
  tts = createLocalTts();
  owner.after(() => ears.close());
  owner.after(() => tts.close());
});

async function spoken(text: string, voice = 'slt'): Promise<Audio> {
  const pieces: Pcm[] = [];
  const options = { sampleRateHz, language: 'en-US', voice, signal: owner.signal };
  for await (const piece of tts.speak(text, options)) pieces.push(piece);
  const margin = silence(120, sampleRateHz);
  return {
    samples: concatPcm([margin, decodeMuLaw(encodeMuLaw(concatPcm(pieces))), margin]),
    sampleRateHz,
  };
}

test('a sentence of the bot is understood', async () => {
  const audio = await spoken('I can tell you the weather in any city, and read you the news.', 'rms');
  const text = await ears.recognise(audio, owner);
  assert.ok(expectation('weather').matches(text), text);
  assert.ok(expectation('news').matches(text), text);
});

test('silence is nothing', async () => {
  assert.equal(await ears.recognise({ samples: silence(1000, sampleRateHz), sampleRateHz }, owner), '');
});

// Sentences in which the recogniser by itself writes something else ("In one by its thirty three degrees").
for (const [text, said, notSaid] of [
  ["In Mumbai it's thirty three degrees with cloudy skies right now.", 'mumbai', 'london'],
  ["In Vienna it's twelve degrees with fog right now.", 'vienna', 'geneva'],
  ["It's thirty one degrees in Cairo right now, with sunshine.", 'cairo', 'paris'],
  ["It's half past two in the afternoon in Cape Town.", 'cape town', 'georgetown'],
] as const) {
  test(`"${said}" is found where it was said, and "${notSaid}" is not`, async () => {
    const audio = await spoken(text);
    const found = await ears.spot(audio, ['nothing of the kind', said], owner);
    assert.ok(found !== undefined && expectation(said).matches(found), found);
    assert.equal(await ears.spot(audio, [notSaid], owner), undefined);
  });
}

test('fourteen is not taken for forty', async () => {
  const audio = await spoken(
    'Tomorrow in Madrid, expect sunshine, between fourteen and twenty seven degrees.',
  );
  assert.equal(await ears.spot(audio, ['40'], owner), undefined);
});

test('whoever has stopped waiting is not kept', async () => {
  const audio = await spoken('Hello.');
  const gone = AbortSignal.abort(new Error('gone'));
  await assert.rejects(ears.recognise(audio, { signal: gone }), /gone/);
});
