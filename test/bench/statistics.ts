/** The 95th percentile is `percentile(values, 0.95)`: nearest rank, so always a value that was measured; undefined for none. */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** In whole numbers; null (which JSON can say) where nothing was measured. */
export function percentiles(values: readonly number[]): Percentiles {
  const at = (part: number): number | null => whole(percentile(values, part));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function whole(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value);
}
