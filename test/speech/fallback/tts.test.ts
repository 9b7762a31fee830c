import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import { hasCode } from '../../../app/errors.ts';
import { createTtsChain } from '../../../app/speech/fallback/tts.ts';
import type { SpeakOptions } from '../../../app/speech/spec.ts';
import { msPerWord, type TtsManner, unreliableTts } from '../../fakes/engines.ts';
import { chainStage } from './support.ts';

const rate = 16_000;
const text = 'the sun will shine in Seattle';
const words = text.split(' ').length;
const [cloudHz, ownHz] = [400, 1_000];

function stageOf(manner: TtsManner, other: TtsManner = 'works') {
  const stage = chainStage();
  const cloud = unreliableTts('cloud', cloudHz, { manner });
  const own = unreliableTts('own', ownHz, { manner: other });
  const chain = createTtsChain([cloud, own], stage);
  const call = new AbortController();
  const say = (more: Partial<SpeakOptions> = {}) => {
    const engines: string[] = [];
    const pieces: Pcm[] = [];
    const options = { language: 'en-US', sampleRateHz: rate, signal: call.signal, ...more };
    const said = (async () => {
      for await (const piece of chain.speak(text, { ...options, onEngine: (name) => engines.push(name) }))
        pieces.push(piece);
      return concatPcm(pieces);
    })();
    said.catch(() => undefined);
    return { engines, pieces, said };
  };
  return { ...stage, stage, cloud, own, chain, call, say };
}

/** Milliseconds of each engine's tone in the audio, told apart by how often it crosses zero. */
function voicesIn(audio: Pcm): { cloud: number; own: number } {
  const window = rate / 100;
  const found = { cloud: 0, own: 0 };
  for (let at = 0; at + window <= audio.length; at += window) {
    let crossings = 0;
    for (let i = at + 1; i < at + window; i++)
      if ((audio[i] ?? 0) >= 0 !== (audio[i - 1] ?? 0) >= 0) crossings += 1;
    if (crossings > 14) found.own += 10;
    else if (crossings > 4) found.cloud += 10;
  }
  return found;
}

async function nothingIsLeft({ cloud, own, stage, call }: ReturnType<typeof stageOf>): Promise<void> {
  await stage.clock.advance(0);
  assert.equal(cloud.running + own.running, 0, 'engines that still speak');
  assert.equal(getEventListeners(call.signal, 'abort').length, 0, 'listeners');
  assert.equal(stage.clock.sleeping, 0, 'deadlines');
}

test('who works is heard, and nobody else is asked', async () => {
  const at = stageOf('works');
  const { said, engines } = at.say();
  assert.equal((await said).length, (words * msPerWord * rate) / 1000);
  assert.deepEqual([engines, at.own.asked, at.failovers], [['cloud'], [], []]);
  await nothingIsLeft(at);
});

test('a synthesiser that refuses is replaced at once, and nothing is missing', async () => {
  const at = stageOf('refuses');
  const { said, engines } = at.say();
  const { cloud, own } = voicesIn(await said);
  assert.ok(cloud === 0 && own >= words * (msPerWord - 60), `${own} ms`);
  assert.deepEqual(engines, ['own']);
  assert.deepEqual(at.failovers, ['tts cloud > own: failed']);
  assert.deepEqual(at.failures, ['tts cloud: tts-unavailable']);
  await nothingIsLeft(at);
});

test('a first sound that does not come is waited for no longer than its deadline', async () => {
  const at = stageOf('hangs');
  const { said, engines } = at.say();
  await at.clock.advance(at.failover.firstSoundMs - 1);
  assert.deepEqual(at.own.asked, []);
  await at.clock.advance(1);
  await said;
  assert.deepEqual(engines, ['own']);
  assert.deepEqual(at.failovers, ['tts cloud > own: first-sound']);
  await nothingIsLeft(at);
});

for (const [manner, reason] of [
  ['breaks', 'failed'],
  ['stalls', 'stalled'],
] as const) {
  test(`a synthesiser that ${manner} in the middle of a sentence: another voice says the rest of it`, async () => {
    const at = stageOf(manner);
    const { said, engines } = at.say();
    await at.clock.advance(at.failover.firstSoundMs);
    const audio = await said;
    const { cloud, own } = voicesIn(audio);
    assert.ok(Math.abs(cloud - 2 * (msPerWord - 40)) <= 40, `${cloud} ms of the first`);
    assert.ok(Math.abs(own - (words - 2) * (msPerWord - 40)) <= (words - 2) * 20, `${own} ms of the second`);
    assert.deepEqual(engines, ['cloud', 'own']);
    assert.deepEqual(at.failovers, [`tts cloud > own: ${reason}`]);
    assert.equal(at.own.asked[0]?.text, text);
    await nothingIsLeft(at);
  });
}

test('the last one is waited for however long it takes', async () => {
  const at = stageOf('refuses', 'hangs');
  const { said } = at.say();
  await at.clock.advance(60_000);
  assert.equal(at.own.running, 1);
  at.call.abort(new Error('hung up'));
  await assert.rejects(said, /hung up/);
  await nothingIsLeft(at);
});

test('when all fail the caller is told why', async () => {
  const at = stageOf('refuses', 'refuses');
  await assert.rejects(
    at.say().said,
    (error) => hasCode(error, 'tts-unavailable') && error.message.includes('own'),
  );
  await nothingIsLeft(at);
});

test('who fails again and again is left alone, and taken back when it is heard again', async () => {
  const at = stageOf('refuses');
  for (let count = 0; count < at.failover.failures; count++) await at.say().said;
  assert.equal(at.chain.servedBy?.('en-US'), 'own');
  const asked = at.cloud.asked.length;
  await at.say().said;
  assert.equal(at.cloud.asked.length, asked, 'it was not asked');
  at.cloud.manner = 'works';
  await at.clock.advance(at.failover.retryMs);
  assert.equal(at.chain.servedBy?.('en-US'), 'cloud');
  const { said, engines } = at.say();
  await said;
  assert.deepEqual(engines, ['cloud']);
  assert.deepEqual(at.states, ['tts cloud up', 'tts own up', 'tts cloud down', 'tts cloud up']);
  await nothingIsLeft(at);
});

test('a caller who hangs up, and one who listens no longer, speak against nobody', async () => {
  const at = stageOf('works');
  for (let count = 0; count < 5; count++) {
    for await (const piece of at.chain.speak(text, {
      language: 'en-US',
      sampleRateHz: rate,
      signal: at.call.signal,
    })) {
      assert.ok(piece.length > 0);
      break;
    }
  }
  await nothingIsLeft(at);
  at.cloud.manner = 'hangs';
  const { said } = at.say();
  await at.clock.advance(0);
  at.call.abort(new Error('hung up'));
  await assert.rejects(said, /hung up/);
  assert.deepEqual([at.failures, at.failovers, at.states.length], [[], [], 2]);
  await nothingIsLeft(at);
});

test('each speaks with a voice of its own', async () => {
  const at = stageOf('refuses');
  await at.say({ voice: "cloud's voice" }).said;
  assert.deepEqual([at.cloud.asked[0]?.voice, at.own.asked[0]?.voice], ["cloud's voice", undefined]);
  await assert.rejects(at.say({ voice: 'nobody' }).said, (error) => hasCode(error, 'tts-rejected'));
});

test('members that do not speak the language are passed over', async () => {
  const stage = chainStage();
  const cloud = unreliableTts('cloud', cloudHz, { languages: ['es-ES'] });
  const own = unreliableTts('own', ownHz);
  const chain = createTtsChain([cloud, own], stage);
  const say = async (language: string): Promise<void> => {
    const signal = new AbortController().signal;
    for await (const piece of chain.speak(text, { language, sampleRateHz: rate, signal })) assert.ok(piece);
  };
  await say('en-US');
  await say('es-ES');
  assert.deepEqual([cloud.asked.length, own.asked.length], [1, 1]);
  assert.deepEqual([chain.servedBy?.('en-US'), chain.servedBy?.('es-ES')], ['own', 'cloud']);
  await assert.rejects(say('tlh'), (error) => hasCode(error, 'tts-rejected'));
});

test('closing ends the engines, what is said, and what tries those that are left alone', async () => {
  const at = stageOf('refuses');
  for (let count = 0; count < at.failover.failures; count++) await at.say().said;
  at.own.manner = 'hangs';
  const { said } = at.say();
  await at.clock.advance(0);
  await Promise.all([at.chain.close(), at.chain.close()]);
  await assert.rejects(said, (error) => hasCode(error, 'tts-unavailable'));
  assert.ok(at.cloud.closed && at.own.closed);
  await nothingIsLeft(at);
});
