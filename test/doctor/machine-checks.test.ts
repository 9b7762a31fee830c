import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { tone, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import { certificateCheck } from '../../app/doctor/checks/certificate.ts';
import { clockCheck } from '../../app/doctor/checks/clock.ts';
import { configurationCheck } from '../../app/doctor/checks/configuration.ts';
import { speechCheck, understandingCheck } from '../../app/doctor/checks/engines.ts';
import { foldersCheck } from '../../app/doctor/checks/folders.ts';
import { mediaServerCheck } from '../../app/doctor/checks/media-server.ts';
import { addressFinding, portsCheck, rtpCheck } from '../../app/doctor/checks/network.ts';
import { nodeCheck } from '../../app/doctor/checks/node.ts';
import { feedsCheck, weatherCheck } from '../../app/doctor/checks/services.ts';
import { findTone } from '../../app/doctor/tone.ts';
import { hasCode } from '../../app/errors.ts';
import { selfSigned } from '../asterisk/local/certificate.ts';
import { startAzureSpeech } from '../fakes/azure-speech/server.ts';
import { manualClock } from '../fakes/clock.ts';
import { startFeeds } from '../fakes/feeds.ts';
import { startFakeServer } from '../fakes/http.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { testCacheDir } from '../support/asterisk.ts';
import { examOf, found } from './support.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-doctor-test-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

test('Node: an old one is refused', async () => {
  const [finding] = await found(nodeCheck('24.21.0'), examOf());
  assert.match(finding?.says ?? '', /^Node 24\.21\.0, \d+ cores, [\d.]+ GB/);
  assert.throws(
    () => nodeCheck('22.1.0').examine(examOf(), { signal: new AbortController().signal }),
    (error) => hasCode(error, 'setup-node-too-old'),
  );
});

test('configuration: what differs from the defaults is named, without its value', async () => {
  const [usual] = await found(configurationCheck, examOf());
  assert.equal(usual?.says, 'all defaults');
  const [changed] = await found(configurationCheck, examOf({ ari: { password: 'do-not-show' } }));
  assert.equal(changed?.verdict, 'fine');
  assert.match(changed.says, /ari\.password/);
  assert.doesNotMatch(changed.says, /do-not-show/);
});

test('configuration: an Asterisk elsewhere needs media.url, and the directory needs its telephones', async () => {
  const ari = { url: 'http://pbx.example.org:8088', password: 'x' };
  const [remote] = await found(configurationCheck, examOf({ ari }));
  assert.equal(remote?.verdict, 'warning');
  assert.match(remote.remedy ?? '', /PARLEY_MEDIA_URL/);
  const [directory] = await found(
    configurationCheck,
    examOf({ skills: { call: { directory: { Alice: '6001', Bob: '6009' } } } }),
  );
  assert.equal(directory?.verdict, 'warning');
  assert.match(directory.says, /6009/);
  assert.doesNotMatch(directory.says, /6001/);
});

test('folders: what cannot be used is told with the reason and the setting', async (t) => {
  const dir = await folder(t);
  const well = await found(
    foldersCheck,
    examOf({ stateDir: path.join(dir, 'to/be/made') }, { cacheDir: dir }),
  );
  assert.deepEqual(
    well.map(({ verdict }) => verdict),
    ['fine', 'fine'],
  );
  await writeFile(path.join(dir, 'file'), '');
  const [state, cache] = await found(
    foldersCheck,
    examOf({ stateDir: path.join(dir, 'file') }, { cacheDir: path.join(dir, 'file/below') }),
  );
  for (const finding of [state, cache])
    assert.deepEqual([finding?.verdict, finding?.code], ['failed', 'folder-unusable']);
  const ari = { url: 'http://asterisk:8088', password: 'x' };
  const [inContainer] = await found(
    foldersCheck,
    examOf({ ari, stateDir: path.join(dir, 'file') }, { cacheDir: dir }),
  );
  assert.equal(inContainer?.verdict, 'warning');
  assert.match(state?.remedy ?? '', /PARLEY_STATE_DIR/);
  assert.match(cache?.remedy ?? '', /XDG_CACHE_HOME/);
});

test('certificate: good, expired, not yet good, not of this key, and no certificate at all', async (t) => {
  const dir = await folder(t);
  const { certificate, key } = selfSigned(dir);
  const settings = { asterisk: { tlsCertificate: certificate, tlsKey: key } };
  const [soon] = await found(certificateCheck, examOf(settings));
  assert.equal(soon?.verdict, 'warning');
  assert.match(soon.says, /good for 0 more days/);

  const dayMs = 86_400_000;
  const at = (days: number) =>
    examOf(settings, { clock: manualClock(new Date(Date.now() + days * dayMs).toISOString()) });
  const refused = (exam: Parameters<typeof found>[1], says: RegExp): Promise<void> =>
    assert.rejects(
      found(certificateCheck, exam),
      (error) => hasCode(error, 'tls-unusable') && says.test(error.message),
    );
  await refused(at(3), /expired/);
  await refused(at(-3), /holds from/);
  const other = selfSigned(await folder(t));
  await refused(
    examOf({ asterisk: { tlsCertificate: certificate, tlsKey: other.key } }),
    /not its private key/,
  );
  await refused(examOf({ asterisk: { tlsCertificate: key, tlsKey: key } }), /cannot be used/);
  await refused(
    examOf({ asterisk: { tlsCertificate: path.join(dir, 'absent'), tlsKey: key } }),
    /no such file/,
  );
  const [none] = await found(certificateCheck, examOf());
  assert.equal(none?.verdict, 'fine');
});

test('ports: one that another program holds is named with its setting', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const settings = { asterisk: { bind: '127.0.0.1', sipPort: port, httpPort: 0 }, media: { port } };
  const findings = await found(portsCheck, examOf(settings));
  assert.deepEqual(
    findings.map(({ verdict, code }) => [verdict, code]),
    [
      ['failed', 'asterisk-port-in-use'],
      ['failed', 'asterisk-port-in-use'],
    ],
  );
  assert.match(findings.map(({ remedy }) => remedy).join(), /media\.port.*asterisk\.sipPort/);
  const [running] = await found(portsCheck, examOf(settings, { running: true }));
  assert.equal(running?.verdict, 'fine');
  const [free] = await found(portsCheck, examOf({ asterisk: { sipPort: 0, httpPort: 0 } }));
  assert.equal(free?.verdict, 'fine');
});

/** The first of some neighbouring UDP ports on loopback that this test holds. */
async function holdUdpPorts(t: TestContext, count: number): Promise<number> {
  for (let from = 39_000; ; from += count) {
    const sockets = Array.from({ length: count }, () => createSocket('udp4'));
    const bound = await Promise.all(
      sockets.map(
        (socket, i) =>
          new Promise<boolean>((resolve) => {
            socket.once('error', () => resolve(false));
            socket.bind({ port: from + i, address: '127.0.0.1', exclusive: true }, () => resolve(true));
          }),
      ),
    );
    if (bound.every(Boolean)) {
      t.after(() => sockets.forEach((socket) => socket.close()));
      return from;
    }
    sockets.forEach((socket) => socket.close());
  }
}

test('RTP: a range that is full, or too small for calls.capacity, fails', async (t) => {
  const rtpFrom = await holdUdpPorts(t, 4);
  const range = { bind: '127.0.0.1', rtpFrom, rtpTo: rtpFrom + 3 };
  const refused = (settings: object, says: RegExp): Promise<void> =>
    assert.rejects(
      found(rtpCheck, examOf(settings)),
      (error) => hasCode(error, 'asterisk-rtp-range') && says.test(error.message),
    );
  await refused({ asterisk: range, calls: { capacity: 1 } }, /^0 of the 4 UDP ports/);
  await refused({ asterisk: { rtpFrom: 10_000, rtpTo: 10_001 }, calls: { capacity: 9 } }, /need 18/);
  const [running] = await found(
    rtpCheck,
    examOf({ asterisk: range, calls: { capacity: 1 } }, { running: true }),
  );
  assert.equal(running?.verdict, 'fine');
  const [tight] = await found(
    rtpCheck,
    examOf({ asterisk: range, calls: { capacity: 2 } }, { running: true }),
  );
  assert.equal(tight?.verdict, 'note');
  const [foreign] = await found(rtpCheck, examOf({ ari: { url: 'http://127.0.0.1:8088' } }));
  assert.match(foreign?.says ?? '', /40 ports or more/);
});

for (const [verdict, says, options] of [
  ['note', /only telephones on this machine/, { bind: '127.0.0.1' }],
  ['note', /those outside have no audio/, { own: ['192.168.1.20'] }],
  ['note', /no address but loopback/, {}],
  ['fine', /at 203\.0\.113\.7/, { own: ['203.0.113.7'] }],
  ['warning', /local network, too/, { own: ['10.0.0.2'], externalAddress: '203.0.113.7' }],
  [
    'fine',
    /told 203\.0\.113\.7/,
    { own: ['10.0.0.2'], externalAddress: '203.0.113.7', localNetwork: '10.0.0.0/8' },
  ],
  ['warning', /private address/, { own: ['203.0.113.7'], externalAddress: '10.0.0.2' }],
] as const) {
  test(`addresses: ${verdict}, ${String(says)}`, () => {
    const finding = addressFinding({
      bind: '0.0.0.0',
      externalAddress: undefined,
      localNetwork: undefined,
      own: [],
      ...options,
    });
    assert.equal(finding.verdict, verdict);
    assert.match(finding.says, says);
  });
}

test('clock: compared with a server that the bot asks anyway', async (t) => {
  let date = new Date();
  const server = await startFakeServer({
    answer: () => ({ status: 200, headers: { date: date.toUTCString() }, body: '' }),
    wrongSchema: { status: 200, body: '' },
  });
  t.after(() => server.close());
  const skills = { weather: { baseUrl: server.url }, news: { feeds: [] } };
  assert.match((await found(clockCheck, examOf({ skills }))).at(-1)?.says ?? '', /^agrees with 127\.0\.0\.1/);
  date = new Date(Date.now() - 3_600_000);
  await assert.rejects(
    found(clockCheck, examOf({ skills })),
    (error) => hasCode(error, 'doctor-clock') && /36\d\d s off/.test(error.message),
  );
  await server.close();
  assert.match((await found(clockCheck, examOf({ skills }))).at(-1)?.says ?? '', /no server was reached/);
});

test('weather and feeds: what can be reached is fine, each of the others is told', async (t) => {
  const meteo = await startOpenMeteo();
  t.after(() => meteo.close());
  const feeds = await startFeeds({
    '/world': {
      format: 'rss',
      title: 'World',
      items: [{ title: 'The river has reached its highest level' }],
    },
  });
  t.after(() => feeds.close());
  const skills = {
    weather: { baseUrl: meteo.url },
    news: {
      feeds: [
        { name: 'The Morning Post', url: feeds.addressOf('/world') },
        { name: 'Nobody', url: 'http://127.0.0.1:9/' },
      ],
    },
  };
  const [weather] = await found(weatherCheck, examOf({ skills }));
  assert.match(weather?.says ?? '', /°C in Greenwich/);
  const [post, nobody] = await found(feedsCheck, examOf({ skills }));
  assert.equal(post?.says, 'The Morning Post: 1 headlines');
  assert.deepEqual([nobody?.verdict, nobody?.code], ['warning', 'skill-service-unreachable']);
  meteo.behave('html');
  await assert.rejects(found(weatherCheck, examOf({ skills })), (error) =>
    hasCode(error, 'skill-service-garbled'),
  );
  const [none] = await found(feedsCheck, examOf({ skills: { news: { feeds: [] } } }));
  assert.equal(none?.verdict, 'note');
});

test('engines: one that nobody knows, and one that hears something else, are told', async () => {
  const speech = { tts: ['scripted'], stt: ['scripted', 'nobody'] };
  const findings = await found(speechCheck, examOf({ speech }, { cacheDir: testCacheDir() }));
  assert.deepEqual(
    findings.map(({ verdict, code }) => code ?? verdict),
    ['fine', 'doctor-misheard', 'provider-unknown'],
  );
  assert.deepEqual(new Set(findings.slice(1).map(({ verdict }) => verdict)), new Set(['failed']));
  const [unknown] = await found(understandingCheck, examOf({ nlu: { understander: ['nobody'] } }));
  assert.deepEqual([unknown?.verdict, unknown?.code], ['failed', 'provider-unknown']);
});

test('engines: a service with a wrong key is a warning as long as another engine does the work', async (t) => {
  const azure = await startAzureSpeech({ key: 'the right one' });
  t.after(() => azure.close());
  const speech = {
    tts: ['azure', 'scripted'],
    stt: ['local'],
    azure: { key: 'a wrong one', ttsUrl: azure.url, sttUrl: azure.url },
  };
  const findings = await found(speechCheck, examOf({ speech }, { cacheDir: testCacheDir() }));
  assert.deepEqual(
    findings.slice(0, 2).map(({ verdict, code }) => [verdict, code]),
    [
      ['warning', 'speech-key-refused'],
      ['fine', undefined],
    ],
  );
  assert.doesNotMatch(JSON.stringify(findings), /a wrong one/);
});

test('media server: a port that another program holds is told, with what it answers', async (t) => {
  const other = await startFakeServer({
    answer: () => ({ status: 404, body: 'not here' }),
    wrongSchema: { status: 200, body: '' },
  });
  t.after(() => other.close());
  const [finding] = await found(
    mediaServerCheck,
    examOf({ media: { port: Number(new URL(other.url).port) } }),
  );
  assert.deepEqual([finding?.verdict, finding?.code], ['failed', 'line-playback-failed']);
  assert.match(finding?.says ?? '', /it answers 404/);
});

test('a tone is found where it is, and in nothing else', () => {
  const rate = 16_000;
  const noise = whiteNoise(300, rate, -20);
  const found = findTone(concatPcm([noise, tone(1_000, 500, rate)]), rate, 1_000);
  assert.deepEqual(found, { totalMs: 500, fromMs: 300 });
  assert.deepEqual(findTone(tone(700, 500, rate), rate, 1_000), { totalMs: 0, fromMs: undefined });
  assert.equal(findTone(tone(1_000, 500, rate, -70), rate, 1_000).totalMs, 0);
});
