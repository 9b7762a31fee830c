import assert from 'node:assert/strict';
import { fork, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../../../app/asterisk/local/run-folder.ts';
import { startAsterisk } from '../../../app/asterisk/local/start.ts';
import { hasCode } from '../../../app/errors.ts';
import { askSip, asteriskProgram, passwords, runningAsterisk, temporaryFolder } from './support.ts';

const parentFile = fileURLToPath(import.meta.resolve('./parent.ts'));

function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

test('a private Asterisk comes up with ARI, SIP and a clean log', async (t) => {
  const asterisk = await runningAsterisk(t);
  const { ariUrl } = asterisk;
  assert.match(asterisk.version, /^2\d\.\d+\.\d+$/);

  const ping = await fetch(`${ariUrl}/ari/asterisk/ping`, { headers: basic('parley', passwords.ari) });
  assert.equal(ping.status, 200);
  const options = await askSip(asterisk.sipPort, 'OPTIONS', 'sip:127.0.0.1', t.signal);
  assert.match(options, /^SIP\/2\.0 401 /);

  const log = await readFile(asterisk.logFile, 'utf8');
  const troubles = log.split('\n').filter((line) => / (ERROR|WARNING)\[/.test(line));
  assert.deepEqual(troubles, []);
});

test('ARI refuses whoever has no password or a wrong one', async (t) => {
  const { ariUrl } = await runningAsterisk(t);
  for (const headers of [{}, basic('parley', 'wrong-password'), basic('asterisk', 'asterisk')]) {
    const answer = await fetch(`${ariUrl}/ari/asterisk/ping`, { headers });
    assert.equal(answer.status, 401);
  }
});

test('ARI and SIP listen on the address that was asked for and on no other', async (t) => {
  const asterisk = await runningAsterisk(t, { sipBind: '127.0.0.2', httpBind: '127.0.0.3' });
  await assert.rejects(fetch(`http://127.0.0.1:${String(asterisk.httpPort)}/ari/asterisk/ping`));
  const elsewhere = createSocket('udp4');
  elsewhere.bind({ port: asterisk.sipPort, address: '127.0.0.1', exclusive: true });
  await once(elsewhere, 'listening');
  elsewhere.close();
});

test('several at once do not get into each other’s way', async (t) => {
  const started = await Promise.all([runningAsterisk(t), runningAsterisk(t), runningAsterisk(t)]);
  const blocks = started.map(({ rtpPorts }) => rtpPorts).sort((a, b) => a.from - b.from);
  for (const [index, { from }] of blocks.entries()) {
    if (index > 0) assert.ok(from > (blocks[index - 1]?.to ?? Infinity));
  }
  const ids = await Promise.all(
    started.map(async (asterisk) => {
      const settings = await asterisk.command('core show settings', { signal: t.signal });
      return /Entity ID: +(\S+)/.exec(settings)?.[1];
    }),
  );
  assert.equal(new Set(ids).size, 3);
});

test('a stop takes the process, the control socket and the temporary folder away, and may be called again', async (t) => {
  const asterisk = await runningAsterisk(t);
  const settings = await asterisk.command('core show settings', { signal: t.signal });
  const controlDir = /Run\/Sockets directory: +(\S+)/.exec(settings)?.[1] ?? '';
  const pid = Number(await readFile(path.join(asterisk.runDir, 'asterisk.pid'), 'utf8'));
  assert.ok(existsSync(controlDir));

  await Promise.all([asterisk.stop(), asterisk.stop()]);
  await asterisk.stop();
  assert.deepEqual(await asterisk.exited, { expected: true, status: 0 });
  assert.ok(!existsSync(controlDir));
  assert.throws(() => process.kill(pid, 0));
});

test('an Asterisk that dies is reported, and the same folder and ports start again', async (t) => {
  const first = await runningAsterisk(t);
  process.kill(Number(await readFile(path.join(first.runDir, 'asterisk.pid'), 'utf8')), 'SIGKILL');
  const { expected } = await first.exited;
  assert.equal(expected, false);
  const ports = { sip: first.sipPort, http: first.httpPort, rtp: first.rtpPorts };
  const second = await runningAsterisk(t, { runDir: first.runDir, ports });
  assert.equal(second.sipPort, first.sipPort);
});

test('an Asterisk whose parent is killed with -9 ends too, and its folder can be used again', async (t) => {
  const runDir = await temporaryFolder(t);
  const parent = fork(parentFile, [runDir]);
  const [{ pid, sipPort }] = (await once(parent, 'message')) as [{ pid: number; sipPort: number }];
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  const asterisk = await runningAsterisk(t, { runDir, ports: { sip: sipPort, http: 0 } });
  assert.equal(await isRunning(pid), false);
  assert.equal(asterisk.sipPort, sipPort);
});

test('an Asterisk that lost its keeper as well is ended at the next start', async (t) => {
  const runDir = await temporaryFolder(t);
  const parent = fork(parentFile, [runDir]);
  const [{ pid }] = (await once(parent, 'message')) as [{ pid: number }];
  const status = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const keeper = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  const watchers = await readFile(`/proc/${String(keeper)}/task/${String(keeper)}/children`, 'utf8');
  for (const each of watchers.trim().split(' ').map(Number)) {
    if (each !== pid) process.kill(each, 'SIGKILL');
  }
  process.kill(keeper, 'SIGKILL');
  parent.kill('SIGKILL');
  await once(parent, 'exit');
  process.kill(pid, 0);

  await runningAsterisk(t, { runDir });
  assert.equal(await isRunning(pid), false);
});

test('a folder that a living Parley uses is refused', async (t) => {
  const { runDir } = await runningAsterisk(t);
  await assert.rejects(runningAsterisk(t, { runDir }), (error) => {
    assert.ok(hasCode(error, 'asterisk-start-failed'));
    assert.match(error.message, /another Parley uses/);
    return true;
  });
});

test('a port that another program has is named, with the field of the configuration', async (t) => {
  const udp = createSocket('udp4').bind({ port: 0, address: '127.0.0.1', exclusive: true });
  await once(udp, 'listening');
  t.after(() => udp.close());
  await assert.rejects(runningAsterisk(t, { ports: { sip: udp.address().port, http: 0 } }), (error) => {
    assert.ok(hasCode(error, 'asterisk-port-in-use'));
    assert.equal(error.details.field, 'asterisk.sipPort');
    return true;
  });

  const tcp = createServer().listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  t.after(() => tcp.close());
  const address = tcp.address();
  assert.ok(address !== null && typeof address === 'object');
  await assert.rejects(runningAsterisk(t, { ports: { sip: 0, http: address.port } }), (error) => {
    assert.ok(hasCode(error, 'asterisk-port-in-use'));
    assert.equal(error.details.field, 'asterisk.httpPort');
    return true;
  });
});

test('a start that fails says why, with what Asterisk said', async (t) => {
  const extraConf = { 'modules.conf': 'require = res_of_another_world.so\n' };
  await assert.rejects(runningAsterisk(t, { extraConf }), (error) => {
    assert.ok(hasCode(error, 'asterisk-start-failed'));
    assert.match(error.message, /res_of_another_world/);
    return true;
  });
});

test('an Asterisk without chan_websocket and opus comes up all the same and names what it lacks', async (t) => {
  const program = await asteriskProgram(t.signal);
  const { modulesDir } = program;
  assert.ok(modulesDir !== undefined);
  const lacking = await temporaryFolder(t);
  for (const name of await readdir(modulesDir)) {
    if (/^(chan_websocket|codec_opus_open_source)\./.test(name)) continue;
    await symlink(path.join(modulesDir, name), path.join(lacking, name));
  }
  const asterisk = await runningAsterisk(t, { program: { ...program, modulesDir: lacking } });
  const log = await readFile(asterisk.logFile, 'utf8');
  assert.match(log, /chan_websocket\.so/);
  assert.match(await askSip(asterisk.sipPort, 'OPTIONS', 'sip:127.0.0.1', t.signal), /^SIP\/2\.0 401 /);
});

test('a password that would not do is refused before anything is started', async (t) => {
  await assert.rejects(runningAsterisk(t, { ariPassword: 'short' }), (error) => {
    assert.ok(hasCode(error, 'asterisk-start-failed'));
    assert.match(error.message, /PARLEY_ARI_PASSWORD is too short/);
    assert.doesNotMatch(error.message, /short'/);
    return true;
  });
});

test('a start that is given up leaves no process behind', async (t) => {
  const runDir = await temporaryFolder(t);
  const program = await asteriskProgram(t.signal);
  const giveUp = new AbortController();
  const starting = startAsterisk({
    program,
    runDir,
    ariPassword: passwords.ari,
    signal: giveUp.signal,
  });
  const pidFile = path.join(runDir, 'asterisk.pid');
  while (!existsSync(pidFile)) await delay(5, undefined, { signal: t.signal });
  const pid = Number(await readFile(pidFile, 'utf8'));
  giveUp.abort(new Error('given up'));
  await assert.rejects(starting, /given up/);
  assert.throws(() => process.kill(pid, 0));
});

test('nobody but the owner can read what is rendered', async (t) => {
  const { runDir } = await runningAsterisk(t);
  for (const file of ['etc/rendered/ari.conf', 'etc/rendered/phones.conf', 'etc/asterisk.conf']) {
    assert.equal((await stat(path.join(runDir, file))).mode & 0o077, 0);
  }
  assert.equal((await stat(runDir)).mode & 0o077, 0);
  const names = spawn('ps', ['-eo', 'args']);
  let seen = '';
  names.stdout.on('data', (piece) => (seen += String(piece)));
  await once(names, 'close');
  assert.ok(!seen.includes(passwords.ari));
});
