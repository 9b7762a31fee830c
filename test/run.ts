/**
 * `npm test`: makes the machine ready, then runs every test there is.
 *
 *   npm test                     all
 *   npm test -- nlu calls        the files whose path holds one of the words
 *
 * Each file is a process of its own. Those under test/integration share the machine's cores with a real Asterisk and
 * run one at a time, after the others. A test that is skipped or marked as todo counts as failed; so does a file
 * without tests, one that ends badly, and one that does not end. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setUpSteps, userCacheDir } from '../app/cli/parley-process.ts';
import { configSchema } from '../app/config/schema.ts';
import { ParleyError, messageOf } from '../app/errors.ts';
import { findChromium } from '../app/setup/chromium.ts';
import { setUp, type Step } from '../app/setup/steps.ts';
import type { TestResult } from './reporter.ts';

const project = path.resolve(import.meta.dirname, '..');
const reporter = fileURLToPath(import.meta.resolve('./reporter.ts'));
const integration = `test${path.sep}integration${path.sep}`;
const unitLimitMs = 3 * 60_000;
const integrationLimitMs = 12 * 60_000;
/** What a file that has ended may still have to say. */
const drainMs = 1_000;

/** For the tests of the console's page. */
const chromiumStep: Step = {
  title: 'Chromium for the tests',
  run: async (options) => {
    await findChromium({ cacheDir: userCacheDir(process.env), ...options });
  },
};

class Tally {
  passed = 0;
  readonly failures: string[] = [];

  add(file: string, results: readonly TestResult[], trouble: string | undefined): void {
    for (const { name, passed, why = '' } of results) {
      if (passed) this.passed += 1;
      else this.failures.push(`${file}: ${name}\n    ${why.replaceAll('\n', '\n    ')}`);
    }
    if (trouble !== undefined) this.failures.push(`${file}: ${trouble}`);
  }
}

async function main(): Promise<void> {
  const interrupted = new AbortController();
  const { signal } = interrupted;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  }
  const tally = new Tally();
  const resultsDir = await mkdtemp(path.join(tmpdir(), 'parley-test-'));
  try {
    const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
    const files = globSync('test/**/*.test.ts', { cwd: project })
      .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
      .sort();
    const steps = setUpSteps(configSchema.parse({}), process.env);
    if (files.some(isIntegration)) steps.push(chromiumStep);
    await setUp(steps, { signal, out: process.stderr });
    const unit = files.filter((file) => !isIntegration(file)).values();
    const atOnce = Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
      for (const file of unit) await runFile(file, resultsDir, signal, tally);
    });
    await Promise.all(atOnce);
    for (const file of files.filter(isIntegration)) {
      await runFile(file, resultsDir, signal, tally);
    }
    signal.throwIfAborted();
    if (files.length === 0) tally.failures.push('there is no such test');
  } catch (error) {
    tally.failures.push(error instanceof ParleyError ? error.explain() : messageOf(error));
  } finally {
    await rm(resultsDir, { recursive: true, force: true });
  }
  if (tally.failures.length > 0) console.log('\nFailed:');
  for (const failure of tally.failures) console.log(`  ${failure}`);
  process.exitCode = tally.failures.length === 0 && tally.passed > 0 ? 0 : 1;
  console.log(`\n${String(tally.passed)} passed, ${String(tally.failures.length)} failed`);
}

function isIntegration(file: string): boolean {
  return file.startsWith(integration);
}

async function runFile(file: string, resultsDir: string, signal: AbortSignal, tally: Tally): Promise<void> {
  if (signal.aborted) return;
  const alone = isIntegration(file);
  if (alone) process.stdout.write(`\n${file}\n`);
  const resultsFile = path.join(resultsDir, file.replaceAll(path.sep, '_'));
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `--test-reporter=${reporter}`, path.join(project, file)],
    {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PARLEY_TEST_RESULTS: resultsFile,
        ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      },
      // A group of its own: a file that hangs is ended with all that it has started.
      detached: true,
    },
  );
  // Files that run side by side are shown one after the other.
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      if (alone) process.stdout.write(piece);
      else said.push(piece);
    });
  }
  const drained = Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);

  const limitMs = alone ? integrationLimitMs : unitLimitMs;
  const limit = AbortSignal.timeout(limitMs);
  const ending = AbortSignal.any([signal, limit]);
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  ending.addEventListener('abort', end, { once: true });
  const [status, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  ending.removeEventListener('abort', end);
  await Promise.race([drained, delay(drainMs)]);

  const results = await readResults(resultsFile);
  if (!alone) process.stdout.write(Buffer.concat([Buffer.from(`\n${file}\n`), ...said]));
  tally.add(file, results, troubleOf(results, status, by, limit.aborted, limitMs));
}

/** What is wrong with a file as a whole, beside the tests in it that failed. */
function troubleOf(
  results: readonly TestResult[],
  status: number | null,
  by: NodeJS.Signals | null,
  late: boolean,
  limitMs: number,
): string | undefined {
  if (late) return `did not end within ${String(limitMs / 1000)} s`;
  if (by !== null) return `ended by ${by}`;
  if (status !== 0 && results.every(({ passed }) => passed)) return `ended with status ${String(status)}`;
  return results.length === 0 ? 'holds no test' : undefined;
}

async function readResults(file: string): Promise<TestResult[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TestResult);
}

await main();
