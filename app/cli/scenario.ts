/** `npm run scenario`: a caller made of software has the conversations that files describe (docs/scenarios.md). */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { ParleyError } from '../errors.ts';
import { toStereoWav } from '../phone/recording.ts';
import { readScenario } from '../phone/scenario/read.ts';
import { Roads } from '../phone/scenario/roads.ts';
import { runScenario, type ScenarioReport } from '../phone/scenario/run.ts';
import type { LineKind, Scenario } from '../phone/scenario/schema.ts';
import { withCaller } from './call-phone.ts';
import { describeEvent } from './call-steps.ts';
import { runCommand } from './command.ts';

interface Request {
  readonly files: readonly string[];
  readonly line: LineKind | 'auto' | undefined;
  readonly json: boolean;
  readonly save: string | undefined;
}

interface Named {
  readonly file: string;
  readonly scenario: Scenario;
}

/** What became of a scenario: why it was left out, or how it went. */
type Result = Named & ({ readonly leftOut: string } | ScenarioReport);

await runCommand(async (signal) => {
  const request = readRequest(process.argv.slice(2));
  if (request === undefined) return 0;
  // With --json nothing else may be on standard output; the conversations can still be followed.
  const out = request.json ? process.stderr : process.stdout;
  const say = (line: string): void => void out.write(`${line}\n`);
  // All of them first: a mistake in the last file should not be told after ten calls.
  const all = await Promise.all(
    request.files.map(async (file) => ({ file, scenario: await readScenario(file) })),
  );
  const results = await runAll(all, request, say, signal);
  const failed = results.filter((result) => 'ok' in result && !result.ok);
  const leftOut = results.filter((result) => 'leftOut' in result);
  say(
    `\n${String(results.length - failed.length - leftOut.length)} as expected, ${String(failed.length)} not, ${String(leftOut.length)} left out`,
  );
  for (const { file } of failed) say(`  ${file}`);
  if (request.json) console.log(asJson(failed.length === 0, results));
  return failed.length === 0 ? 0 : 1;
});

async function runAll(
  all: readonly Named[],
  request: Request,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Result[]> {
  const wanted = { line: request.line };
  return withCaller({ wanted, say, signal }, async ({ config, account, voice, startPhone }) => {
    const kind = request.line ?? config.line.kind;
    const scenarios = all.map(({ scenario }) => scenario);
    const roads = await Roads.open(scenarios, account);
    try {
      const phone = await startPhone(roads.accounts);
      const results: Result[] = [];
      for (const { file, scenario } of all) {
        const { title, lines, because = '' } = scenario;
        say(`\n${file}: ${title}`);
        if (!lines.includes(kind === 'recorded' ? 'recorded' : 'streamed')) {
          say(`  left out: ${because}`);
          results.push({ file, scenario, leftOut: because });
          continue;
        }
        const onEvent = (event: Parameters<typeof describeEvent>[0]): void => say(describeEvent(event));
        const report = await runScenario(scenario, { phone, roads, voice, signal, onEvent });
        for (const line of linesOf(report)) say(line);
        if (request.save !== undefined) await save(report, file, request.save);
        results.push({ file, scenario, ...report });
      }
      return results;
    } finally {
      await roads.close();
    }
  });
}

/** All but the recordings. */
function asJson(ok: boolean, results: readonly Result[]): string {
  const scenarios = results.map(({ scenario, ...result }) => ({ title: scenario.title, ...result }));
  return JSON.stringify({ ok, scenarios }, (key, value: unknown) =>
    key === 'recording' ? undefined : value,
  );
}

function linesOf({ turns, checks, network }: ScenarioReport): string[] {
  const answer = (ms: number | undefined): string =>
    ms === undefined ? '-' : `${String(Math.round(ms))} ms`;
  return [
    ...turns.map(({ said, answerMs }) => `  answer after ${answer(answerMs).padStart(8)}  ${said}`),
    ...checks.map(
      ({ step, ok, says }) =>
        `  ${ok ? 'ok  ' : 'FAIL'} ${step === undefined ? '' : `step ${String(step)}: `}${says}`,
    ),
    ...(network === undefined
      ? []
      : (['toBot', 'toCaller'] as const).map((way) => {
          const { passed, dropped, longestDelayMs } = network[way];
          return `  ${way === 'toBot' ? 'to the bot' : 'to the caller'}: ${String(passed)} packets passed, ${String(dropped)} dropped, none later than ${longestDelayMs.toFixed(0)} ms`;
        })),
  ];
}

async function save({ recording }: ScenarioReport, file: string, folder: string): Promise<void> {
  if (recording === undefined) return;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${path.parse(file).name}.wav`), toStereoWav(recording));
}

function readRequest(argv: readonly string[]): Request | undefined {
  const program = new Command('npm run scenario --')
    .description(
      'Has conversations over real SIP calls, as files describe them, and tells which went as expected.',
    )
    .usage('[options] FILE...')
    .argument('<file...>')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .option('--line <kind>', 'streamed, recorded or auto: starts a Parley with such lines, whichever runs')
    .option('--json', 'print one JSON object at the end and nothing else')
    .option('--save <folder>', 'save the recordings: the caller left, the bot right')
    .addHelpText(
      'after',
      '\nExit status: 0 when all went as expected, 1 when one did not, 130 after Ctrl-C.',
    );
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    if (error instanceof CommanderError) throw usage(error.message.replace(/^error: /, ''));
    throw error;
  }
  const { line, json, save: folder } = program.opts<{ line?: string; json?: boolean; save?: string }>();
  return { files: program.args, line: readLine(line), json: json === true, save: folder };
}

function readLine(line: string | undefined): Request['line'] {
  if (line === undefined || line === 'streamed' || line === 'recorded' || line === 'auto') return line;
  throw usage(`--line is streamed, recorded or auto, not "${line}"`);
}

function usage(reason: string): ParleyError {
  return new ParleyError('scenario-usage', { reason });
}
