import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cacheDirOf, cacheEntry } from '../../app/setup/cache.ts';
import { hasCode } from '../../app/errors.ts';
import { temporaryFolder } from './support.ts';

const filler = fileURLToPath(import.meta.resolve('./cache-filler.ts'));
const signal = AbortSignal.timeout(60_000);

async function visible(cacheDir: string): Promise<string[]> {
  return (await readdir(cacheDir)).filter((name) => !name.startsWith('.'));
}

test('the cache folder is where the user’s other caches are', () => {
  assert.equal(cacheDirOf({}, '/home/ann'), '/home/ann/.cache/parley');
  assert.equal(cacheDirOf({ XDG_CACHE_HOME: '/big/disk' }, '/home/ann'), '/big/disk/parley');
  assert.equal(cacheDirOf({ XDG_CACHE_HOME: 'relative' }, '/home/ann'), '/home/ann/.cache/parley');
});

test('what was fetched once is found again', async (t) => {
  const cacheDir = await temporaryFolder(t);
  let filled = 0;
  const entry = (): Promise<string> =>
    cacheEntry({
      cacheDir,
      name: 'thing-1',
      what: 'The thing',
      neededMB: 1,
      signal,
      fill: async (dir) => {
        filled += 1;
        await writeFile(path.join(dir, 'file'), 'content');
      },
    });
  const dirs = await Promise.all([entry(), entry(), entry()]);
  assert.deepEqual(new Set([...dirs, await entry()]), new Set([path.join(cacheDir, 'thing-1')]));
  assert.equal(filled, 1);
  assert.deepEqual(await visible(cacheDir), ['thing-1']);
});

test('a fetch that fails leaves nothing, and the next one starts anew', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const options = { cacheDir, name: 'thing-1', what: 'The thing', neededMB: 1, signal };
  await assert.rejects(
    cacheEntry({
      ...options,
      fill: async (dir) => {
        await writeFile(path.join(dir, 'half'), '');
        throw new Error('cut off');
      },
    }),
    /cut off/,
  );
  assert.deepEqual(await visible(cacheDir), []);
  const dir = await cacheEntry({ ...options, fill: (into) => writeFile(path.join(into, 'whole'), '') });
  assert.deepEqual(await readdir(dir), ['whole']);
});

test('a set-up killed half way is not taken for done, and its remains are removed', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const child = fork(filler, [cacheDir, 'hang']);
  await once(child, 'message');
  assert.match((await visible(cacheDir)).join(), /^thing-1\.part-/);
  child.kill('SIGKILL');
  await once(child, 'exit');

  const dir = await cacheEntry({
    cacheDir,
    name: 'thing-1',
    what: 'The thing',
    neededMB: 1,
    signal,
    fill: (into) => writeFile(path.join(into, 'file'), 'whole'),
  });
  assert.equal(await readFile(path.join(dir, 'file'), 'utf8'), 'whole');
  assert.deepEqual(await visible(cacheDir), ['thing-1']);
});

test('two set-ups at once fetch once', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const children = [
    fork(filler, [cacheDir, 'fill']),
    fork(filler, [cacheDir, 'fill']),
    fork(filler, [cacheDir, 'fill']),
  ];
  const said = await Promise.all(children.map((child) => once(child, 'message')));
  assert.deepEqual(
    said
      .flat()
      .filter((word) => typeof word === 'string')
      .sort(),
    ['filled', 'found', 'found'],
  );
});

test('a disk without enough space is told with both figures', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const fill = (): Promise<void> => Promise.reject(new Error('must not be called'));
  const neededMB = 1e9;
  await assert.rejects(
    cacheEntry({ cacheDir, name: 'big-1', what: 'The big thing', neededMB, signal, fill }),
    (error) => {
      assert.ok(hasCode(error, 'setup-no-space'));
      assert.match(error.message, /MB free; The big thing needs 1000000000 MB/);
      return true;
    },
  );
});

test('a disk that fills up on the way gives the same error', async (t) => {
  const cacheDir = await temporaryFolder(t);
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  await assert.rejects(
    cacheEntry({
      cacheDir,
      name: 'big-1',
      what: 'The big thing',
      neededMB: 1,
      signal,
      fill: async (dir) => {
        await mkdir(path.join(dir, 'half'));
        throw full;
      },
    }),
    (error) => hasCode(error, 'setup-no-space'),
  );
  assert.deepEqual(await visible(cacheDir), []);
});
