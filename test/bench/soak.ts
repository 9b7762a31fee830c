/**
 * `npm run soak -- [--calls 100] [--at-once 1] [--line auto]`: calls of three turns, one after the other, to a Parley that is started
 * for them. Tells how many ended as expected, how long the bot took to answer (on the telephone's side of the wire),
 * what was left on Asterisk, and whether the app's memory grew.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runCommand } from '../../app/cli/command.ts';
import { prepareMachine } from '../../app/cli/parley-process.ts';
import { loadConfig } from '../../app/config/load.ts';
import { messageOf } from '../../app/errors.ts';
import { measureTurns } from '../../app/phone/turn-times.ts';
import { startOpenMeteo } from '../fakes/open-meteo.ts';
import { connected, nothingLeft, testAri } from '../support/asterisk.ts';
import { startBot, type TestBot } from '../support/bot.ts';
import type { Owner } from '../support/owner.ts';

const cities = [
  'London',
  'Chicago',
  'Berlin',
  'Madrid',
  'Boston',
  'Tokyo',
  'Denver',
  'Sydney',
  'Rome',
  'Toronto',
];

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100' },
    'at-once': { type: 'string', default: '1' },
    line: { type: 'string', default: 'auto' },
  },
});
const calls = Number(values.calls);
const atOnce = Number(values['at-once']);

interface Outcome {
  readonly latenciesMs: readonly number[];
  readonly failure?: string;
}

await runCommand(async (signal) => {
  await prepareMachine(await loadConfig({}), process.env, { signal, out: process.stderr });
  const closers: (() => Promise<void>)[] = [];
  const owner: Owner = { signal, after: (done) => void closers.push(done) };
  try {
    const meteo = await startOpenMeteo();
    owner.after(() => meteo.close());
    const bot = await startBot(owner, {
      settings: { PARLEY_SKILLS_WEATHER_BASE_URL: meteo.url, PARLEY_LINE_KIND: values.line },
    });
    return await soak(owner, bot, signal);
  } finally {
    for (const close of closers.reverse()) await close();
  }
});

async function soak(owner: Owner, bot: TestBot, signal: AbortSignal): Promise<number> {
  const outcomes: Outcome[] = [];
  const memoryMB: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < calls && !signal.aborted) {
      const number = next++;
      const outcome = await place(bot, cities[number % cities.length] ?? 'London');
      outcomes.push(outcome);
      memoryMB.push(await residentMB(bot));
      if (outcome.failure !== undefined) console.log(`call ${number + 1}: ${outcome.failure}`);
      if (outcomes.length % 10 === 0)
        console.log(`${outcomes.length} calls, the app's memory ${memoryMB.at(-1)?.toFixed(0) ?? '?'} MB`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));

  const left = await leftOver(owner, bot);
  const latencies = outcomes.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
  console.log(
    `\n${outcomes.length} calls of three turns, ${atOnce} at once: ${outcomes.length - failed} as expected`,
  );
  console.log(
    `caller's last sound to bot's first sound: p50 ${percentile(latencies, 0.5)} ms, p95 ${percentile(latencies, 0.95)} ms (${latencies.length} turns)`,
  );
  console.log(`left on Asterisk: ${left}`);
  const tenth = Math.max(1, Math.floor(memoryMB.length / 10));
  const early = mean(memoryMB.slice(tenth, 2 * tenth));
  console.log(
    `the app's memory: ${early.toFixed(0)} MB after the first tenth, ${mean(memoryMB.slice(-tenth)).toFixed(0)} MB at the end`,
  );
  return failed === 0 && left === 'nothing' ? 0 : 1;
}

async function place(bot: TestBot, city: string): Promise<Outcome> {
  let latenciesMs: number[] = [];
  try {
    const call = await bot.call();
    try {
      await call.say(`what's the weather in ${city}`);
      await call.expect(/degrees/);
      await call.say('what time is it in Tokyo');
      await call.expect(/Tokyo/);
      await call.say('goodbye');
      await call.expect(/bye|nice day|by heaven/);
      const end = await call.ended;
      if (end.by !== 'other') throw new Error('the bot did not hang up');
    } finally {
      await call.close();
      const recording = await call.recording();
      latenciesMs = measureTurns(recording, recording.turns).flatMap(({ latencyMs }) => latencyMs ?? []);
    }
    return { latenciesMs };
  } catch (error) {
    return { latenciesMs, failure: messageOf(error) };
  }
}

async function leftOver(owner: Owner, bot: TestBot): Promise<string> {
  const { asterisk, secrets } = bot.parley;
  if (asterisk === undefined) return 'Asterisk is gone';
  const ari = testAri(owner, asterisk.ariUrl, { app: 'observer', password: secrets.ari });
  const up = connected(ari);
  ari.start();
  await up;
  return nothingLeft(ari).then(
    () => 'nothing',
    (error: unknown) => messageOf(error),
  );
}

/** The resident memory of the app's process, as Linux counts it. */
async function residentMB(bot: TestBot): Promise<number> {
  const status = await readFile(`/proc/${bot.parley.app?.pid ?? 'self'}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function percentile(sorted: readonly number[], part: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return value === undefined ? '-' : value.toFixed(0);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);
}
