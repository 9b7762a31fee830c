import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whiteNoise } from '../../../app/audio/mix.ts';
import { concatPcm } from '../../../app/audio/pcm.ts';
import type { ErrorCode } from '../../../app/errors.ts';
import { pieces, turns } from '../../contract/speech.ts';
import { manualClock } from '../../fakes/clock.ts';
import type { Behaviour } from '../../fakes/azure-speech/spec.ts';
import { azureConfig, failsWith, setUp, speech } from './support.ts';

const deadlineMs = azureConfig({}).deadlineMs;

test('language, rate, phrases, the detailed format and the longest silence reach the service', async (t) => {
  const { fake, hear } = await setUp(t);
  const phrases = { id: 'cities', phrases: ['Oslo', 'Bergen'] };
  await hear(speech(500, 8_000), { language: 'es-ES', sampleRateHz: 8_000, phrases });
  const [utterance] = fake.utterances;
  assert.equal(utterance?.language, 'es-ES');
  assert.equal(utterance.sampleRateHz, 8_000);
  assert.deepEqual(utterance.phrases, ['Oslo', 'Bergen']);
  assert.equal(utterance.format, 'detailed');
  assert.match(JSON.stringify(utterance.context), /"segmentationSilenceTimeoutMs":5000/);
  assert.equal(fake.connections[0]?.headers['ocp-apim-subscription-key'], 'a-key-that-nobody-may-read');
});

test('what the caller said arrives unchanged', async (t) => {
  const { fake, hear } = await setUp(t);
  for (const rate of [8_000, 16_000]) {
    const samples = whiteNoise(333, rate, -25);
    // Views into larger buffers, of any length.
    const cuts = [
      samples.subarray(0, 7),
      samples.subarray(7, 2_000),
      new Int16Array(0),
      samples.subarray(2_000),
    ];
    await hear(pieces(...cuts), { sampleRateHz: rate });
    assert.deepEqual(fake.utterances.at(-1)?.samples, concatPcm(cuts));
  }
});

test('what the service cut into segments is one utterance, as sure as its parts', async (t) => {
  const { hear } = await setUp(t, {
    hears: () => [
      { text: 'Call extension', confidence: 0.9 },
      { text: '6001.', confidence: 0.3 },
    ],
  });
  const final = (await hear()).at(-1);
  assert.ok(final?.kind === 'final');
  assert.equal(final.text, 'Call extension 6001.');
  assert.equal(final.confidence.toFixed(3), ((0.9 * 14 + 0.3 * 5) / 19).toFixed(3));
});

test('of many phrases the service gets 500, from the whole of the list', async (t) => {
  const { fake, hear } = await setUp(t);
  const phrases = Array.from({ length: 5_522 }, (_, at) => `phrase ${at}`);
  await hear(speech(), { phrases: { id: 'all', phrases } });
  const sent = fake.utterances[0]?.phrases ?? [];
  assert.equal(new Set(sent).size, 500);
  assert.ok(sent.includes('phrase 0'));
  assert.ok(sent.some((phrase) => Number(phrase.split(' ')[1]) > 5_500));
});

test('of a caller who made no sound at all the service is not asked', async (t) => {
  const { fake, hear } = await setUp(t);
  assert.deepEqual(await hear(pieces()), [{ kind: 'final', text: '', confidence: 0 }]);
  assert.equal(fake.utterances.length, 0);
});

test('it is told when the service is reached', async (t) => {
  const { hear } = await setUp(t);
  let reached = 0;
  await hear(speech(), { onConnected: () => reached++ });
  assert.equal(reached, 1);
});

test('the next utterance finds a connection that was made ahead, each has its own', async (t) => {
  const { fake, hear } = await setUp(t, { config: { prepared: 1 } });
  await hear();
  await fake.when(() => fake.connections.length === 2 && fake.openSockets === 1);
  await hear();
  // Its own was there; the one for the utterance after it is new.
  await fake.when(() => fake.connections.length === 3 && fake.openSockets === 1);
  assert.equal(fake.utterances.length, 2);
});

test('each language and rate has connections of its own', async (t) => {
  const { fake, hear } = await setUp(t, { config: { prepared: 1 } });
  await hear();
  await hear(speech(), { language: 'es-ES' });
  await hear(speech(500, 8_000), { sampleRateHz: 8_000 });
  assert.deepEqual(
    fake.utterances.map(({ language, sampleRateHz }) => [language, sampleRateHz]),
    [
      ['en-US', 16_000],
      ['es-ES', 16_000],
      ['en-US', 8_000],
    ],
  );
  await fake.when(() => fake.connections.length === 6 && fake.openSockets === 3);
});

test('a connection that was made long ago is not used any more', async (t) => {
  const clock = manualClock();
  const { fake, hear } = await setUp(t, { clock, config: { prepared: 1 } });
  await hear();
  await fake.when(() => fake.connections.length === 2 && fake.openSockets === 1);
  await clock.advance(61_000);
  await hear();
  await fake.when(() => fake.connections.length === 4 && fake.openSockets === 1);
  assert.equal(fake.utterances.length, 2);
});

test('a connection that the service closed while it waited is passed over', async (t) => {
  const { fake, hear } = await setUp(t, { config: { prepared: 2 } });
  await hear();
  await fake.when(() => fake.connections.length === 3 && fake.openSockets === 2);
  fake.dropSockets();
  await fake.when(() => fake.openSockets === 0);
  // That it was closed has come to this side too.
  await turns(50);
  assert.equal((await hear()).at(-1)?.kind, 'final');
});

const refusals: readonly (readonly [Behaviour, ErrorCode])[] = [
  ['401', 'speech-key-refused'],
  ['403', 'speech-key-refused'],
  ['404', 'stt-rejected'],
  ['429', 'speech-overloaded'],
  ['500', 'stt-unavailable'],
];

for (const [status, code] of refusals) {
  test(`a service that answers ${status} is asked once, and its answer is told as ${code}`, async (t) => {
    const { fake, hear } = await setUp(t);
    fake.behave(status);
    await failsWith(code, hear());
    assert.equal(fake.connections.length, 1);
  });
}

const breaks: readonly (readonly [Behaviour, ErrorCode])[] = [
  ['reset-midway', 'stt-unavailable'],
  ['close-midway', 'stt-unavailable'],
  ['throttled', 'speech-overloaded'],
  ['bad-request', 'stt-rejected'],
];

for (const [behaviour, code] of breaks) {
  test(`a service that goes away while the caller speaks (${behaviour}) is not connected to again, but told as ${code}`, async (t) => {
    const { fake, hear } = await setUp(t, { config: { prepared: 0 } });
    fake.behave(behaviour);
    async function* endless(): AsyncGenerator<Int16Array> {
      yield* speech();
      await new Promise(() => undefined);
    }
    await failsWith(code, hear(endless()));
    await fake.when(() => fake.openSockets === 0);
    assert.equal(fake.connections.length, 1);
  });
}

for (const behaviour of ['silent', 'no-final', 'late', 'garbage', 'garbled'] as const) {
  test(`a service that leaves the caller waiting (${behaviour}) is given up after the deadline`, async (t) => {
    const clock = manualClock();
    const { fake, hear } = await setUp(t, { clock, config: { prepared: 0 } });
    fake.behave(behaviour);
    const failed = failsWith('stt-unavailable', hear());
    await fake.when(() => fake.endings === 1);
    await clock.whenSleeping(1);
    await clock.advance(deadlineMs);
    assert.match((await failed).message, new RegExp(`within ${deadlineMs} ms`));
    await fake.when(() => fake.openSockets === 0);
  });
}

test('a service that takes the connection and never answers is given up after the deadline', async (t) => {
  const clock = manualClock();
  const { fake, hear } = await setUp(t, { clock });
  fake.behave('no-upgrade');
  const failed = failsWith('stt-unavailable', hear());
  await fake.when(() => fake.connections.length === 1);
  await clock.advance(deadlineMs);
  assert.match((await failed).message, /could not be reached/);
  await fake.when(() => fake.openSockets === 0);
});

test('a caller who hangs up while the service hangs leaves no connection', async (t) => {
  const { fake, hear } = await setUp(t);
  fake.behave('no-upgrade');
  const hangUp = new AbortController();
  const listening = hear(speech(), { signal: hangUp.signal });
  await fake.when(() => fake.connections.length === 1);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(listening, /hung up/);
  await fake.when(() => fake.openSockets === 0);
});

test('where nobody listens it says so', async (t) => {
  const { fake, hear } = await setUp(t);
  await fake.close();
  assert.match((await failsWith('stt-unavailable', hear())).message, /ECONNREFUSED/);
});

test('after a failure the service is used again as soon as it is well', async (t) => {
  const { fake, hear } = await setUp(t);
  fake.behave('reset-midway', { times: 1 });
  await failsWith('stt-unavailable', hear());
  const final = (await hear()).at(-1);
  assert.ok(final?.kind === 'final');
  assert.equal(final.text, 'help');
});

test('an utterance without an end is refused', async (t) => {
  const { hear } = await setUp(t);
  await failsWith('stt-rejected', hear(pieces(whiteNoise(121_000, 16_000, -25))));
});

test('asked whether it can be used, it tells where the service is, or why not', async (t) => {
  const { fake, stt } = await setUp(t);
  assert.ok(stt.probe);
  const { signal } = new AbortController();
  assert.equal(await stt.probe({ signal }), new URL(fake.url).host);
  fake.behave('401');
  await failsWith('speech-key-refused', stt.probe({ signal }));
});
