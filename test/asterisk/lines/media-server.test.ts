import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MediaServer } from '../../../app/asterisk/lines/media-server.ts';
import { readWav } from '../../../app/audio/wav.ts';

async function serve(t: TestContext) {
  let nowMs = 0;
  const media = await MediaServer.start({ bind: '127.0.0.1', port: 0, monotonicMs: () => nowMs });
  t.after(() => media.close());
  return { media, pass: (ms: number) => (nowMs += ms) };
}

const audio = (sampleRateHz: number, ...samples: number[]) => ({
  samples: Int16Array.from(samples),
  sampleRateHz,
});
const get = (mediaUri: string) => fetch(mediaUri.replace(/^sound:/, ''));

test('Asterisk fetches 8 kHz as a WAV file and 16 kHz as raw samples', async (t) => {
  const { media } = await serve(t);
  const narrow = await get(media.offer(audio(8_000, 1, -2)).mediaUri);
  assert.equal(narrow.headers.get('content-type'), 'audio/wav');
  assert.equal(readWav(new Uint8Array(await narrow.arrayBuffer())).sampleRateHz, 8_000);
  const wide = media.offer(audio(16_000, 1, -2)).mediaUri;
  assert.match(wide, /\.sln16$/);
  assert.deepEqual([...new Uint8Array(await (await get(wide)).arrayBuffer())], [1, 0, 0xfe, 0xff]);
});

test('an address is used again only when Asterisk has found its file stale', async (t) => {
  const { media, pass } = await serve(t);
  const first = media.offer(audio(16_000, 1));
  const tag = (await get(first.mediaUri)).headers.get('etag');
  first.release();
  assert.equal((await get(first.mediaUri)).status, 404);
  const second = media.offer(audio(16_000, 2));
  assert.notEqual(second.mediaUri, first.mediaUri);

  pass(7_000);
  const third = media.offer(audio(16_000, 3));
  assert.equal(third.mediaUri, first.mediaUri);
  const response = await get(third.mediaUri);
  assert.notEqual(response.headers.get('etag'), tag);
  assert.equal(response.headers.get('cache-control'), 'max-age=5');
});

test('an address that is given back twice is not given out twice', async (t) => {
  const { media, pass } = await serve(t);
  const slot = media.offer(audio(16_000, 1));
  slot.release();
  slot.release();
  pass(7_000);
  assert.notEqual(media.offer(audio(16_000, 2)).mediaUri, media.offer(audio(16_000, 3)).mediaUri);
});

test('who does not know the secret part of the address hears nothing', async (t) => {
  const { media } = await serve(t);
  const { mediaUri } = media.offer(audio(8_000, 1));
  for (const guess of [mediaUri.replace(/\/[0-9a-f]{192}/, ''), mediaUri.replace(/[0-9a-f]\/say/, 'x/say')]) {
    assert.equal((await get(guess)).status, 404);
  }
});

test('a prompt keeps its address and stays fresh for a day', async (t) => {
  const { media } = await serve(t);
  const uri = media.keep('greeting-1a2b', audio(8_000, 1));
  assert.equal(media.keep('greeting-1a2b', audio(8_000, 1)), uri);
  assert.equal((await get(uri)).headers.get('cache-control'), 'max-age=86400');
});

test('the address under which Asterisk reaches the app can be another one', async (t) => {
  const media = await MediaServer.start({ bind: '127.0.0.1', port: 0, url: 'http://app:8080/' });
  t.after(() => media.close());
  assert.match(
    media.offer(audio(8_000, 1)).mediaUri,
    /^sound:http:\/\/app:8080\/[0-9a-f]{192}\/say\/1\.wav$/,
  );
});

test('an address that is taken, or is none of this machine, is named', async () => {
  const first = await MediaServer.start({ bind: '127.0.0.1', port: 0 });
  try {
    const port = Number(
      new URL(first.offer({ samples: new Int16Array(1), sampleRateHz: 8_000 }).mediaUri.slice(6)).port,
    );
    await assert.rejects(MediaServer.start({ bind: '127.0.0.1', port }), {
      code: 'media-server-unavailable',
      message: new RegExp(`127\\.0\\.0\\.1:${port}: .*EADDRINUSE`),
    });
    await assert.rejects(MediaServer.start({ bind: '203.0.113.9', port: 0 }), {
      code: 'media-server-unavailable',
      message: /203\.0\.113\.9:0: .*EADDRNOTAVAIL/,
    });
  } finally {
    await first.close();
  }
});
