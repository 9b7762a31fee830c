import { stolenMsOfCores } from '../../support/machine-watch.ts';

const lookEveryMs = 50;
/** What was held up by the host is there so soon after the host has given the core back. */
const catchUpMs = 300;

interface Look {
  readonly atMs: number;
  readonly stolenMs: readonly number[];
}

/** What the host of a virtual machine took of its cores, and when (steal, /proc/stat). */
export class StolenTime {
  readonly #looks: Look[] = [];
  readonly #read: () => readonly number[];

  constructor(read: () => readonly number[] = stolenMsOfCores) {
    this.#read = read;
  }

  /** To be called often. @param nowMs by `performance.now()`. */
  look(nowMs: number): void {
    const last = this.#looks.at(-1);
    if (last === undefined || nowMs - last.atMs >= lookEveryMs)
      this.#looks.push({ atMs: nowMs, stolenMs: this.#read() });
  }

  /** How late the host may have made something: the most that it took of one core in the moment before. */
  before(atMs: number): number {
    const from = this.#lookAt(atMs - catchUpMs);
    // What was taken is told when it has been given back.
    const to = this.#lookAt(atMs) + 1;
    const [first, last] = [this.#looks[from], this.#looks[Math.min(to, this.#looks.length - 1)]];
    if (first === undefined || last === undefined) return 0;
    return Math.max(0, ...last.stolenMs.map((ms, core) => ms - (first.stolenMs[core] ?? ms)));
  }

  /** The last look that is not after it, or the first one. */
  #lookAt(atMs: number): number {
    let [from, to] = [0, this.#looks.length];
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.#looks[middle]?.atMs ?? Infinity) <= atMs) from = middle;
      else to = middle;
    }
    return from;
  }
}
