import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'node:test';
import { understanderAbouts } from '../../app/nlu/about.ts';
import { understanders } from '../../app/nlu/registry.ts';

test('whoever reads the generated documents reads what is so', async () => {
  const docs = fileURLToPath(new URL('../../app/cli/docs.ts', import.meta.url));
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', docs, '--check']);
});

test('every understander is on the page of providers', () => {
  assert.deepEqual(Object.keys(understanderAbouts).sort(), Object.keys(understanders).sort());
});
