import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import { testCacheDir } from '../support/asterisk.ts';
import { renewed } from './renewed.ts';
import { isMet, type Measurement, type Table, type Target } from './measurement.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly node: string;
  readonly asterisk: string;
  readonly system: string;
  /** ISO 8601, UTC. */
  readonly date: string;
}

export interface Report {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly tookSeconds: number;
  readonly measurements: readonly Measurement[];
  /** What could not be measured, and why. */
  readonly failures: readonly string[];
}

const documentFile = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

export async function describeMachine(signal: AbortSignal): Promise<Machine> {
  const program = await findAsterisk({ cacheDir: testCacheDir(), signal });
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
    asterisk: program.version,
    system: `${os.type()} ${os.release()}`,
    date: new Date().toISOString(),
  };
}

/**
 * Writes docs/benchmarks.md.
 * @param part set when the report holds some of the measurements alone: the others stay as they were.
 */
export async function writeReport(report: Report, { part }: { readonly part: boolean }): Promise<void> {
  const fresh = await asMarkdown(report);
  const text = part ? renewed(await readFile(documentFile, 'utf8'), fresh) : fresh;
  await writeFile(documentFile, await inStyle(text));
}

export function asJson({ machine, quick, measurements, failures }: Report): Record<string, unknown> {
  const figures = Object.assign({}, ...measurements.map((one) => one.figures)) as Record<string, unknown>;
  const targets = targetsOf(measurements).map((target) => ({ ...target, met: isMet(target) }));
  return { ...figures, targets, machine, quick, failures };
}

/** For a terminal: each target, and how near it was. */
export function asText({ measurements, failures }: Report): string {
  const lines = targetsOf(measurements).map((target) => {
    const { what, unit, value } = target;
    const found = value === null ? 'not measured' : `${value} ${unit}`;
    return `${isMet(target) ? 'met   ' : 'missed'}  ${what}: ${found} (${wanted(target)})`;
  });
  return `${[...lines, ...failures].join('\n')}\n`;
}

export async function asMarkdown(report: Report): Promise<string> {
  const { machine, quick, tookSeconds, measurements, failures } = report;
  const { cpu, cores, memoryGB, node, asterisk, system, date } = machine;
  const targets: Table = [
    ['Figure', 'Target', 'Measured', ''],
    ...targetsOf(measurements).map((target) => [
      target.what,
      wanted(target),
      target.value === null ? '-' : `${target.value} ${target.unit}`,
      verdict(target),
    ]),
  ];
  const moment = `${date.slice(0, 16).replace('T', ' ')} UTC`;
  const stamp = `Measured on ${moment}${quick ? ', in a short run: few calls' : ''}.`;
  const text = [
    '# Benchmarks',
    `Made by \`npm run bench${quick ? ' -- --quick' : ''}\` on ${moment}, in ${(tookSeconds / 60).toFixed(0)} minutes${quick ? ' (a short run: few calls)' : ''}. Callers, Asterisk and the app share one machine: ${cpu}, ${cores} cores, ${memoryGB} GB, ${system}, Node ${node}, Asterisk ${asterisk}. Everything is measured in the telephone’s own stereo recording, both sides sample-aligned, on its side of the wire: SIP and RTP from a second Asterisk, and for many calls at once from a lighter caller. A sound is a stretch above -50 dBFS. Where the machine is a virtual one, measurements, and the calls or steps of the longer ones, begin when its host has given it its cores for six seconds, or after a minute.`,
    '## Targets',
    tableOf(targets),
    ...measurements.flatMap(({ title, how, table, notes }) => [
      `## ${title}`,
      how,
      tableOf(table),
      [...notes, stamp].map((note) => `- ${note}`).join('\n'),
    ]),
    ...(failures.length === 0
      ? []
      : ['## Not measured', failures.map((failure) => `- ${failure}`).join('\n')]),
  ].join('\n\n');
  return inStyle(text);
}

async function inStyle(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(documentFile)), parser: 'markdown' });
}

function targetsOf(measurements: readonly Measurement[]): Target[] {
  return measurements.flatMap(({ targets }) => targets);
}

function wanted({ bound, limit, unit }: Target): string {
  return `${bound === 'most' ? 'at most' : 'at least'} ${limit} ${unit}`.trimEnd();
}

function verdict(target: Target): string {
  const { value, limit, unit } = target;
  if (isMet(target)) return 'met';
  if (value === null) return 'not measured';
  return `missed by ${Math.round(Math.abs(value - limit) * 100) / 100} ${unit}`.trimEnd();
}

function tableOf([head = [], ...rows]: Table): string {
  const line = (cells: Table[number]): string => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
