/** What must be reached, and what was. */
export interface Target {
  readonly what: string;
  readonly limit: number;
  /** `most`: the value may not be greater; `least`: not smaller. */
  readonly bound: 'most' | 'least';
  readonly unit: string;
  /** null when it could not be measured. */
  readonly value: number | null;
}

/** A row for each thing, the first row names the columns. */
export type Table = readonly (readonly (string | number | null)[])[];

/** What came of measuring one thing. */
export interface Measurement {
  readonly title: string;
  /** How it was measured, and on how much. */
  readonly how: string;
  readonly table: Table;
  /** What the table does not say: what failed, what limits it. */
  readonly notes: readonly string[];
  readonly targets: readonly Target[];
  /** Goes into the JSON as it is. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export function isMet({ value, limit, bound }: Target): boolean {
  return value !== null && (bound === 'most' ? value <= limit : value >= limit);
}
