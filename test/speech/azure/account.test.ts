import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { systemClock } from '../../../app/ops/clock.ts';
import { Account } from '../../../app/speech/azure/account.ts';
import { createAzureStt } from '../../../app/speech/azure/stt.ts';
import { createAzureTts } from '../../../app/speech/azure/tts.ts';
import { turns } from '../../contract/speech.ts';
import { startAzureSpeech } from '../../fakes/azure-speech/server.ts';
import { manualClock } from '../../fakes/clock.ts';
import { azureConfig, failsWith, key, setUp } from './support.ts';

const incomplete: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
  [{}, /speech\.azure\.key .*speech\.azure\.region/],
  [{ region: 'westeurope' }, /without speech\.azure\.key \(or keyFile, or tokenUrl\)\./],
  [{ key }, /without speech\.azure\.region/],
];

for (const [azure, says] of incomplete) {
  test(`with ${Object.keys(azure).join(' and ') || 'nothing'} alone it is refused at start-up, and the missing fields are named`, () => {
    for (const create of [createAzureStt, createAzureTts])
      assert.throws(
        () => create({ config: azureConfig(azure) }),
        (error) =>
          hasCode(error, 'provider-not-configured') &&
          says.test(error.message) &&
          !error.message.includes(key),
      );
  });
}

test('a container needs neither key nor region', async (t) => {
  const fake = await startAzureSpeech();
  t.after(() => fake.close());
  const stt = createAzureStt({ config: azureConfig({ sttUrl: fake.url }) });
  t.after(() => stt.close());
  await stt.probe?.({ signal: t.signal });
  assert.equal(fake.connections[0]?.headers['ocp-apim-subscription-key'], undefined);
  assert.equal(fake.connections[0]?.path, '/speech/recognition/conversation/cognitiveservices/v1');
  // The container for the one has nothing to do with the other.
  assert.throws(
    () => createAzureTts({ config: azureConfig({ sttUrl: fake.url }) }),
    (error) => hasCode(error, 'provider-not-configured'),
  );
});

test('an address with a path is taken as it is', async (t) => {
  const fake = await startAzureSpeech({ key });
  t.after(() => fake.close());
  const sttUrl = `${fake.url}/stt/speech/universal/v2?cid=my-model`;
  const stt = createAzureStt({ config: azureConfig({ key, sttUrl }) });
  t.after(() => stt.close());
  await stt.probe?.({ signal: t.signal });
  assert.equal(fake.connections[0]?.path, '/stt/speech/universal/v2');
  assert.equal(fake.connections[0]?.query.get('cid'), 'my-model');
  assert.equal(fake.connections[0]?.query.get('language'), 'en-US');
});

test('a resource with an address of its own is asked there, for both kinds', async (t) => {
  const endpoint = 'https://parley.cognitiveservices.azure.com/';
  for (const kind of ['stt', 'tts'] as const) {
    const account = new Account(kind, azureConfig({ key, endpoint }), systemClock);
    const { sdk, config } = await account.open(t.signal);
    assert.equal(
      config.getProperty(sdk.PropertyId[sdk.PropertyId.SpeechServiceConnection_Endpoint]),
      endpoint,
    );
    assert.equal(account.place, 'parley.cognitiveservices.azure.com');
  }
});

test('with a region it goes to the region’s own hosts, through the proxy', async (t) => {
  const asked: (readonly [string | undefined, string | undefined])[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push([request.url, request.headers['proxy-authorization']]);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const config = azureConfig({ key, region: 'westeurope', proxy: `http://me:pass%20word@127.0.0.1:${port}` });
  const [stt, tts] = [createAzureStt({ config }), createAzureTts({ config })];
  t.after(() => Promise.all([stt.close(), tts.close()]));
  assert.ok(stt.probe && tts.probe);
  await failsWith('stt-unavailable', stt.probe({ signal: t.signal }));
  await failsWith('tts-unavailable', tts.probe({ signal: t.signal }));
  const authorization = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
  assert.deepEqual(asked, [
    ['westeurope.stt.speech.microsoft.com:443', authorization],
    ['westeurope.tts.speech.microsoft.com:443', authorization],
  ]);
});

const minuteMs = 60_000;

test('with tokens the service never sees the key, and there is always a fresh one', async (t) => {
  const clock = manualClock();
  const { fake, hear, say } = await setUp(t, { clock, config: { prepared: 0 }, tokens: true });
  await hear();
  await hear();
  assert.deepEqual(fake.tokens, ['token-1']);
  // After eight minutes the next one is fetched, but nobody waits for it.
  await clock.advance(8.5 * minuteMs);
  await hear();
  await fake.when(() => fake.tokens.length === 2);
  await turns(50);
  await hear();
  // One that may have run out is not used.
  await clock.advance(9.6 * minuteMs);
  await hear();
  await say();
  assert.deepEqual(
    fake.connections.map(({ headers }) => headers.authorization),
    ['token-1', 'token-1', 'token-1', 'token-2', 'token-3', 'token-4'].map((token) => `Bearer ${token}`),
  );
  for (const { headers, query } of fake.connections)
    assert.doesNotMatch(JSON.stringify([headers, ...query]), /nobody-may-read/);
});

test('a token that the service refuses is not used again', async (t) => {
  const { fake, hear } = await setUp(t, { tokens: true });
  await hear();
  fake.forgetTokens();
  fake.dropSockets();
  await turns(50);
  await failsWith('speech-key-refused', hear());
  assert.equal((await hear()).at(-1)?.kind, 'final');
});

test('eight callers at once need one token', async (t) => {
  const { fake, hear } = await setUp(t, { config: { prepared: 0 }, tokens: true });
  await Promise.all(Array.from({ length: 8 }, () => hear()));
  assert.equal(fake.tokens.length, 1);
});

test('that no token can be had is told, and why', async (t) => {
  const { fake } = await setUp(t);
  const probe = (tokenUrl: string, own = key): Promise<unknown> => {
    const stt = createAzureStt({ config: azureConfig({ key: own, sttUrl: fake.url, tokenUrl }) });
    t.after(() => stt.close());
    return stt.probe?.({ signal: t.signal }) ?? assert.fail();
  };
  await failsWith('speech-key-refused', probe(fake.tokenUrl, 'another'));
  assert.match((await failsWith('stt-unavailable', probe(`${fake.tokenUrl}/nowhere`))).message, /HTTP 501/);
  assert.match((await failsWith('stt-unavailable', probe('http://127.0.0.1:1/'))).message, /tokens/);
});
