import assert from 'node:assert/strict';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { loadSecrets } from '../../app/setup/secrets.ts';
import { temporaryFolder } from './support.ts';

test('passwords are made once, each another, and only their owner can read them', async (t) => {
  const stateDir = path.join(await temporaryFolder(t), 'state');
  const first = await loadSecrets(stateDir, ['6001', '6002'], t);
  const all = [first.ari, first.caller, first.phones['6001'], first.phones['6002']];
  assert.equal(new Set(all).size, 4);
  for (const password of all) assert.match(password ?? '', /^[A-Za-z2-9]{16}$/);
  assert.equal((await stat(path.join(stateDir, 'secrets.json'))).mode & 0o777, 0o600);
  assert.equal((await stat(stateDir)).mode & 0o077, 0);
  assert.deepEqual(await loadSecrets(stateDir, ['6001', '6002'], t), first);
});

test('a phone that is added gets a password, and the others keep theirs', async (t) => {
  const stateDir = await temporaryFolder(t);
  const before = await loadSecrets(stateDir, ['6001'], t);
  const after = await loadSecrets(stateDir, ['6001', '6005'], t);
  assert.equal(after.phones['6001'], before.phones['6001']);
  assert.equal(after.ari, before.ari);
  assert.match(after.phones['6005'] ?? '', /^.{16}$/);
});

test('two that start at once agree on the passwords', async (t) => {
  const stateDir = await temporaryFolder(t);
  const [one, two] = await Promise.all([
    loadSecrets(stateDir, ['6001'], t),
    loadSecrets(stateDir, ['6002'], t),
  ]);
  const last = await loadSecrets(stateDir, ['6001', '6002'], t);
  assert.equal(one.ari, two.ari);
  assert.deepEqual(
    [last.phones['6001'], last.phones['6002']],
    [one.phones['6001'] ?? two.phones['6001'], two.phones['6002'] ?? one.phones['6002']],
  );
});

test('a damaged file is not replaced by new passwords, and not printed', async (t) => {
  const stateDir = await temporaryFolder(t);
  const file = path.join(stateDir, 'secrets.json');
  await writeFile(file, '{"ari":"half-a-secret"');
  await assert.rejects(loadSecrets(stateDir, ['6001'], t), (error) => {
    assert.ok(hasCode(error, 'config-unreadable'));
    assert.doesNotMatch(error.message, /half-a-secret/);
    return true;
  });
  assert.equal(await readFile(file, 'utf8'), '{"ari":"half-a-secret"');
  assert.deepEqual(
    (await readdir(stateDir)).filter((name) => name.endsWith('.part')),
    [],
  );
});
