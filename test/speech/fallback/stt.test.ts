import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { whiteNoise } from '../../../app/audio/mix.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { GrowingPcm } from '../../../app/audio/growing-pcm.ts';
import { hasCode } from '../../../app/errors.ts';
import { createSttChain } from '../../../app/speech/fallback/stt.ts';
import type { Heard, ListenOptions } from '../../../app/speech/spec.ts';
import { type SttManner, unreliableStt } from '../../fakes/engines.ts';
import { chainStage } from './support.ts';

const rate = 16_000;
const piece: Pcm = whiteNoise(100, rate, -30);

function stageOf(manner: SttManner, ...others: readonly SttManner[]) {
  const stage = chainStage();
  const cloud = unreliableStt('cloud', manner);
  const own = unreliableStt('own', others[0] ?? 'works', { connects: false });
  const chain = createSttChain([cloud, own], stage);
  const call = new AbortController();
  /** An utterance that goes on until it is ended. */
  const speak = (more: Partial<ListenOptions> = {}) => {
    const audio = new GrowingPcm();
    const engines: string[] = [];
    const heard: Heard[] = [];
    const options = { language: 'en-US', sampleRateHz: rate, signal: call.signal, ...more };
    const text = (async () => {
      for await (const one of chain.listen(audio, { ...options, onEngine: (name) => engines.push(name) }))
        heard.push(one);
      const last = heard.at(-1);
      return last?.kind === 'final' ? last.text : undefined;
    })();
    text.catch(() => undefined);
    return { audio, engines, heard, text };
  };
  /** A whole utterance of half a second. */
  const utter = async (): Promise<string | undefined> => {
    const { audio, text } = speak();
    for (let count = 0; count < 5; count++) audio.push(piece);
    audio.end();
    await stage.clock.advance(0);
    return text;
  };
  return { ...stage, stage, cloud, own, chain, call, speak, utter };
}

async function nothingIsLeft({ cloud, own, stage, call }: ReturnType<typeof stageOf>): Promise<void> {
  await stage.clock.advance(0);
  assert.equal(cloud.running + own.running, 0, 'engines that still listen');
  assert.equal(getEventListeners(call.signal, 'abort').length, 0, 'listeners');
}

test('who works is heard, and nobody else is asked', async () => {
  const at = stageOf('works');
  assert.equal(await at.utter(), 'heard by cloud');
  assert.deepEqual(at.own.got, []);
  assert.deepEqual(at.failovers, []);
  await nothingIsLeft(at);
  assert.equal(at.clock.sleeping, 0);
});

for (const [manner, code] of [
  ['refuses', 'stt-unavailable'],
  ['breaks', 'stt-unavailable'],
  ['ends', 'stt-unavailable'],
  ['overloaded', 'speech-overloaded'],
] as const) {
  test(`a recogniser that ${manner} hands everything that was said to the next, at once`, async () => {
    const at = stageOf(manner);
    const { audio, engines, text } = at.speak();
    audio.push(piece);
    await at.clock.advance(0);
    audio.push(piece);
    await at.clock.advance(0);
    audio.push(piece);
    audio.end();
    assert.equal(await text, 'heard by own');
    assert.deepEqual(at.own.got, [3 * piece.length]);
    assert.deepEqual(engines, ['own']);
    assert.deepEqual(at.failovers, ['stt cloud > own: failed']);
    assert.deepEqual(at.failures, [`stt cloud: ${code}`]);
    await nothingIsLeft(at);
  });
}

test('a recogniser that does not reach its service is not waited for', async () => {
  const at = stageOf('unreachable');
  const { audio, text } = at.speak();
  audio.push(piece);
  await at.clock.advance(at.failover.connectMs - 1);
  assert.deepEqual(at.own.got, []);
  await at.clock.advance(1);
  audio.push(piece);
  audio.end();
  assert.equal(await text, 'heard by own');
  assert.deepEqual(at.own.got, [2 * piece.length]);
  assert.deepEqual(at.failovers, ['stt cloud > own: connect']);
  assert.deepEqual(at.failures, ['stt cloud: stt-unavailable']);
  await nothingIsLeft(at);
});

test('beside a recogniser that tells nothing the next listens along, so that nobody waits at the end', async () => {
  const at = stageOf('hangs');
  const { audio, text } = at.speak();
  audio.push(piece);
  await at.clock.advance(at.failover.firstResultMs);
  audio.push(piece);
  audio.end();
  assert.equal(await text, 'heard by own');
  assert.deepEqual(at.failovers, ['stt cloud > own: first-result']);
  assert.deepEqual(at.failures, ['stt cloud: stt-unavailable']);
  await nothingIsLeft(at);
});

test('a final result that does not come is waited for no longer than its deadline', async () => {
  const at = stageOf('no final');
  const { audio, text } = at.speak();
  audio.push(piece);
  audio.end();
  await at.clock.advance(at.failover.finalResultMs - 1);
  assert.deepEqual(at.own.got, []);
  await at.clock.advance(1);
  assert.equal(await text, 'heard by own');
  assert.deepEqual(at.failovers, ['stt cloud > own: final-result']);
  await nothingIsLeft(at);
});

test('who was late and is ready first after all is heard, and was no failure', async () => {
  const at = stageOf('late', 'hangs');
  const { audio, text, engines } = at.speak();
  audio.push(piece);
  audio.end();
  await at.clock.advance(at.failover.finalResultMs);
  assert.equal(at.own.got.length, 1);
  at.cloud.release();
  assert.equal(await text, 'heard by cloud');
  assert.deepEqual([at.failovers, at.failures, engines], [[], [], ['cloud']]);
  await nothingIsLeft(at);
});

test('who heard nothing in a noise where others hear nothing either did not fail', async () => {
  const at = stageOf('late', 'deaf');
  const { audio, text } = at.speak();
  audio.push(piece);
  await at.clock.advance(at.failover.firstResultMs);
  audio.end();
  assert.equal(await text, '');
  assert.deepEqual(at.failures, []);
  await nothingIsLeft(at);
});

test('who fails again and again is left alone, and taken back when it answers again', async () => {
  const at = stageOf('refuses');
  for (let turn = 0; turn < at.failover.failures; turn++) assert.equal(await at.utter(), 'heard by own');
  const asked = at.cloud.got.length;
  assert.equal(await at.utter(), 'heard by own');
  assert.equal(at.cloud.got.length, asked, 'it was not asked');
  assert.deepEqual(at.states, ['stt cloud up', 'stt own up', 'stt cloud down']);

  await at.clock.advance(at.failover.retryMs);
  assert.equal(at.cloud.got.length, asked + 1, 'it was tried once');
  at.cloud.manner = 'works';
  await at.clock.advance(at.failover.retryMs - 1);
  assert.equal(await at.utter(), 'heard by own');
  await at.clock.advance(1);
  assert.equal(await at.utter(), 'heard by cloud');
  assert.deepEqual(at.states.slice(3), ['stt cloud up']);
  const messages = at.log.lines.map(({ message }) => message).filter((message) => /alone|back/.test(message));
  assert.deepEqual(messages, ['a speech engine is left alone', 'a speech engine is taken back']);
  assert.equal(at.clock.sleeping, 0);
  await nothingIsLeft(at);
});

test('an engine that hangs when it is tried is given up in time, and tried again', async () => {
  const at = stageOf('refuses');
  for (let turn = 0; turn < at.failover.failures; turn++) await at.utter();
  at.cloud.manner = 'hangs';
  await at.clock.advance(at.failover.retryMs + at.failover.connectMs + at.failover.finalResultMs);
  assert.equal(at.cloud.running, 0);
  at.cloud.manner = 'works';
  await at.clock.advance(at.failover.retryMs);
  assert.equal(await at.utter(), 'heard by cloud');
});

test('when nobody else is left, one that is left alone is asked all the same', async () => {
  const at = stageOf('refuses');
  for (let turn = 0; turn < at.failover.failures; turn++) await at.utter();
  at.cloud.manner = 'works';
  at.own.manner = 'refuses';
  assert.equal(await at.utter(), 'heard by cloud');
});

test('when all fail the caller is told why', async () => {
  const at = stageOf('breaks', 'refuses');
  const { audio, text } = at.speak();
  audio.push(piece);
  await assert.rejects(
    text,
    (error) => hasCode(error, 'stt-unavailable') && /own .*refuses/.test(error.message),
  );
  await nothingIsLeft(at);
});

test('a caller who hangs up speaks against nobody', async () => {
  for (const manner of ['hangs', 'unreachable', 'no final'] as const) {
    const at = stageOf(manner);
    const { audio, text } = at.speak();
    audio.push(piece);
    await at.clock.advance(at.failover.firstResultMs);
    const reason = new Error('hung up');
    at.call.abort(reason);
    await assert.rejects(text, (error) => error === reason);
    assert.deepEqual([at.failures, at.failovers], [[], []]);
    await nothingIsLeft(at);
    assert.equal(at.clock.sleeping, 0);
  }
});

test('what goes wrong with the audio speaks against nobody', async () => {
  const at = stageOf('works');
  const broken = new Error('the line broke');
  async function* breaking(): AsyncGenerator<Pcm> {
    yield await Promise.resolve(piece);
    throw broken;
  }
  const listening = at.chain.listen(breaking(), {
    language: 'en-US',
    sampleRateHz: rate,
    signal: at.call.signal,
  });
  await assert.rejects(async () => {
    for await (const heard of listening) assert.ok(heard);
  }, broken);
  assert.deepEqual(at.failures, []);
  await nothingIsLeft(at);
});

test('more than a minute is refused', async () => {
  const at = stageOf('works');
  const { audio, text } = at.speak();
  for (let count = 0; count <= 600; count++) audio.push(piece);
  await assert.rejects(text, (error) => hasCode(error, 'stt-rejected'));
  await nothingIsLeft(at);
});

test('members that do not know the language are passed over', async () => {
  const stage = chainStage();
  const cloud = unreliableStt('cloud', 'works', { languages: ['es-ES'] });
  const own = unreliableStt('own');
  const chain = createSttChain([cloud, own], stage);
  assert.deepEqual(chain.can.languages, ['es-ES', 'en-US']);
  const finalOf = async (language: string): Promise<string> => {
    const signal = new AbortController().signal;
    for await (const { kind, text } of chain.listen(silent(), { language, sampleRateHz: rate, signal }))
      if (kind === 'final') return text;
    return '';
  };
  assert.equal(await finalOf('en-US'), 'heard by own');
  assert.equal(await finalOf('es-ES'), 'heard by cloud');
  await assert.rejects(finalOf('tlh'), (error) => hasCode(error, 'stt-rejected'));
});

test('a member that does not work at the rate of the calls is refused at start-up, by its name', () => {
  const cloud = unreliableStt('cloud', 'works', { sampleRatesHz: [44_100] });
  assert.throws(
    () => createSttChain([unreliableStt('own'), cloud], chainStage()),
    (error) => hasCode(error, 'provider-mismatch') && /cloud .*44100.*16000/.test(error.message),
  );
});

test('one engine that is ready is enough to begin; what the others lack is told', async () => {
  const at = stageOf('refuses');
  await at.chain.warmUp([]);
  assert.equal((await at.log.next('a speech engine could not be prepared')).level, 'warn');
  at.own.manner = 'refuses';
  await assert.rejects(at.chain.warmUp([]), (error) => hasCode(error, 'stt-unavailable'));
});

test('closing ends the engines, what is said, and what tries those that are left alone', async () => {
  const at = stageOf('refuses', 'hangs');
  const running = Array.from({ length: at.failover.failures }, () => at.speak());
  for (const { audio } of running) audio.push(piece);
  await at.clock.advance(0);
  assert.deepEqual(at.states.at(-1), 'stt cloud down');
  await Promise.all([at.chain.close(), at.chain.close()]);
  for (const { text } of running) await assert.rejects(text, (error) => hasCode(error, 'stt-unavailable'));
  assert.ok(at.cloud.closed && at.own.closed);
  await nothingIsLeft(at);
  assert.equal(at.clock.sleeping, 0);
});

function silent(): AsyncIterable<Pcm> {
  const audio = new GrowingPcm();
  audio.end();
  return audio;
}
