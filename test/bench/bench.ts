/**
 * `npm run bench -- [--quick] [--json] [--only voice,overhead,... [--renew]]`: measures Parley from the telephone's side
 * of the wire and writes docs/benchmarks.md; with --only it prints what it measured, and with --renew it also puts that
 * into docs/benchmarks.md in the place of what was measured before.
 */
import { parseArgs } from 'node:util';
import { runCommand } from '../../app/cli/command.ts';
import { prepareMachine } from '../../app/cli/parley-process.ts';
import { loadConfig } from '../../app/config/load.ts';
import { messageOf, ParleyError } from '../../app/errors.ts';
import { MachineWatch } from '../support/machine-watch.ts';
import type { Owner } from '../support/owner.ts';
import { measureBargeIn } from './barge-in.ts';
import { measureCallsAtOnce } from './calls-at-once.ts';
import { measureCutIns } from './cut-ins.ts';
import { measureFalseInterruptions } from './false-interruptions.ts';
import { measureGreeting } from './greeting.ts';
import { type Bench, createBench } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { measureOverhead } from './overhead.ts';
import { measureRecognition } from './recognition.ts';
import { asJson, asMarkdown, asText, describeMachine, type Report, writeReport } from './report.ts';
import { measureVoiceToVoice } from './voice-to-voice.ts';

const measurements: Readonly<Record<string, (bench: Bench) => Promise<Measurement>>> = {
  voice: measureVoiceToVoice,
  overhead: measureOverhead,
  bargein: measureBargeIn,
  falseinterruptions: measureFalseInterruptions,
  cutins: measureCutIns,
  greeting: measureGreeting,
  calls: measureCallsAtOnce,
  wer: measureRecognition,
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    renew: { type: 'boolean', default: false },
  },
});

await runCommand(async (signal) => {
  const wanted = values.only?.split(',') ?? Object.keys(measurements);
  const unknown = wanted.filter((name) => !Object.hasOwn(measurements, name));
  if (unknown.length > 0)
    throw new Error(
      `There is no measurement ${unknown.join(', ')}; there are ${Object.keys(measurements).join(', ')}.`,
    );
  await prepareMachine(await loadConfig({}), process.env, { signal, out: process.stderr });
  const report = await measureAll(wanted, signal);
  const part = values.only !== undefined;
  if (!part || values.renew) await writeReport(report, { part });
  process.stdout.write(values.json ? `${JSON.stringify(asJson(report), null, 2)}\n` : asText(report));
  if (part && !values.json) process.stdout.write(`\n${await asMarkdown(report)}`);
  return report.failures.length === 0 ? 0 : 1;
});

async function measureAll(wanted: readonly string[], signal: AbortSignal): Promise<Report> {
  const { quick } = values;
  const done: Measurement[] = [];
  const failures: string[] = [];
  const beganMs = performance.now();
  await owned(signal, async (whole) => {
    const bench = await createBench(whole, { quick });
    for (const name of wanted) {
      const measure = measurements[name];
      if (measure === undefined) continue;
      bench.progress(`${name} (${((performance.now() - beganMs) / 1000).toFixed(0)} s)`);
      await bench.calm();
      const machine = new MachineWatch();
      try {
        const measured = await owned(signal, (owner) => measure({ ...bench, owner }));
        done.push({ ...measured, notes: [...measured.notes, stolen(machine)] });
      } catch (error) {
        signal.throwIfAborted();
        failures.push(`${name}: ${error instanceof ParleyError ? error.explain() : messageOf(error)}`);
        bench.progress(`  could not be measured: ${messageOf(error)}`);
      } finally {
        machine.close();
      }
    }
  });
  const tookSeconds = (performance.now() - beganMs) / 1000;
  return { machine: await describeMachine(signal), quick, tookSeconds, measurements: done, failures };
}

function stolen({ stolenPercent: { mean, worst } }: MachineWatch): string {
  return `Meanwhile the host gave ${mean.toFixed(1)} % of the cores’ time to others, ${worst.toFixed(0)} % within the worst 200 ms.`;
}

/** Whatever is started for `work` is ended after it, what was begun last first. */
async function owned<T>(signal: AbortSignal, work: (owner: Owner) => Promise<T>): Promise<T> {
  const closers: (() => Promise<void>)[] = [];
  try {
    return await work({ signal, after: (done) => void closers.push(done) });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
