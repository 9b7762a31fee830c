/** `npm run doctor`: checks each part for real, and prints for each that it is fine, or what is wrong and the remedy. */
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { checks } from '../doctor/checks.ts';
import { examine } from '../doctor/examine.ts';
import { openExam } from '../doctor/exam.ts';
import { troubleWith } from '../doctor/findings.ts';
import { linesOf, reportOf, secretsIn, summaryOf, withoutSecrets } from '../doctor/report.ts';
import type { Result } from '../doctor/spec.ts';
import { ParleyError } from '../errors.ts';
import { createLog } from '../ops/log.ts';
import { runCommand } from './command.ts';
import { prepareMachine, userCacheDir } from './parley-process.ts';

const usage = `npm run doctor -- [--json]

Reads the configuration and checks each part for real: Asterisk, its modules, a test call, ports, addresses, speech
engines, services, folders and the clock. Where no Asterisk is configured and no Parley runs, one is started for it.
  --json     prints one object instead
The exit status is 1 when something essential fails.`;

await runCommand(async (signal) => {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const colours = process.stdout.hasColors?.() ?? false;
  const show = (result: Result): void => {
    if (!values.json) for (const line of linesOf(result, { colours })) console.log(line);
  };
  const results = await examineAll(show, signal);
  const report = reportOf(results);
  console.log(values.json ? JSON.stringify(report) : `\n${summaryOf(results)}`);
  return report.ok ? 0 : 1;
});

async function examineAll(show: (result: Result) => void, signal: AbortSignal): Promise<Result[]> {
  let config: Config;
  try {
    config = await loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    // Nothing can be looked for without it.
    const findings = [troubleWith(error)];
    const result: Result = {
      name: 'configuration',
      title: 'Configuration',
      verdict: 'failed',
      tookMs: 0,
      findings,
    };
    const shown = withoutSecrets(result, []);
    show(shown);
    return [shown];
  }
  // What is missing is fetched with its progress shown; what cannot be fetched is told by the check that needs it.
  await prepareMachine(config, process.env, { signal, out: process.stderr }).catch(() => undefined);
  signal.throwIfAborted();
  const log = createLog({ level: 'error', format: 'auto', showSpeech: false });
  const exam = await openExam({ config, cacheDir: userCacheDir(process.env), log, signal });
  const results: Result[] = [];
  try {
    await examine(checks, exam, {
      signal,
      onResult: (result) => {
        const shown = withoutSecrets(result, [...secretsIn(config), ...exam.secrets]);
        results.push(shown);
        show(shown);
      },
    });
  } finally {
    await exam.close();
    await log.close();
  }
  return results;
}
