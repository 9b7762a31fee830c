import { setTimeout as delay } from 'node:timers/promises';
import { silence } from '../../app/audio/mix.ts';
import { type Audio, concatPcm } from '../../app/audio/pcm.ts';
import { messageOf } from '../../app/errors.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import { measureTurns, type Span } from '../../app/phone/turn-times.ts';
import type { TestBot } from '../support/bot.ts';
import { MachineWatch } from '../support/machine-watch.ts';
import { eventLoopMessage } from './event-loop.ts';
import { type Pattern, patternOf, worstGapMs } from './gaps.ts';
import type { Bench, BotKind } from './harness.ts';
import { type CrowdHeard, type CrowdOutcome, LoadPhone } from './load-phone.ts';
import { cpuPercent, pidOfAsterisk, type Usage, usageOf } from './processes.ts';
import { percentile } from './statistics.ts';
import { fine } from './tracks.ts';

/** Callers who hear the greeting out, say one thing, and hear the answer out. */
export interface Crowd {
  readonly kind: Extract<BotKind, 'own' | 'scripted'>;
  /** How many at once, one step after the other. */
  readonly steps: readonly number[];
  /** The answer to it is the same at every time. */
  readonly says: string;
  /** Longer than the answer takes, and less than the bot waits after it before it asks whether anybody is there. */
  readonly answerMs: number;
}

/** What a number of calls at once came to. */
export interface Step {
  readonly calls: number;
  readonly answered: number;
  readonly worstGapMs: number;
  readonly callsWithGap: number;
  /** The same two, if nothing had been late by what the host took of the machine. */
  readonly sparedGapMs: number;
  readonly callsWithSparedGap: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  /** Percent of one core. */
  readonly cpu: Looks<number>;
  readonly memoryMB: Looks<number>;
  /** Of the worst second. */
  readonly loopLateP99Ms: number | undefined;
  /** Of all calls: what the callers' telephones did not play because it came too late. */
  readonly latePackets: number;
  /** How late the callers themselves were at worst. */
  readonly callersLateMs: number;
  /** What the host gave to others. */
  readonly stolenPercent: MachineWatch['stolenPercent'];
  readonly passed: boolean;
}

export interface CrowdResult {
  readonly idleMB: Looks<number>;
  readonly steps: readonly Step[];
  /** Why callers were not served, and what the app complained about: each with how often. */
  readonly failures: ReadonlyMap<string, number>;
}

type Looks<T> = Readonly<Record<'app' | 'asterisk' | 'callers', T>>;

const sampleRateHz = 8_000;
/** The greeting takes 6.5 s. */
const greetingMs = 8_000;
/** Callers come one after the other over so long, and so do their turns. */
export const arriveMs = 10_000;
/** All are there then; so long CPU and memory are looked at. */
const lookMs = 5_000;
export const audibleMs = 60;
export const mostLatencyMs = 1_000;
const settleMs = 2_000;
/** What is said is compared with what the first ones hear, one after the other. */
const callersAlone = 3;
/** A step is made so often at most, where the host gave more than so much of the time to others. */
export const mostTries = 3;
export const stolenLimitPercent = 2;

/** Steps up until two in a row are not passed. */
export async function measureCrowd(bench: Bench, crowd: Crowd): Promise<CrowdResult> {
  const { signal } = bench;
  const bot = await bench.bot(crowd.kind);
  const account = { user: '6099', password: bot.parley.secrets.caller, server: bot.sip };
  const phone = await LoadPhone.start(bench.owner, account);
  const words = (await bench.voice(crowd.says, 'rms')).samples;
  const samples = concatPcm([
    silence(greetingMs, sampleRateHz),
    words,
    silence(crowd.answerMs, sampleRateHz),
  ]);
  const sound: Audio = { samples, sampleRateHz };
  const says = { fromMs: greetingMs, toMs: greetingMs + (words.length / sampleRateHz) * 1000 };
  const place = (calls: number, overMs: number): Promise<CrowdHeard> =>
    phone.calls(calls, { overMs, sound, says, signal });

  const hearAlone = async (): Promise<HeardAlone> => {
    const [outcome] = (await place(1, 0)).outcomes;
    const { greeting, answer } = outcome?.spared ? heardBy(outcome.spared, says) : {};
    if (greeting === undefined || answer === undefined)
      throw new Error(
        `a caller alone was not served (${crowd.kind} engines): ${outcome?.failure ?? 'no answer'}`,
      );
    if (answer.cutOff)
      throw new Error(
        `the answer to “${crowd.says}” takes longer than the ${crowd.answerMs} ms it is heard for`,
      );
    return { greeting, answer };
  };
  const alone: HeardAlone[] = [];
  while (alone.length < callersAlone) alone.push(await sparedByHost(bench, hearAlone));
  const pids = { app: bot.parley.app?.pid ?? 0, asterisk: await asteriskOf(bot), callers: phone.pid };
  const idle = await look(pids);
  const steps: Step[] = [];
  const failures = new Map<string, number>();
  const note = (what: string): void => void failures.set(what, (failures.get(what) ?? 0) + 1);
  const measureStep = async (calls: number): Promise<Step> => {
    const machine = new MachineWatch();
    const logged = (await bot.log()).length;
    const looking = delay(arriveMs, undefined, { signal }).then(async () => {
      const before = await look(pids);
      await delay(lookMs, undefined, { signal });
      return [before, await look(pids)] as const;
    });
    const [heard, [before, after]] = await Promise.all([place(calls, arriveMs), looking]);
    machine.close();
    const { outcomes, latePackets, latestMs } = heard;
    for (const outcome of outcomes) if (outcome.failure !== undefined) note(outcome.failure);
    const log = (await bot.log()).slice(logged);
    const lateMs = log.flatMap(({ message, p99Ms }) => (message === eventLoopMessage ? [Number(p99Ms)] : []));
    for (const line of log)
      if (line['level'] === 'error' || line['level'] === 'warn') note(complaintOf(line));
    return {
      ...judge(outcomes, says, alone),
      cpu: each((name) => cpuPercent(before[name], after[name])),
      memoryMB: each((name) => after[name].memoryMB),
      loopLateP99Ms: percentile(lateMs, 1),
      latePackets,
      callersLateMs: latestMs,
      stolenPercent: machine.stolenPercent,
    };
  };
  let missed = 0;
  for (const calls of crowd.steps) {
    let step: Step;
    let tries = 0;
    do {
      await bench.calm();
      step = await measureStep(calls);
      steps.push(step);
      bench.progress(`  ${crowd.kind} ${calls}: ${told(step)}`);
      await delay(settleMs, undefined, { signal });
    } while (!step.passed && step.stolenPercent.mean > stolenLimitPercent && ++tries < mostTries);
    missed = step.passed ? 0 : missed + 1;
    if (missed === 2) break;
  }
  return { idleMB: each((name) => idle[name].memoryMB), steps, failures };
}

/** What fails while the host takes more than it may is done again. */
async function sparedByHost<T>(bench: Bench, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    await bench.calm();
    const machine = new MachineWatch();
    try {
      return await work();
    } catch (error) {
      if (tries === mostTries || machine.stolenPercent.mean <= stolenLimitPercent) throw error;
      bench.progress(`  once more: ${messageOf(error)}`);
    } finally {
      machine.close();
    }
  }
}

function told(step: Step): string {
  const {
    answered,
    worstGapMs,
    callsWithGap,
    sparedGapMs,
    callsWithSparedGap,
    p95,
    latePackets,
    callersLateMs,
    stolenPercent,
    passed,
  } = step;
  return `${answered} answered, worst gap ${worstGapMs.toFixed(0)} ms in ${callsWithGap}, without the host ${sparedGapMs.toFixed(0)} ms in ${callsWithSparedGap}, p95 ${p95?.toFixed(0) ?? '-'} ms, ${latePackets} packets too late, callers late by ${callersLateMs.toFixed(0)} ms at most, the host took ${stolenPercent.mean.toFixed(1)} %${passed ? '' : ', not passed'}`;
}

interface Heard {
  readonly greeting: Pattern | undefined;
  readonly answer: Pattern | undefined;
  readonly latencyMs: number | undefined;
}

interface HeardAlone {
  readonly greeting: Pattern;
  readonly answer: Pattern;
}

/** Of middle length: the machine may lengthen what one of them hears, or swallow some of it. */
function middle(all: readonly HeardAlone[], what: keyof HeardAlone): Pattern {
  const inOrder = all.map((one) => one[what]).toSorted((one, other) => one.spanMs - other.spanMs);
  const found = inOrder[inOrder.length >> 1];
  if (found === undefined) throw new Error('nobody was heard alone');
  return found;
}

function heardBy(recording: CallRecording, says: Span): Heard {
  const [turn] = measureTurns(recording, [says], fine);
  const endMs = turn?.callerEndMs;
  return {
    greeting: patternOf(recording, { fromMs: 0, toMs: says.fromMs }),
    answer: endMs === undefined ? undefined : patternOf(recording, { fromMs: endMs, toMs: Infinity }),
    latencyMs: turn?.latencyMs,
  };
}

function judge(
  outcomes: readonly CrowdOutcome[],
  says: Span,
  alone: readonly HeardAlone[],
): Omit<Step, 'cpu' | 'memoryMB' | 'loopLateP99Ms' | 'latePackets' | 'callersLateMs' | 'stolenPercent'> {
  const heard = outcomes.flatMap(({ recording }) => (recording ? [heardBy(recording, says)] : []));
  const spared = outcomes.flatMap((outcome) => (outcome.spared ? [heardBy(outcome.spared, says)] : []));
  const reference = { greeting: middle(alone, 'greeting'), answer: middle(alone, 'answer') };
  const [gaps, sparedGaps] = [gapsIn(heard, reference), gapsIn(spared, reference)];
  const latencies = heard.flatMap(({ latencyMs }) => latencyMs ?? []);
  const calls = outcomes.length;
  const answered = Math.min(gaps.count, latencies.length);
  const p95 = percentile(latencies, 0.95);
  return {
    calls,
    answered,
    worstGapMs: gaps.worstMs,
    callsWithGap: gaps.audible,
    sparedGapMs: sparedGaps.worstMs,
    callsWithSparedGap: sparedGaps.audible,
    p50: percentile(latencies, 0.5),
    p95,
    passed: answered === calls && gaps.audible === 0 && p95 !== undefined && p95 <= mostLatencyMs,
  };
}

function gapsIn(
  heard: readonly Heard[],
  alone: HeardAlone,
): { readonly count: number; readonly audible: number; readonly worstMs: number } {
  const gapsMs = heard.flatMap(({ greeting, answer }) =>
    greeting && answer
      ? [Math.max(worstGapMs(greeting, alone.greeting), worstGapMs(answer, alone.answer))]
      : [],
  );
  return {
    count: gapsMs.length,
    audible: gapsMs.filter((ms) => ms > audibleMs).length,
    worstMs: Math.max(0, ...gapsMs),
  };
}

function complaintOf({ message, error }: Readonly<Record<string, unknown>>): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : '';
  return `the app: ${String(message)}${code}`;
}

async function asteriskOf(bot: TestBot): Promise<number> {
  const runDir = bot.parley.asterisk?.runDir;
  if (runDir === undefined) throw new Error('the bot has no Asterisk of its own');
  return pidOfAsterisk(runDir);
}

async function look(pids: Looks<number>): Promise<Looks<Usage>> {
  const [app, asterisk, callers] = await Promise.all([
    usageOf(pids.app),
    usageOf(pids.asterisk),
    usageOf(pids.callers),
  ]);
  return { app, asterisk, callers };
}

function each<T>(of: (name: keyof Looks<T>) => T): Looks<T> {
  return { app: of('app'), asterisk: of('asterisk'), callers: of('callers') };
}
