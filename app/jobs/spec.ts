/** Something to be done again and again, besides the calls. */
export interface Job {
  /** For the log, such as `news-refresh`. */
  readonly name: string;
  /** Cron expression with five fields (minutes) or six (seconds first), in the machine's time zone. */
  readonly schedule: string;
  /** Also done once as soon as the scheduler starts. */
  readonly atStart: boolean;
  /** The job is given up after that. */
  readonly deadlineMs: number;
  /** May throw: the scheduler logs it and tries again at the next time. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}
