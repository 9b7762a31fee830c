import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** USER_HZ, which Linux has fixed at 100 for what it tells programs. */
const tickMs = 10;
/** What is looked at together. */
const windowMs = 200;
/** Of a window's time on all cores, what the host gave to others. */
const mostStolen = 0.2;

/**
 * Whether the machine took time away from a test. A virtual machine is given less than its cores for a moment now and
 * then, and audio that is due in that moment is late or lost, on any telephone; nothing can be said about the bot then.
 * What the host took is the field `steal` of the line `cpu` in /proc/stat (proc(5)).
 */
export class MachineWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #first = readTimes();
  #last = readTimes();
  #stolen = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), windowMs);
    this.#timer.unref();
  }

  /** In words, what the host took at worst; undefined where it was little. */
  get trouble(): string | undefined {
    if (this.#stolen <= mostStolen) return undefined;
    return `the host took ${(100 * this.#stolen).toFixed(0)} % of the cores' time within ${windowMs} ms`;
  }

  /** Percent of the time of all cores that the host gave to others: of the whole, and of the worst moment. */
  get stolenPercent(): { readonly mean: number; readonly worst: number } {
    const now = readTimes();
    const total = now.total - this.#first.total;
    const mean = total === 0 ? 0 : (now.stolen - this.#first.stolen) / total;
    return { mean: 100 * mean, worst: 100 * this.#stolen };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = readTimes();
    const total = now.total - this.#last.total;
    if (total > 0) this.#stolen = Math.max(this.#stolen, (now.stolen - this.#last.stolen) / total);
    this.#last = now;
  }
}

const probeMs = 20;
const probeEveryMs = 1_500;
/** Of a moment in which this process computes, what it gets of a core. */
const enough = 0.9;
/** A machine that is not back by then will not be. */
const patienceMs = 60_000;

/**
 * Waits until a process that computes gets a core for itself again, for a minute at most.
 * @param moments so many in a row in which it does, 1.5 s apart.
 * @throws the signal's reason.
 */
export async function machineIsBack(signal: AbortSignal, moments = 1): Promise<void> {
  let good = 0;
  for (const untilMs = performance.now() + patienceMs; performance.now() < untilMs && good < moments;) {
    await delay(probeEveryMs, undefined, { signal });
    const [fromMs, before] = [performance.now(), process.cpuUsage()];
    while (performance.now() - fromMs < probeMs);
    const { user, system } = process.cpuUsage(before);
    good = (user + system) / 1_000 >= enough * (performance.now() - fromMs) ? good + 1 : 0;
  }
}

/** In ticks, of all cores since the machine was started. */
function readTimes(): { readonly total: number; readonly stolen: number } {
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? '';
  // user nice system idle iowait irq softirq steal; the time of guests is part of user.
  const ticks = line.split(' ').slice(0, 8).map(Number);
  return { total: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}

/** What the host took of each core since the machine was started, in milliseconds. */
export function stolenMsOfCores(): number[] {
  const text = readFileSync('/proc/stat', 'utf8');
  return [...text.matchAll(/^cpu\d+ (.*)$/gm)].map(([, line = '']) => Number(line.split(' ')[7]) * tickMs);
}
