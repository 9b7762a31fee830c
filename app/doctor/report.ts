import { styleText } from 'node:util';
import { configFields } from '../config/fields.ts';
import type { Config } from '../config/schema.ts';
import { redactText } from '../ops/redact.ts';
import { allWell } from './examine.ts';
import type { Finding, Result } from './spec.ts';

/** What `npm run doctor -- --json` prints. */
export interface Report {
  /** Whether calls can be answered: nothing failed. */
  readonly ok: boolean;
  readonly checks: readonly Result[];
}

export function reportOf(results: readonly Result[]): Report {
  return { ok: allWell(results), checks: results };
}

const marks = {
  fine: { word: 'fine', style: 'green' },
  note: { word: 'note', style: 'cyan' },
  warning: { word: 'WARN', style: 'yellow' },
  failed: { word: 'FAIL', style: 'red' },
  'left-out': { word: '-', style: 'gray' },
} as const;

const titleWidth = 20;
const indent = ' '.repeat(titleWidth + 7);

/** The lines of one result: a line for each finding, and the remedy below it. */
export function linesOf(result: Result, options: { readonly colours: boolean }): string[] {
  return result.findings.flatMap((finding, i) => {
    const { word, style } = marks[result.verdict === 'left-out' ? 'left-out' : finding.verdict];
    const mark = options.colours
      ? styleText(style, word.padEnd(5), { validateStream: false })
      : word.padEnd(5);
    const title = (i === 0 ? result.title : '').padEnd(titleWidth);
    const says = finding.says.replaceAll('\n', `\n${indent}`);
    const remedy = finding.remedy === undefined ? [] : [`${indent}-> ${finding.remedy}`];
    return [`${mark} ${title} ${says}`, ...remedy];
  });
}

/** The last line: how it stands. */
export function summaryOf(results: readonly Result[]): string {
  const count = (verdict: Finding['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  if (failed > 0) return `${failed} of ${results.length} checks failed; calls cannot be answered well.`;
  if (warnings > 0) return `Calls are answered; ${warnings} of ${results.length} checks warn of something.`;
  return 'All is well.';
}

/** The values of all secret fields, and what else must never be printed. */
export function secretsIn(config: Config): string[] {
  return configFields()
    .filter(({ secret }) => secret)
    .map(({ path }) => path.split('.').reduce<unknown>(valueAt, config))
    .filter((value) => typeof value === 'string');
}

/** The same result with no secret in its texts, whoever put it there. */
export function withoutSecrets(result: Result, secrets: readonly string[]): Result {
  const clean = (text: string): string =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), redactText(text));
  return {
    ...result,
    findings: result.findings.map((finding) => ({
      ...finding,
      says: clean(finding.says),
      ...(finding.remedy !== undefined && { remedy: clean(finding.remedy) }),
    })),
  };
}

function valueAt(tree: unknown, key: string): unknown {
  return typeof tree === 'object' && tree !== null ? Reflect.get(tree, key) : undefined;
}
