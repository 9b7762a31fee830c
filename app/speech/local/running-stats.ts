export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Percentiles of the last few hundred values. */
export class RunningStats {
  readonly #kept: number[] = [];
  readonly #keep: number;
  #count = 0;

  constructor(keep = 256) {
    this.#keep = keep;
  }

  add(value: number): void {
    this.#kept[this.#count % this.#keep] = value;
    this.#count++;
  }

  spread(): Spread {
    const sorted = this.#kept.toSorted((a, b) => a - b);
    const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
    return { count: this.#count, p50: at(0.5), p95: at(0.95), max: at(1) };
  }
}
