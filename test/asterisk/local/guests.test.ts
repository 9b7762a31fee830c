import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { askSip, runningAsterisk } from './support.ts';

test('whoever calls or registers without an account is asked for a password and gets nowhere', async (t) => {
  const asterisk = await runningAsterisk(t);
  const { sipPort } = asterisk;
  for (const uri of [
    'sip:1000@127.0.0.1',
    'sip:6001@127.0.0.1',
    'sip:600@127.0.0.1',
    'sip:0015551234@127.0.0.1',
  ]) {
    const answer = await askSip(sipPort, 'INVITE', uri, t.signal);
    assert.match(answer, /^SIP\/2\.0 401 /, uri);
    assert.match(answer, /^WWW-Authenticate: Digest /im);
  }
  const answer = await askSip(sipPort, 'REGISTER', 'sip:127.0.0.1', t.signal);
  assert.match(answer, /^SIP\/2\.0 401 /);

  const channels = await asterisk.command('core show channels count', { signal: t.signal });
  assert.match(channels, /^0 active channels\n0 active calls\n0 calls processed/m);
  const contacts = await asterisk.command('pjsip show contacts', { signal: t.signal });
  assert.match(contacts, /No objects found/);
  const log = await readFile(asterisk.logFile, 'utf8');
  assert.match(log, /SecurityEvent="ChallengeSent"/);
});

test('an account that does not exist is answered like one that does', async (t) => {
  const { sipPort } = await runningAsterisk(t, { phones: {}, callerPassword: undefined });
  assert.match(await askSip(sipPort, 'REGISTER', 'sip:127.0.0.1', t.signal), /^SIP\/2\.0 401 /);
  assert.match(await askSip(sipPort, 'INVITE', 'sip:1000@127.0.0.1', t.signal), /^SIP\/2\.0 401 /);
});
