import type { Writable } from 'node:stream';
import { messageOf } from '../errors.ts';

/** How far a step is. Both parts may be left out; what is known is shown. */
interface Progress {
  /** What is being done, such as "unpacking". */
  readonly doing: string;
  /** From 0 to 1. */
  readonly fraction?: number;
  readonly totalMB?: number;
}

export type OnProgress = (progress: Progress) => void;

/** One thing that has to be there before Parley can start. */
export interface Step {
  /** What the user reads: "speech weights". */
  readonly title: string;
  /**
   * Makes sure that it is there. It calls `progress` as soon as there is something to do, and not at all when
   * everything was there already; the first call is what makes the step visible.
   */
  readonly run: (options: { readonly signal: AbortSignal; readonly progress: OnProgress }) => Promise<void>;
}

export interface SetUpOptions {
  readonly signal: AbortSignal;
  /** Where the step list is shown; a terminal gets live progress, anything else one line per step. */
  readonly out: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  /** Names the steps that had nothing to do, too. */
  readonly verbose?: boolean;
}

interface Row {
  readonly title: string;
  state: 'waiting' | 'working' | 'done' | 'there' | 'failed';
  startedMs: number;
  endedMs: number;
  progress: Progress | undefined;
}

const redrawMs = 100;

/**
 * Runs all steps at once (they wait for each other where they share something) and shows how far they are.
 * When one fails the others are ended too.
 * @throws the error of the first step that failed.
 */
export async function setUp(steps: readonly Step[], options: SetUpOptions): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const list = new StepList(
    steps.map((step) => step.title),
    options,
  );
  const results = await Promise.allSettled(
    steps.map(async (step, index) => {
      try {
        await step.run({ signal, progress: (progress) => list.progress(index, progress) });
        list.end(index, 'done');
      } catch (error) {
        const first = !signal.aborted;
        list.end(index, 'failed', first ? error : undefined);
        if (first) failed.abort(error);
        throw error;
      }
    }),
  );
  list.close();
  options.signal.throwIfAborted();
  failed.signal.throwIfAborted();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

class StepList {
  private readonly rows: Row[];
  private readonly out: SetUpOptions['out'];
  private readonly verbose: boolean;
  private readonly live: boolean;
  private timer: NodeJS.Timeout | undefined;
  private drawnLines = 0;
  private headed = false;

  constructor(titles: readonly string[], options: SetUpOptions) {
    this.out = options.out;
    this.verbose = options.verbose ?? false;
    this.live = options.out.isTTY === true;
    this.rows = titles.map((title) => ({
      title,
      state: 'waiting',
      startedMs: 0,
      endedMs: 0,
      progress: undefined,
    }));
  }

  progress(index: number, progress: Progress): void {
    const row = this.rows[index];
    if (!row) return;
    if (row.state === 'waiting') {
      row.state = 'working';
      row.startedMs = performance.now();
      this.head();
    }
    row.progress = progress;
  }

  end(index: number, state: 'done' | 'failed', error?: unknown): void {
    const row = this.rows[index];
    if (!row) return;
    const worked = row.state === 'working';
    row.state = state === 'done' && !worked ? 'there' : state;
    row.endedMs = performance.now();
    const shown = worked || this.verbose || error !== undefined;
    if (this.live) {
      if (this.headed || this.verbose) this.draw();
    } else if (shown) {
      this.head();
      const reason = error === undefined ? '' : ` (${messageOf(error).split('\n')[0] ?? ''})`;
      this.out.write(`${describe(row)}${reason}\n`);
    }
  }

  close(): void {
    clearInterval(this.timer);
    if (this.live && this.headed) this.draw();
  }

  private head(): void {
    if (this.headed) return;
    this.headed = true;
    if (!this.live) return;
    this.timer = setInterval(() => this.draw(), redrawMs);
    this.timer.unref();
  }

  /** Writes all rows over the ones written before (ECMA-48: CSI n A goes up n lines, CSI K clears to the end). */
  private draw(): void {
    const width = this.out.columns ?? 80;
    const lines = this.rows.map((row) => describe(row).slice(0, width - 1));
    const up = this.drawnLines > 0 ? `\u001b[${String(this.drawnLines)}A` : '';
    this.out.write(up + lines.map((line) => `\r${line}\u001b[K\n`).join(''));
    this.drawnLines = lines.length;
  }
}

function describe(row: Row): string {
  const seconds = `${((row.endedMs - row.startedMs) / 1000).toFixed(1)} s`;
  switch (row.state) {
    case 'waiting':
      return `set-up  ·     ${row.title}`;
    case 'there':
      return `set-up  ok    ${row.title}`;
    case 'done':
      return `set-up  ok    ${row.title}, ${seconds}`;
    case 'failed':
      return `set-up  FAIL  ${row.title}`;
    case 'working':
      return `set-up  ...   ${row.title}: ${describeProgress(row.progress)}`;
  }
}

function describeProgress(progress: Progress | undefined): string {
  if (!progress) return '';
  const { doing, fraction, totalMB } = progress;
  if (fraction === undefined) return totalMB === undefined ? doing : `${doing} (${totalMB.toFixed(0)} MB)`;
  const percent = `${String(Math.floor(fraction * 100))} %`;
  if (totalMB === undefined) return `${doing}, ${percent}`;
  return `${doing}, ${percent} (${(fraction * totalMB).toFixed(1)} of ${totalMB.toFixed(1)} MB)`;
}
