import { appendFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { spec } from 'node:test/reporters';
import type { TestEvent } from 'node:test/reporters';
import { messageOf } from '../app/errors.ts';

/** One line of the file that this reporter writes for test/run.ts. */
export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  /** Of one that failed: how its error begins. */
  readonly why?: string;
}

/** Characters. */
const mostOfWhy = 400;

/** What node:test says at the end of each file; test/run.ts says it once for all of them. */
const closingLine = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

/**
 * Shows a test file's results as node's own spec reporter does, without its closing lines, and writes each result at
 * once to the file PARLEY_TEST_RESULTS, so that it counts even when the file hangs or dies afterwards.
 */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const shown = Readable.from(noted(source)).pipe(new spec());
  for await (const text of shown) yield String(text);
}

async function* noted(source: AsyncIterable<TestEvent>): AsyncGenerator<TestEvent> {
  for await (const event of source) {
    if (event.type === 'test:pass' || event.type === 'test:fail') note(event);
    if (event.type === 'test:summary') continue;
    if (event.type === 'test:diagnostic' && closingLine.test(event.data.message)) continue;
    yield event;
  }
}

function note({ type, data }: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>): void {
  const file = process.env.PARLEY_TEST_RESULTS;
  if (file === undefined || data.details.type === 'suite') return;
  // A test that was not carried out has not passed.
  const left = data.skip !== undefined || data.todo !== undefined;
  const passed = type === 'test:pass' && !left;
  const why = 'error' in data.details ? messageOf(data.details.error.cause) : 'it was not carried out';
  const result: TestResult = { name: data.name, passed, ...(passed ? {} : { why: why.slice(0, mostOfWhy) }) };
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}
