import { ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { withDeadline } from '../ops/deadline.ts';
import type { Log } from '../ops/log.ts';
import { cronTrigger, type Trigger } from './cron-trigger.ts';
import type { Job } from './spec.ts';

export interface SchedulerOptions {
  readonly jobs: readonly Job[];
  readonly clock: Clock;
  readonly log: Log;
  /** When a job is due; node-cron when absent. */
  readonly trigger?: Trigger;
}

/** Runs jobs at their times: each never twice at once, never longer than its deadline; what fails is logged. */
export interface Scheduler {
  /** Idempotent. */
  start(): void;
  /** Runs a job now, or joins its run under way. Never rejects for what the job throws. @throws when there is no such job. */
  runNow(name: string): Promise<void>;
  /** Aborts what runs and resolves when it has ended. Idempotent. */
  stop(): Promise<void>;
}

/** @throws ParleyError `config-invalid` when a schedule is not a cron expression. */
export function createScheduler({ jobs, clock, log, trigger }: SchedulerOptions): Scheduler {
  const due = trigger ?? cronTrigger(log);
  for (const { name, schedule } of jobs) {
    const problem = due.problemWith(schedule);
    if (problem !== undefined) {
      const problems = `  the schedule "${schedule}" of ${name} is not a cron expression: ${problem}`;
      throw new ParleyError('config-invalid', { problems });
    }
  }
  const stopping = new AbortController();
  const running = new Map<Job, Promise<void>>();
  let stops: (() => void)[] | undefined;

  function run(job: Job): Promise<void> {
    if (stopping.signal.aborted) return Promise.resolve();
    const current = running.get(job) ?? attempt(job).finally(() => running.delete(job));
    running.set(job, current);
    return current;
  }

  async function attempt(job: Job): Promise<void> {
    const { name, deadlineMs } = job;
    const startedAtMs = clock.monotonicMs();
    const tookMs = () => Math.round(clock.monotonicMs() - startedAtMs);
    try {
      await withDeadline(async (signal) => job.run({ signal }), {
        clock,
        deadlineMs,
        signal: stopping.signal,
        onTimeout: () => new Error(`the job was not done within ${deadlineMs} ms`),
      });
      log.debug('job done', { job: name, tookMs: tookMs() });
    } catch (error) {
      if (stopping.signal.aborted) log.debug('job stopped', { job: name, tookMs: tookMs() });
      else log.warn('job failed', { job: name, tookMs: tookMs(), error });
    }
  }

  return {
    start() {
      if (stops !== undefined || stopping.signal.aborted) return;
      stops = jobs.map((job) =>
        due.every(job.schedule, () => {
          if (running.has(job)) log.warn('job skipped: it still runs', { job: job.name });
          else void run(job);
        }),
      );
      jobs.filter(({ atStart }) => atStart).forEach((job) => void run(job));
    },
    async runNow(name) {
      const job = jobs.find((known) => known.name === name);
      if (job === undefined) throw new Error(`there is no job called ${name}`);
      await run(job);
    },
    async stop() {
      stops?.forEach((stop) => stop());
      stops = [];
      stopping.abort(new Error('the scheduler is stopped'));
      await Promise.all(running.values());
    },
  };
}
