import type { Config } from '../../config/schema.ts';
import type { ParleyError } from '../../errors.ts';
import type { Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { ConsolePlugin } from '../spec.ts';
import { telephonePlugin } from './plugin.ts';
import { type VisitAccounts, Visits } from './visits.ts';

export interface Telephone {
  readonly plugin: ConsolePlugin;
  /** Why Asterisk cannot have telephones in a page; undefined when it can. */
  readonly trouble: ParleyError | undefined;
  /** To be called whenever Asterisk is connected. Never rejects. */
  look(): Promise<void>;
}

/** What a visit lasts beyond the longest call. */
const spareMs = 60_000;

/** The telephone in the console's page. */
export function createTelephone(
  config: Config,
  parts: {
    readonly accounts: VisitAccounts;
    readonly languages: readonly string[];
    readonly clock: Clock;
    readonly log: Log;
  },
): Telephone {
  const { ari, calls, console: console_ } = config;
  const visits = new Visits({
    ...parts,
    most: console_.telephones,
    longestMs: calls.maxCallMs + spareMs,
  });
  return {
    plugin: telephonePlugin({
      visits,
      asteriskUrl: ari.url ?? '',
      connectDeadlineMs: ari.commandDeadlineMs,
      log: parts.log,
    }),
    get trouble() {
      return visits.trouble;
    },
    look: () => visits.look(),
  };
}
