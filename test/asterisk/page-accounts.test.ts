import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageAccounts } from '../../app/asterisk/page-accounts.ts';
import { hasCode } from '../../app/errors.ts';
import { recordingLog } from '../fakes/log.ts';
import { connected, startTestAsterisk, testAri } from '../support/asterisk.ts';

test('an account is made and removed while Asterisk runs, and what a dead process left is swept', async (t) => {
  const asterisk = await startTestAsterisk(t);
  const ari = testAri(t, asterisk.ariUrl);
  const up = connected(ari);
  ari.start();
  await up;
  const accounts = new PageAccounts({ ari, log: recordingLog() });
  const ask = (what: string): Promise<string> => asterisk.command(what, { signal: t.signal });
  await accounts.check();
  const [kept, left] = ['visitor1', 'visitor2'];
  await accounts.make({ user: kept, password: 'of-this-visit' });
  await accounts.make({ user: left, password: 'of-this-visit' });
  const shown = await ask(`pjsip show endpoint ${kept}`);
  assert.match(shown, /^ webrtc +: yes$/m);
  assert.match(shown, /^ context +: console$/m);
  assert.match(shown, /^ allow_transfer +: false$/m);

  await accounts.sweep(new Set([kept]));
  assert.deepEqual(await ari.commands.listEndpoints('PJSIP'), [kept]);
  await accounts.remove(kept);
  assert.match(await ask('pjsip show auths'), /No objects found/);
  await accounts.remove(kept);
});

test('an Asterisk without what browsers need is refused by the name of what is missing', async (t) => {
  const asterisk = await startTestAsterisk(t, {
    extraConf: { 'modules.conf': 'noload = res_pjsip_transport_websocket.so\n' },
  });
  const ari = testAri(t, asterisk.ariUrl);
  const up = connected(ari);
  ari.start();
  await up;
  const accounts = new PageAccounts({ ari, log: recordingLog() });
  await assert.rejects(
    accounts.check(),
    (error) =>
      hasCode(error, 'telephone-unavailable') && error.message.includes('res_pjsip_transport_websocket.so'),
  );
});
