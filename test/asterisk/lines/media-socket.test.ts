import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocketServer, type WebSocket } from 'ws';
import { linearCodec } from '../../../app/asterisk/lines/media-codec.ts';
import { MediaSocket, type MediaSocketOptions } from '../../../app/asterisk/lines/media-socket.ts';
import { tone } from '../../../app/audio/mix.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { pcmToBytes } from '../../../app/audio/pcm.ts';
import { hasCode } from '../../../app/errors.ts';
import { recordingLog } from '../../fakes/log.ts';

const sampleRateHz = 8_000;
const never = new AbortController().signal;
/** Of silence, after all that is played. */
const tailMs = 40;

/** The other end of a media socket: keeps what it gets and plays nothing until it is told to. */
class Peer {
  readonly #server: WebSocketServer;
  #socket: WebSocket | undefined;
  readonly audioBytes: number[] = [];
  /** Of all messages: a command, or audio. */
  readonly order: string[] = [];
  readonly commands: { command: string; correlation_id?: string }[] = [];
  authorization: string | undefined;
  protocol = '';
  /** Whether marks are answered at once, as by an Asterisk that plays infinitely fast. */
  playing = true;
  #changed: () => void = () => undefined;

  constructor(t: TestContext, options: { readonly greet?: boolean } = {}) {
    this.#server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    this.#server.on('connection', (socket, request) => {
      this.#socket = socket;
      this.authorization = request.headers.authorization;
      this.protocol = socket.protocol;
      socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(data, isBinary));
      if (options.greet !== false) this.tell({ event: 'MEDIA_START', optimal_frame_size: 320 });
    });
    t.after(() => {
      for (const client of this.#server.clients) client.terminate();
      this.#server.close();
    });
  }

  async url(): Promise<string> {
    if (this.#server.address() === null) await once(this.#server, 'listening');
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/media/some-name`;
  }

  get heardMs(): number {
    return this.audioBytes.reduce((sum, bytes) => sum + bytes, 0) / 16;
  }

  get longestMessage(): number {
    return Math.max(...this.audioBytes);
  }

  tell(event: object): void {
    this.#socket?.send(JSON.stringify(event));
  }

  sendAudio(samples: Pcm): void {
    this.#socket?.send(pcmToBytes(samples), { binary: true });
  }

  end(): void {
    this.#socket?.close();
  }

  /** Plays what has come, from now on at once. */
  play(): void {
    this.playing = true;
    for (const { command, correlation_id } of this.commands)
      if (command === 'MARK_MEDIA') this.tell({ event: 'MEDIA_MARK_PROCESSED', correlation_id });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  #take(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.order.push('audio');
      this.audioBytes.push(data.length);
    } else {
      const command = JSON.parse(data.toString()) as { command: string; correlation_id?: string };
      this.order.push(command.command);
      this.commands.push(command);
      if (this.playing && command.command === 'MARK_MEDIA')
        this.tell({ event: 'MEDIA_MARK_PROCESSED', correlation_id: command.correlation_id });
    }
    this.#changed();
  }
}

async function connect(peer: Peer, options: Partial<MediaSocketOptions> = {}): Promise<MediaSocket> {
  return MediaSocket.connect({
    url: await peer.url(),
    user: 'parley',
    password: 'secret',
    codec: linearCodec('slin16', sampleRateHz),
    log: recordingLog(),
    onAudio: () => undefined,
    connectDeadlineMs: 5_000,
    signal: never,
    ...options,
  });
}

test('it connects with the user and password of ARI and the subprotocol of media', async (t) => {
  const peer = new Peer(t);
  const media = await connect(peer);
  t.after(() => media.close());
  assert.equal(peer.authorization, `Basic ${Buffer.from('parley:secret').toString('base64')}`);
  assert.equal(peer.protocol, 'media');
});

test('what the caller says comes as PCM, and digits as digits', async (t) => {
  const peer = new Peer(t);
  const heard: Pcm[] = [];
  const digit = Promise.withResolvers<string>();
  const media = await connect(peer, {
    onAudio: (samples) => heard.push(samples),
    onDigit: (pressed) => digit.resolve(pressed),
  });
  t.after(() => media.close());
  peer.sendAudio(new Int16Array([1, -2, 3]));
  peer.tell({ event: 'SOMETHING_NEW' });
  peer.tell({ event: 'DTMF_END', digit: '5' });
  assert.equal(await digit.promise, '5');
  assert.deepEqual(heard, [new Int16Array([1, -2, 3])]);
});

test('a long answer is sent in small messages and never more than some seconds ahead of what was played', async (t) => {
  const peer = new Peer(t);
  peer.playing = false;
  const media = await connect(peer);
  t.after(() => media.close());
  const said = media.play(tone(400, 30_000, sampleRateHz), { signal: never });
  await peer.until(() => peer.heardMs >= 8_000);
  // One more round trip: whatever would still be sent has been.
  peer.tell({ event: 'NOTHING' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(peer.heardMs, 8_000);
  assert.ok(peer.longestMessage < 65_500);
  peer.play();
  assert.deepEqual(await said, { completed: true, heardMs: 30_000 });
  assert.equal(peer.heardMs, 30_000 + tailMs);
});

test('one sentence follows another without a hole: silence waits behind the last mark', async (t) => {
  const peer = new Peer(t);
  peer.playing = false;
  const media = await connect(peer);
  t.after(() => media.close());
  for (let sentence = 1; sentence <= 2; sentence++) {
    const said = media.play(tone(400, 500, sampleRateHz), { signal: never });
    await peer.until(() => peer.order.at(-1) === 'audio' && peer.heardMs >= sentence * (500 + tailMs));
    peer.play();
    assert.deepEqual(await said, { completed: true, heardMs: 500 });
  }
  const piece = ['audio', 'MARK_MEDIA'];
  const sentence = ['MARK_MEDIA', ...piece, ...piece, ...piece, 'audio'];
  assert.deepEqual(peer.order, [...sentence, ...sentence]);
});

test('it waits while Asterisk asks for a pause', async (t) => {
  const peer = new Peer(t);
  const digit = Promise.withResolvers<string>();
  const media = await connect(peer, { onDigit: (pressed) => digit.resolve(pressed) });
  t.after(() => media.close());
  peer.tell({ event: 'MEDIA_XOFF' });
  peer.tell({ event: 'DTMF_END', digit: '1' });
  await digit.promise;
  const said = media.play(tone(400, 1_000, sampleRateHz), { signal: never });
  assert.equal(peer.heardMs, 0);
  peer.tell({ event: 'MEDIA_XON' });
  assert.equal((await said).completed, true);
  assert.equal(peer.heardMs, 1_000 + tailMs);
});

test('pieces of any length are sent as whole frames, the last one filled up with silence', async (t) => {
  const peer = new Peer(t);
  const media = await connect(peer);
  t.after(() => media.close());
  async function* pieces(): AsyncGenerator<Pcm> {
    await Promise.resolve();
    for (const length of [1, 159, 161, 7, 1000]) yield new Int16Array(length);
  }
  const said = await media.play(pieces(), { signal: never });
  assert.deepEqual(said, { completed: true, heardMs: 180 });
  assert.ok(peer.audioBytes.every((bytes) => bytes % 320 === 0));
});

test('a stop throws away what waits in Asterisk and tells how much was heard', async (t) => {
  const peer = new Peer(t);
  peer.playing = false;
  const media = await connect(peer);
  t.after(() => media.close());
  const stop = new AbortController();
  const said = media.play(tone(400, 5_000, sampleRateHz), { signal: stop.signal });
  await peer.until(() => peer.heardMs >= 5_000);
  stop.abort();
  const { completed, heardMs } = await said;
  assert.equal(completed, false);
  assert.ok(heardMs <= 200, `${heardMs} ms`);
  await peer.until(() => peer.commands.at(-1)?.command === 'FLUSH_MEDIA');
});

test('a stop is heeded even while a slow synthesiser makes the next piece', async (t) => {
  const peer = new Peer(t);
  const media = await connect(peer);
  t.after(() => media.close());
  const stop = new AbortController();
  async function* slow(): AsyncGenerator<Pcm> {
    yield tone(400, 200, sampleRateHz);
    await new Promise(() => undefined);
  }
  const said = media.play(slow(), { signal: stop.signal });
  await peer.until(() => peer.heardMs >= 200);
  stop.abort();
  assert.equal((await said).completed, false);
});

test('a connection that is lost while something is played is a hang-up', async (t) => {
  const peer = new Peer(t);
  peer.playing = false;
  const lost = Promise.withResolvers<string>();
  const media = await connect(peer, { onLost: (reason) => lost.resolve(reason) });
  const said = media.play(tone(400, 1_000, sampleRateHz), { signal: never });
  await peer.until(() => peer.heardMs >= 1_000);
  peer.end();
  await assert.rejects(said, (error) => hasCode(error, 'line-hung-up'));
  assert.match(await lost.promise, /closed/);
  assert.ok(media.over.aborted);
});

test('closing rejects what is being played, and may be done twice', async (t) => {
  const peer = new Peer(t);
  peer.playing = false;
  const media = await connect(peer);
  const said = media.play(tone(400, 1_000, sampleRateHz), { signal: never });
  media.close();
  media.close();
  await assert.rejects(said, (error) => hasCode(error, 'line-hung-up'));
});

test('a synthesiser that fails fails the playing, and the next thing can be played', async (t) => {
  const peer = new Peer(t);
  const media = await connect(peer);
  t.after(() => media.close());
  async function* broken(): AsyncGenerator<Pcm> {
    yield tone(400, 40, sampleRateHz);
    await Promise.reject(new Error('out of breath'));
  }
  await assert.rejects(media.play(broken(), { signal: never }), /out of breath/);
  assert.equal((await media.play(tone(400, 100, sampleRateHz), { signal: never })).completed, true);
});

test('an Asterisk that is not there, or never begins, is said to be unreachable', async (t) => {
  const silent = new Peer(t, { greet: false });
  const unreachable = (error: unknown): boolean => hasCode(error, 'ari-unreachable');
  await assert.rejects(connect(silent, { connectDeadlineMs: 50 }), unreachable);
  await assert.rejects(connect(silent, { url: 'ws://127.0.0.1:1/media/x' }), unreachable);
});

test('a listener that throws does not harm the call', async (t) => {
  const peer = new Peer(t);
  const log = recordingLog();
  const digit = Promise.withResolvers<string>();
  const media = await connect(peer, {
    log,
    onAudio: () => {
      throw new Error('clumsy');
    },
    onDigit: (pressed) => digit.resolve(pressed),
  });
  t.after(() => media.close());
  peer.sendAudio(new Int16Array(160));
  peer.tell({ event: 'DTMF_END', digit: '9' });
  assert.equal(await digit.promise, '9');
  assert.equal(log.lines[0]?.message, 'a listener failed');
});
