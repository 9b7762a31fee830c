import { ParleyError } from '../errors.ts';
import { withDeadline } from '../ops/deadline.ts';
import { troubleWith } from './findings.ts';
import type { Check, Exam, Finding, Result } from './spec.ts';

const byWeight = ['fine', 'note', 'warning', 'failed'] as const;

/**
 * Runs all checks at once, each as soon as those that it needs have not failed, and each within its deadline.
 * @param onResult told of each result, in the order of the checks.
 * @throws the signal's reason. What a check throws is a finding.
 */
export async function examine(
  checks: readonly Check[],
  exam: Exam,
  options: { readonly signal: AbortSignal; readonly onResult?: (result: Result) => void },
): Promise<Result[]> {
  const { signal, onResult } = options;
  const results = new Map<string, Promise<Result>>();
  for (const check of checks) {
    const done = (names: readonly string[] = []): Promise<Result[]> =>
      Promise.all(names.map((name) => results.get(name) ?? unknown(check, name)));
    const result = Promise.all([done(check.needs), done(check.after)]).then(([needed]) =>
      runCheck(check, needed, exam, signal),
    );
    // It is awaited below, in order; a shutdown in between would leave it unheard.
    result.catch(() => undefined);
    results.set(check.name, result);
  }
  const all: Result[] = [];
  for (const promise of results.values()) {
    const result = await promise;
    onResult?.(result);
    all.push(result);
  }
  return all;
}

/** Whether calls can be answered. */
export function allWell(results: readonly Result[]): boolean {
  return results.every(({ verdict }) => verdict !== 'failed');
}

function unknown(check: Check, name: string): never {
  throw new Error(`the check ${check.name} waits for ${name}, which does not come before it`);
}

async function runCheck(
  check: Check,
  needed: readonly Result[],
  exam: Exam,
  signal: AbortSignal,
): Promise<Result> {
  signal.throwIfAborted();
  const { name, title, deadlineMs } = check;
  const missing = needed.find(({ verdict }) => verdict === 'failed' || verdict === 'left-out');
  if (missing !== undefined) {
    const says = `not checked, because of: ${missing.title}`;
    return { name, title, verdict: 'left-out', tookMs: 0, findings: [{ verdict: 'note', says }] };
  }
  const beganMs = exam.clock.monotonicMs();
  const findings = await findingsOf(check, exam, signal, deadlineMs);
  const tookMs = Math.round(exam.clock.monotonicMs() - beganMs);
  return { name, title, verdict: worst(findings), tookMs, findings };
}

async function findingsOf(
  check: Check,
  exam: Exam,
  signal: AbortSignal,
  deadlineMs: number,
): Promise<readonly Finding[]> {
  try {
    return await withDeadline((within) => check.examine(exam, { signal: within }), {
      clock: exam.clock,
      deadlineMs,
      signal,
      onTimeout: () => new ParleyError('doctor-late', { deadlineMs }),
    });
  } catch (error) {
    signal.throwIfAborted();
    return [troubleWith(error, check.outside === true ? 'warning' : 'failed')];
  }
}

function worst(findings: readonly Finding[]): Finding['verdict'] {
  return byWeight[Math.max(0, ...findings.map(({ verdict }) => byWeight.indexOf(verdict)))] ?? 'fine';
}
