import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selfSigned } from './certificate.ts';
import { runningAsterisk, temporaryFolder, toneMsIn } from './support.ts';
import { telephone } from './telephone.ts';

test('with a certificate, a telephone may call over TLS with encrypted audio, and another one without', async (t) => {
  const tls = selfSigned(await temporaryFolder(t));
  const parley = await runningAsterisk(t, { tls });
  assert.notEqual(parley.tlsPort, undefined);
  const encrypted = await telephone(t, parley, { tls });
  assert.ok(toneMsIn(await encrypted('600'), 400) > 3_000);
  const plain = await telephone(t, parley);
  assert.ok(toneMsIn(await plain('600'), 400) > 3_000);
});
