import type { AriConnection } from '../asterisk/ari/connection.ts';
import type { AriAccess } from '../asterisk/ari/inspect.ts';
import type { Config } from '../config/schema.ts';
import type { ErrorCode } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Fetch } from '../skills/http.ts';

/**
 * One thing that a check found out.
 * - `fine`: as it should be.
 * - `note`: works, and is worth knowing.
 * - `warning`: calls are answered, but something will not work.
 * - `failed`: calls cannot be answered well.
 */
export interface Finding {
  readonly verdict: 'fine' | 'note' | 'warning' | 'failed';
  readonly says: string;
  /** What to do about it. */
  readonly remedy?: string;
  readonly code?: ErrorCode;
}

/** Which Asterisk is looked at: that of the configuration, that of the Parley that runs, or one started for this. */
export interface ExaminedAsterisk extends AriAccess {
  readonly source: 'configured' | 'running' | 'started';
}

/** What is examined, and what it is examined with. What has to be found or started first is so when it is first asked for. */
export interface Exam {
  readonly config: Config;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: Fetch;
  /** Whether `npm start` runs with this state folder. */
  readonly running: boolean;
  /** @throws ParleyError `setup-*`, `asterisk-*`, `config-*`. */
  asterisk(): Promise<ExaminedAsterisk>;
  /** A connection of the doctor's own, under another application name than the bot's. @throws as `asterisk`; `ari-*`. */
  ari(): Promise<AriConnection>;
}

export interface Check {
  /** For `--json`, and for `needs` of others. */
  readonly name: string;
  /** What a person reads. */
  readonly title: string;
  /** Checks without which this one makes no sense: it is left out when one of them failed. */
  readonly needs?: readonly string[];
  /** Checks that it would disturb: it waits until they are done, however they end. */
  readonly after?: readonly string[];
  /** Asks services outside this machine: the bot does without them honestly, so what is thrown is a warning. */
  readonly outside?: boolean;
  readonly deadlineMs: number;
  /** Whatever it throws becomes a finding. */
  examine(exam: Exam, options: { readonly signal: AbortSignal }): Promise<readonly Finding[]>;
}

export interface Result {
  readonly name: string;
  readonly title: string;
  /** That of its worst finding. */
  readonly verdict: Finding['verdict'] | 'left-out';
  readonly tookMs: number;
  readonly findings: readonly Finding[];
}
