import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startAzureSpeech } from '../../fakes/azure-speech/server.ts';

test('a process that heard and spoke prints nothing of its own, lets no rejection escape, and ends by itself', async (t) => {
  const fake = await startAzureSpeech({ key: 'k' });
  const breaking = await startAzureSpeech({ key: 'k' });
  breaking.behave('reset-midway');
  t.after(() => Promise.all([fake.close(), breaking.close()]));
  const script = fileURLToPath(import.meta.resolve('./quiet-process.ts'));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, fake.url, breaking.url], {
    timeout: 20_000,
  });
  assert.deepEqual([stdout, stderr], ['', '']);
  assert.equal(fake.utterances.length, 1);
  assert.equal(breaking.connections.length > 0, true);
  await fake.when(() => fake.openSockets === 0);
});
