import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whiteNoise } from '../../../app/audio/mix.ts';
import { concatPcm } from '../../../app/audio/pcm.ts';
import { type ErrorCode, hasCode } from '../../../app/errors.ts';
import { createAzureTts } from '../../../app/speech/azure/tts.ts';
import { turns } from '../../contract/speech.ts';
import { manualClock } from '../../fakes/clock.ts';
import type { Behaviour } from '../../fakes/azure-speech/spec.ts';
import { azureConfig, failsWith, setUp } from './support.ts';

const deadlineMs = azureConfig({}).deadlineMs;

test('nothing in a text is taken for markup, and all of it is said', async (t) => {
  const { fake, say } = await setUp(t);
  const texts = [
    'Tom & Jerry: 3 < 4 > 2, "so" it\'s',
    '</voice></speak><speak><voice name="x">I am somebody else',
    '<break time="10s"/> &amp; &#x1F600; <![CDATA[ x ]]> <!-- y -->',
    '¿Qué tal? Ça va? 東京 😀',
  ];
  for (const text of texts) await say(text);
  // The fake refuses what is not well formed, as the service does.
  assert.deepEqual(
    fake.orders.map((order) => order.text),
    texts,
  );
});

test('a character that XML does not have is a space', async (t) => {
  const { fake, say } = await setUp(t);
  const all = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (c) => !/\s/.test(c),
  );
  for (let at = 0; at < all.length; at += 4_000) await say(`a${all.slice(at, at + 4_000).join('')}z`);
  for (const { text } of fake.orders) assert.doesNotMatch(text, /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u);
  await say('bell\u0007 null\u0000 escape\u001b[31m lone\ud800 \udfff line\r\n\r\nend');
  assert.equal(fake.orders.at(-1)?.text, 'bell  null  escape [31m lone    line    end');
});

test('the voice is that of the language, unless another one is configured', async (t) => {
  const voices = { 'en-US': 'en-US-GuyNeural', 'de-CH': `de-CH-"Leni"&co` };
  const { fake, say } = await setUp(t, { config: { languages: ['en-US', 'es-ES', 'de-CH'], voices } });
  await say('Hello.');
  await say('Hola.', { language: 'es-ES' });
  await say('Grüezi.', { language: 'de-CH' });
  await say('Hello.', { voice: 'es-ES-ElviraNeural' });
  assert.deepEqual(
    fake.orders.map(({ language, voice }) => [language, voice]),
    [
      ['en-US', 'en-US-GuyNeural'],
      ['es-ES', 'es-ES-ElviraNeural'],
      ['de-CH', `de-CH-"Leni"&co`],
      ['en-US', 'es-ES-ElviraNeural'],
    ],
  );
});

test('a language without a voice is refused at start-up', () => {
  const config = azureConfig({ key: 'k', region: 'westeurope', languages: ['en-US', 'gsw-CH'] });
  assert.throws(
    () => createAzureTts({ config }),
    (error) =>
      hasCode(error, 'provider-not-configured') && /speech\.azure\.voices.*gsw-CH/.test(error.message),
  );
});

test('the rate is told only when it is not the voice’s own', async (t) => {
  const slow = await setUp(t, { config: { rate: 0.85 } });
  await slow.say();
  assert.equal(slow.fake.orders[0]?.rate, '0.85');
  const usual = await setUp(t);
  await usual.say();
  assert.equal(usual.fake.orders[0]?.rate, undefined);
});

test('what is heard is what the service made, sample by sample, without a header, at each rate', async (t) => {
  const made = new Map([8_000, 16_000, 24_000].map((rate) => [rate, whiteNoise(700, rate, -20)]));
  const { fake, tts, say } = await setUp(t, {
    speaks: ({ sampleRateHz }) => made.get(sampleRateHz) ?? new Int16Array(),
  });
  for (const rate of tts.can.sampleRatesHz)
    assert.deepEqual(concatPcm(await say('Hello.', { sampleRateHz: rate })), made.get(rate));
  assert.deepEqual(
    fake.orders.map(({ outputFormat }) => outputFormat),
    ['raw-8khz-16bit-mono-pcm', 'raw-16khz-16bit-mono-pcm', 'raw-24khz-16bit-mono-pcm'],
  );
});

test('the first sound is there before the last is made', async (t) => {
  const { fake, tts } = await setUp(t);
  fake.behave('no-final');
  const { signal } = new AbortController();
  const options = { language: 'en-US', sampleRateHz: 16_000, signal };
  const pieces = tts.speak('One two three four.', options)[Symbol.asyncIterator]();
  const first = await pieces.next();
  assert.ok(!first.done && first.value.length > 0);
  await pieces.return?.();
  await fake.when(() => fake.orders.length === 1);
});

test('one connection serves sentence after sentence', async (t) => {
  const { fake, say } = await setUp(t, { config: { prepared: 1 } });
  for (const sentence of ['One.', 'Two.', 'Three.']) await say(sentence);
  await fake.when(() => fake.openSockets === 2);
  assert.equal(fake.connections.length, 2);
  assert.equal(fake.orders.length, 3);
});

test('a sentence that was cut off is not heard at the beginning of the next one', async (t) => {
  const made = whiteNoise(2_000, 16_000, -20);
  const { fake, tts, say } = await setUp(t, { speaks: () => made });
  const hangUp = new AbortController();
  const options = { language: 'en-US', sampleRateHz: 16_000, signal: hangUp.signal };
  for await (const piece of tts.speak('A long story.', options)) {
    assert.ok(piece.length > 0);
    break;
  }
  assert.deepEqual(concatPcm(await say('Another one.')), made);
  assert.ok(fake.connections.length > 1);
});

const troubles: readonly (readonly [Behaviour, ErrorCode])[] = [
  ['401', 'speech-key-refused'],
  ['403', 'speech-key-refused'],
  ['404', 'tts-rejected'],
  ['429', 'speech-overloaded'],
  ['500', 'tts-unavailable'],
  ['reset-midway', 'tts-unavailable'],
  ['close-midway', 'tts-unavailable'],
  ['throttled', 'speech-overloaded'],
  ['bad-request', 'tts-rejected'],
];

for (const [behaviour, code] of troubles) {
  test(`a service that misbehaves (${behaviour}) is asked once and told as ${code}`, async (t) => {
    const { fake, say } = await setUp(t, { config: { prepared: 0 } });
    fake.behave(behaviour);
    await failsWith(code, say());
    await turns(50);
    assert.equal(fake.connections.length, 1);
  });
}

for (const behaviour of ['silent', 'late', 'garbage', 'no-final'] as const) {
  test(`a service that leaves the caller waiting (${behaviour}) is given up after the deadline`, async (t) => {
    const clock = manualClock();
    const { fake, say } = await setUp(t, { clock, config: { prepared: 0 } });
    fake.behave(behaviour);
    const failed = failsWith('tts-unavailable', say());
    await fake.when(() => fake.openSockets === 1);
    if (behaviour !== 'silent') await fake.when(() => fake.orders.length === 1);
    await turns(100);
    await clock.advance(deadlineMs);
    assert.match((await failed).message, new RegExp(`no audio came for ${deadlineMs} ms`));
    await fake.when(() => fake.openSockets === 0);
  });
}

test('a caller who hangs up while the service hangs leaves no connection', async (t) => {
  const { fake, say } = await setUp(t);
  fake.behave('no-upgrade');
  const hangUp = new AbortController();
  const speaking = say('Hello.', { signal: hangUp.signal });
  await fake.when(() => fake.connections.length === 1);
  hangUp.abort(new Error('hung up'));
  await assert.rejects(speaking, /hung up/);
  await fake.when(() => fake.openSockets === 0);
});

test('asked whether it can be used, it tells where the service is and its voices, or why not', async (t) => {
  const { fake, tts } = await setUp(t);
  assert.ok(tts.probe);
  const { signal } = new AbortController();
  assert.equal(
    await tts.probe({ signal }),
    `${new URL(fake.url).host}, en-US-JennyNeural, es-ES-ElviraNeural`,
  );
  fake.behave('401');
  await failsWith('speech-key-refused', tts.probe({ signal }));
});
