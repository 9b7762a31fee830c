import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { Relay, type RelayOptions } from '../../../app/phone/network/relay.ts';
import { audioAddressOf, callIdOf, withAudioAddress } from '../../../app/phone/network/sdp.ts';

const sdp = (port: number): string =>
  [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=call',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0 101`,
    `a=rtcp:${port + 1}`,
    'a=rtpmap:0 PCMU/8000',
    '',
  ].join('\r\n');

function sip(start: string, body: string, callId = 'call-1'): Buffer {
  const head = [
    start,
    `Call-ID: ${callId}`,
    'Content-Type: application/sdp',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

async function open(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return socket;
}

async function next(socket: Socket): Promise<{ message: Buffer; from: RemoteInfo }> {
  const [message, from] = (await once(socket, 'message', { signal: AbortSignal.timeout(5_000) })) as [
    Buffer,
    RemoteInfo,
  ];
  return { message, from };
}

/** A phone and a server with the relay between them, and a call that both have agreed on. */
async function stage(t: TestContext, network: RelayOptions['network']) {
  const [phone, phoneAudio, server, serverAudio] = await Promise.all([open(t), open(t), open(t), open(t)]);
  const relay = await Relay.start({
    server: { host: '127.0.0.1', port: server.address().port },
    network,
  });
  t.after(() => relay.close());
  phone.send(sip('INVITE sip:1000@127.0.0.1 SIP/2.0', sdp(phoneAudio.address().port)), relay.address.port);
  const invite = await next(server);
  server.send(sip('SIP/2.0 200 OK', sdp(serverAudio.address().port)), invite.from.port);
  const ok = await next(phone);
  return {
    relay,
    phoneAudio,
    serverAudio,
    /** Where each side is told to send audio. */
    forServer: audioAddressOf(invite.message)!,
    forPhone: audioAddressOf(ok.message)!,
  };
}

test('audio takes the relay both ways, and neither side learns the other’s port', async (t) => {
  const { relay, phoneAudio, serverAudio, forServer, forPhone } = await stage(t, {
    lossPercent: 0,
    jitterMs: 0,
    seed: 1,
  });
  assert.notEqual(forServer.port, phoneAudio.address().port);
  assert.notEqual(forPhone.port, serverAudio.address().port);
  phoneAudio.send('to the bot', forPhone.port);
  const there = await next(serverAudio);
  assert.equal(there.message.toString(), 'to the bot');
  assert.equal(there.from.port, forServer.port);
  serverAudio.send('to the caller', forServer.port);
  const back = await next(phoneAudio);
  assert.equal(back.message.toString(), 'to the caller');
  assert.equal(back.from.port, forPhone.port);
  assert.equal(relay.counts.toBot.passed, 1);
  assert.equal(relay.counts.toCaller.passed, 1);
});

test('packets are dropped and counted, the others come in order', async (t) => {
  const { relay, phoneAudio, serverAudio, forPhone } = await stage(t, {
    lossPercent: 20,
    jitterMs: 5,
    seed: 4,
  });
  const came: number[] = [];
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  serverAudio.on('message', (message) => {
    came.push(message.readUInt8(0));
    if (came.length === relay.counts.toBot.passed && came.length + relay.counts.toBot.dropped === 100)
      resolve(undefined);
  });
  for (let i = 0; i < 100; i++) phoneAudio.send(Buffer.from([i]), forPhone.port);
  await over;
  const { passed, dropped } = relay.counts.toBot;
  assert.equal(passed + dropped, 100);
  assert.ok(dropped > 8 && dropped < 35, `${dropped} dropped`);
  assert.deepEqual(
    came,
    came.toSorted((a, b) => a - b),
  );
});

test('a stranger’s packets are not passed on', async (t) => {
  const { phoneAudio, serverAudio, forPhone } = await stage(t, { lossPercent: 0, jitterMs: 0, seed: 1 });
  const stranger = await open(t);
  stranger.send('from a stranger', forPhone.port);
  await new Promise((resolve) => stranger.send('once more', forPhone.port, resolve));
  phoneAudio.send('from the phone', forPhone.port);
  assert.equal((await next(serverAudio)).message.toString(), 'from the phone');
});

test('only the place for audio is changed in a SIP message, and its length', () => {
  const message = sip('INVITE sip:1000@127.0.0.1 SIP/2.0', sdp(10_000));
  const changed = withAudioAddress(message, { host: '127.0.0.1', port: 9 });
  assert.deepEqual(audioAddressOf(changed), { host: '127.0.0.1', port: 9 });
  assert.equal(callIdOf(changed), 'call-1');
  const [head = '', body = ''] = changed.toString().split('\r\n\r\n');
  assert.match(head, new RegExp(`Content-Length: ${body.length}$`));
  assert.equal(body, sdp(10_000).replace('m=audio 10000', 'm=audio 9').replace('a=rtcp:10001\r\n', ''));
});

test('a SIP message without a place for audio says so', () => {
  assert.equal(audioAddressOf(sip('BYE sip:1000@127.0.0.1 SIP/2.0', '')), undefined);
});
