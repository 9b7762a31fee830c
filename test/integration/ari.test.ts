import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { isGone } from '../../app/asterisk/ari/connection.ts';
import { recordingLog } from '../fakes/log.ts';
import { ariPassword, connected, startTestAsterisk, testAri } from '../support/asterisk.ts';

test('the app connects when Asterisk comes up after it, and again when Asterisk was restarted', async (t) => {
  const first = await startTestAsterisk(t);
  const { ariUrl, httpPort, sipPort, runDir } = first;
  await first.stop();

  const log = recordingLog();
  const ari = testAri(t, ariUrl, { log });
  ari.start();
  const again = { runDir, ports: { http: httpPort, sip: sipPort } };
  const waiting = connected(ari);
  const second = await startTestAsterisk(t, again);
  assert.deepEqual(await waiting, { first: true });
  assert.deepEqual(await ari.commands.listChannels(), []);

  const back = connected(ari);
  await second.stop();
  await assert.rejects(ari.commands.listChannels(), { code: /^ari-/ });
  await startTestAsterisk(t, again);
  assert.deepEqual(await back, { first: false });
  assert.deepEqual(await ari.commands.listBridges(), []);
  const told = log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  assert.ok(told.includes('no connection to Asterisk'));
  assert.ok(told.includes('lost the connection to Asterisk'));
});

test('an Asterisk that hangs is noticed by the heartbeat', async (t) => {
  const asterisk = await startTestAsterisk(t);
  const ari = testAri(t, asterisk.ariUrl);
  const up = connected(ari);
  ari.start();
  await up;
  const pid = Number(await readFile(path.join(asterisk.runDir, 'asterisk.pid'), 'utf8'));
  const lost = new Promise<{ readonly reason: string }>((resolve) => {
    ari.onDisconnected(resolve);
  });
  process.kill(pid, 'SIGSTOP');
  try {
    assert.match((await lost).reason, /heartbeat/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  assert.deepEqual(await connected(ari), { first: false });
});

test('a wrong ARI password is told as such', async (t) => {
  const asterisk = await startTestAsterisk(t);
  const told = Promise.withResolvers<unknown>();
  const log = { ...recordingLog(), warn: (_message: string, fields?: object) => told.resolve(fields) };
  const ari = testAri(t, asterisk.ariUrl, { password: `not-${ariPassword}`, log });
  ari.start();
  assert.match(
    String(((await told.promise) as { error: unknown }).error),
    /refused the ARI user or password/,
  );
});

test('commands about what is not there fail as gone, whatever it is', async (t) => {
  const asterisk = await startTestAsterisk(t);
  const ari = testAri(t, asterisk.ariUrl);
  const up = connected(ari);
  ari.start();
  await up;
  const { commands } = ari;
  const attempts = {
    'hang-up': () => commands.hangUp('nobody'),
    answer: () => commands.answer('nobody'),
    play: () => commands.play('nobody', 'p', 'sound:beep'),
    'stop playback': () => commands.stopPlayback('nothing'),
    'destroy bridge': () => commands.destroyBridge('nothing'),
    'stop recording': () => commands.stopRecording('nothing'),
    'cancel recording': () => commands.cancelRecording('nothing'),
    'fetch recording': () => commands.fetchRecording('nothing'),
    'delete recording': () => commands.deleteRecording('nothing'),
    snoop: () => commands.snoop('nobody', 's', 'parley'),
  };
  for (const [name, attempt] of Object.entries(attempts)) {
    await assert.rejects(attempt(), (error) => {
      assert.ok(isGone(error), `${name}: ${String(error)}`);
      return true;
    });
  }
  assert.equal(await commands.endpointState('PJSIP', '6042'), 'absent');
});

test('a listener that throws costs neither the other listeners nor the connection', async (t) => {
  const asterisk = await startTestAsterisk(t);
  const log = recordingLog();
  const ari = testAri(t, asterisk.ariUrl, { log });
  const up = connected(ari);
  ari.start();
  await up;
  ari.onType('StasisStart', () => {
    throw new Error('a fault');
  });
  const heard = new Promise((resolve) => ari.onType('StasisStart', resolve));
  await ari.commands.originate({
    channelId: 'one',
    endpoint: 'Local/600@phones/n',
    app: 'parley',
    appArgs: '',
    callerId: 'test',
    timeoutSeconds: 5,
  });
  await heard;
  assert.ok(log.lines.some(({ message }) => message === 'a listener failed'));
  await ari.commands.hangUp('one');
});
