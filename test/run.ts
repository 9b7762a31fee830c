/**
 * `npm test`: makes the machine ready, then runs every test there is.
 *
 *   npm test                     all
 *   npm test -- nlu calls        the files whose path holds one of the words
 *
 * Files under test/integration share the machine's two cores with a real Asterisk and run one at a time, after the
 * others. A test that is skipped or marked as todo counts as failed, and so does a file without tests.
 */
import { globSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { ParleyError, messageOf } from '../app/errors.ts';
import { cacheDirOf } from '../app/setup/cache.ts';
import { prepare } from '../app/setup/needs.ts';

const project = path.resolve(import.meta.dirname, '..');
const integration = `test${path.sep}integration${path.sep}`;
const unitLimitMs = 5 * 60_000;
const integrationLimitMs = 15 * 60_000;

interface Count {
  passed: number;
  failed: number;
}

async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));
  }
  const total: Count = { passed: 0, failed: 0 };
  try {
    await prepare(['weights', 'asterisk', 'sox'], {
      cacheDir: cacheDirOf(process.env, homedir()),
      signal: interrupted.signal,
      out: process.stderr,
    });
    const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
    const files = globSync('test/**/*.test.ts', { cwd: project })
      .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
      .sort();
    const unit = files.filter((file) => !file.startsWith(integration));
    const rest = files.filter((file) => file.startsWith(integration));
    await runFiles(unit, Math.max(2, availableParallelism()), unitLimitMs, interrupted.signal, total);
    await runFiles(rest, 1, integrationLimitMs, interrupted.signal, total);
    interrupted.signal.throwIfAborted();
    if (total.passed + total.failed === 0) console.error('There is no such test.');
  } catch (error) {
    console.error(error instanceof ParleyError ? error.explain() : messageOf(error));
    total.failed += 1;
  }
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
  console.log(`${String(total.passed)} passed, ${String(total.failed)} failed`);
}

/** Each file is a process of its own; one that hangs is ended after `limitMs`. */
async function runFiles(
  files: readonly string[],
  concurrency: number,
  limitMs: number,
  signal: AbortSignal,
  total: Count,
): Promise<void> {
  if (files.length === 0 || signal.aborted) return;
  const paths = new Set(files.map((file) => path.join(project, file)));
  const stream = run({ files: [...paths], concurrency, timeout: limitMs, signal, cwd: project });
  stream.on('test:summary', ({ file, counts }) => {
    if (file !== undefined) return;
    total.passed += counts.passed;
    total.failed += counts.tests - counts.passed;
  });
  stream.on('test:pass', ({ name, nesting }) => {
    // A file that holds no test is reported as one that passed.
    if (nesting !== 0 || !paths.has(path.resolve(project, name))) return;
    console.error(`There is no test in ${name}.`);
    total.passed -= 1;
    total.failed += 1;
  });
  const report = stream.compose(spec());
  report.pipe(process.stdout, { end: false });
  await new Promise<void>((resolve, reject) => {
    report.once('end', resolve);
    report.once('error', reject);
  });
}

await main();
