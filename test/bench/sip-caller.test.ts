import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { authorize, isMd5, parseChallenge } from './callers/digest.ts';
import { holdCall } from './callers/hold-call.ts';
import {
  cseqOf,
  headerOf,
  parseSip,
  type SipMessage,
  type SipRequest,
  tagOf,
  uriOf,
  writeAnswer,
  writeSip,
} from './callers/message.ts';
import { Media } from './callers/rtp.ts';
import { mediaOf, sdpOf } from './callers/sdp.ts';
import { SipAgent } from './callers/sip-agent.ts';

const host = '127.0.0.1';

test('a SIP message is read with folded, repeated and abbreviated headers', () => {
  const text =
    'SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP b\r\nSubject: one\r\n two\r\n' +
    'CSeq: 7 INVITE\r\nt: "A; <b>" <sip:1000@127.0.0.1>;tag=x1\r\n\r\nbody';
  const message = parseSip(text);
  assert.ok(message?.kind === 'response');
  assert.equal(message.status, 180);
  assert.equal(message.reason, 'Ringing');
  assert.deepEqual(message.headers.get('via'), ['SIP/2.0/UDP a;branch=z9hG4bK1', 'SIP/2.0/UDP b']);
  assert.equal(headerOf(message, 'subject'), 'one two');
  assert.deepEqual(cseqOf(message), { number: 7, method: 'INVITE' });
  assert.equal(tagOf(headerOf(message, 'to')), 'x1');
  assert.equal(message.body, 'body');
  assert.equal(uriOf('"Parley" <sip:1000@127.0.0.1:5060;x=y>;tag=1'), 'sip:1000@127.0.0.1:5060;x=y');
  assert.equal(uriOf('sip:1000@127.0.0.1;tag=1'), 'sip:1000@127.0.0.1');
});

test('what is written can be read, and what is no SIP is not taken for it', () => {
  const message = parseSip(writeSip('BYE sip:a@b SIP/2.0', [['Call-ID', 'x']], 'ä'));
  assert.ok(message?.kind === 'request');
  assert.equal(message.method, 'BYE');
  assert.equal(message.uri, 'sip:a@b');
  assert.equal(headerOf(message, 'content-length'), '2');
  for (const text of ['', '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'SIP/2.0 200 OK\r\nVia\r\n\r\n'])
    assert.equal(parseSip(text), undefined);
});

test('a password is proved as the example of RFC 2617 does', () => {
  const challenge = parseChallenge(
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
  assert.ok(challenge && isMd5(challenge));
  const proof = authorize(challenge, {
    method: 'GET',
    uri: '/dir/index.html',
    user: 'Mufasa',
    password: 'Circle Of Life',
    cnonce: '0a4f113b',
  });
  assert.match(proof, /response="6629fae49393a05397450978507c4ef1"/);
  assert.match(proof, /qop=auth, nc=00000001, cnonce="0a4f113b", opaque="5ccc069c403ebaf9f0171e9517f40e41"$/);
  assert.equal(isMd5(parseChallenge('Digest realm="a", algorithm=SHA-256, nonce="b"') ?? new Map()), false);
  assert.equal(parseChallenge('Basic realm="a"'), undefined);
});

test('an offer names where audio is heard', () => {
  assert.deepEqual(mediaOf(sdpOf(host, 4_000)), { host, port: 4_000 });
  assert.equal(mediaOf('v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n'), undefined);
});

/** A server that answers by a script. */
async function startServer(
  context: TestContext,
  answer: (request: SipMessage, send: (text: string) => void) => void,
): Promise<{ readonly port: number; readonly requests: SipMessage[]; send(text: string): void }> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  context.after(() => void socket.close());
  const requests: SipMessage[] = [];
  let caller: RemoteInfo | undefined;
  const send = (text: string): void => socket.send(text, caller?.port ?? 0, host);
  socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
    caller = from;
    const message = parseSip(bytes.toString('latin1'));
    if (message === undefined) return;
    requests.push(message);
    answer(message, send);
  });
  return { port: socket.address().port, requests, send };
}

async function agentOf(context: TestContext, port: number): Promise<SipAgent> {
  const account = { user: '6099', password: 'secret', server: { host, port } };
  const agent = await SipAgent.open(account, host);
  context.after(() => agent.close(0));
  return agent;
}

function answered(request: SipRequest, port: number, mediaPort: number): string {
  const tagged = writeAnswer(
    request,
    '200 OK',
    [['Contact', `<sip:${host}:${port}>`]],
    sdpOf(host, mediaPort),
  );
  return tagged.replace(/^(To: .*)$/m, '$1;tag=server');
}

const methodsOf = (requests: readonly SipMessage[]): string[] =>
  requests.map((message) => (message.kind === 'request' ? message.method : String(message.status)));

test('a caller proves its password, speaks, keeps what it hears, and hangs up', async (context) => {
  const bot = createSocket('udp4');
  bot.bind(0, host);
  await once(bot, 'listening');
  context.after(() => void bot.close());
  // What the caller says is sent back in capitals, as it were: the packet with another payload.
  bot.on('message', (packet: Buffer, from: RemoteInfo) => {
    bot.send(Buffer.from(packet).fill(0x11, 12), from.port, host);
  });
  const server = await startServer(context, (request, send) => {
    if (request.kind !== 'request') return;
    if (request.method === 'INVITE' && headerOf(request, 'authorization') === '')
      send(
        writeAnswer(request, '401 Unauthorized', [
          ['WWW-Authenticate', 'Digest realm="r", nonce="n", qop="auth"'],
        ]),
      );
    else if (request.method === 'INVITE') {
      send(writeAnswer(request, '100 Trying'));
      send(answered(request, server.port, bot.address().port));
      // It was lost, for all that the server knows.
      send(answered(request, server.port, bot.address().port));
    } else if (request.method === 'BYE') send(writeAnswer(request, '200 OK'));
  });
  const agent = await agentOf(context, server.port);
  const media = await Media.open(1, host);
  context.after(() => {
    media.close();
  });
  const sound = new Uint8Array(1_600).fill(0x22);
  const held = await holdCall(agent, media, { number: '1000', host, at: 0, sound, bufferMs: 60 });
  const call = held();
  assert.ok(call.failure === undefined);
  assert.ok(call.heard.includes(0x11), 'what was heard is missing');
  assert.deepEqual(methodsOf(server.requests), ['INVITE', 'ACK', 'INVITE', 'ACK', 'ACK', 'BYE']);
  const [first, refusal, second, accepted] = server.requests;
  assert.ok(first && refusal && second && accepted);
  assert.equal(
    headerOf(refusal, 'via'),
    headerOf(first, 'via'),
    'a refusal is acknowledged in its transaction',
  );
  assert.notEqual(headerOf(accepted, 'via'), headerOf(second, 'via'), 'an answer in one of its own');
  assert.match(headerOf(accepted, 'to'), /;tag=server$/);
});

test('an INVITE that is lost is sent again', async (context) => {
  const server = await startServer(context, (request, send) => {
    if (request.kind !== 'request' || server.requests.length === 1) return;
    if (request.method === 'INVITE') send(writeAnswer(request, '486 Busy Here'));
  });
  const agent = await agentOf(context, server.port);
  const call = agent.call('1000', sdpOf(host, 4_000));
  await assert.rejects(call.answered, /^Error: 486 Busy Here$/);
  assert.deepEqual(methodsOf(server.requests).slice(0, 2), ['INVITE', 'INVITE']);
});

test('a caller who gives up while it rings cancels the call', async (context) => {
  let ringing: SipRequest | undefined;
  const server = await startServer(context, (request, send) => {
    if (request.kind !== 'request') return;
    if (request.method === 'INVITE') {
      ringing = request;
      send(writeAnswer(request, '180 Ringing'));
      call.hangUp();
    }
    if (request.method === 'CANCEL') {
      send(writeAnswer(request, '200 OK'));
      if (ringing) send(writeAnswer(ringing, '487 Request Terminated'));
    }
  });
  const agent = await agentOf(context, server.port);
  const call = agent.call('1000', sdpOf(host, 4_000));
  await assert.rejects(call.answered, /487/);
  await call.over;
  const [invite, cancel] = server.requests;
  assert.ok(invite && cancel);
  assert.deepEqual(methodsOf([invite, cancel]), ['INVITE', 'CANCEL']);
  assert.equal(headerOf(cancel, 'via'), headerOf(invite, 'via'));
});

test('a caller answers a new offer and notices that the bot hangs up', async (context) => {
  const inDialog = (method: string, cseq: number, body = ''): string =>
    writeSip(
      `${method} sip:6099@${host} SIP/2.0`,
      [
        ['Via', `SIP/2.0/UDP ${host};branch=z9hG4bK${cseq}`],
        ['From', '<sip:1000@127.0.0.1>;tag=server'],
        ['To', '<sip:6099@127.0.0.1>;tag=caller'],
        ['Call-ID', call.id],
        ['CSeq', `${cseq} ${method}`],
      ],
      body,
    );
  const server = await startServer(context, (request, send) => {
    if (request.kind !== 'request') {
      if (cseqOf(request).method === 'INVITE') send(inDialog('BYE', 2));
    } else if (request.method === 'INVITE') send(answered(request, server.port, 4_000));
    else if (request.method === 'ACK') send(inDialog('INVITE', 1, sdpOf(host, 4_002)));
  });
  const agent = await agentOf(context, server.port);
  const call = agent.call('1000', sdpOf(host, 4_000));
  assert.deepEqual(mediaOf(await call.answered), { host, port: 4_000 });
  assert.deepEqual(await call.over, { byOther: true });
  const answer = server.requests.find((message) => message.kind === 'response');
  assert.ok(answer);
  assert.deepEqual(mediaOf(answer.body), { host, port: 4_000 });
  server.send(inDialog('OPTIONS', 3));
});
