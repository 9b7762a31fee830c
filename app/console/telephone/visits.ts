import { randomBytes } from 'node:crypto';
import { messageOf, ParleyError } from '../../errors.ts';
import { after, type Clock } from '../../ops/clock.ts';
import type { Log } from '../../ops/log.ts';
import type { Visit } from '../contract.ts';

/** The SIP accounts of visits, in Asterisk. */
export interface VisitAccounts {
  nameOf(id: string): string;
  /** Looks whether this Asterisk can have them. @throws ParleyError. */
  check(): Promise<void>;
  /** Removes all but those that are named. @throws ParleyError. */
  sweep(kept: ReadonlySet<string>): Promise<void>;
  /** @throws ParleyError. */
  make(account: { readonly user: string; readonly password: string }): Promise<void>;
  /** With its calls. Never rejects. */
  remove(user: string): Promise<void>;
}

export interface VisitsOptions {
  readonly accounts: VisitAccounts;
  /** So many at once. */
  readonly most: number;
  /** However long a call may be. */
  readonly longestMs: number;
  /** Of all languages that calls may use, the default first. */
  readonly languages: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** The socket of a page that is there. */
export interface Presence {
  /** Aborted when the visit is over, or the page has opened another socket. */
  readonly signal: AbortSignal;
  /** To be called when the socket is closed. @param forGood by the page; else it may come back. */
  leave(forGood: boolean): void;
}

/** How long a page has to open its socket, at first and when it was lost in the middle of a call. */
const comeMs = 10_000;
const socketPath = '/api/telephone/ws';

interface Open {
  readonly visit: Visit;
  readonly ending: AbortController;
  /** Of the socket; undefined while there is none. */
  present: AbortController | undefined;
}

/**
 * The visits: each has an account with a password of its own, which is gone with it. A visit is over when its page hangs
 * up or does not come back, or its time is up.
 */
export class Visits {
  readonly #options: VisitsOptions;
  /** By their ticket, which the page shows when it opens its socket. */
  readonly #open = new Map<string, Open>();
  #trouble: ParleyError | undefined = new ParleyError('telephone-unavailable', {
    reason: 'Asterisk is not connected',
  });

  constructor(options: VisitsOptions) {
    this.#options = options;
  }

  /** Why Asterisk cannot have telephones in a page; undefined when it can. */
  get trouble(): ParleyError | undefined {
    if (this.#options.most > 0) return this.#trouble;
    return new ParleyError('telephone-unavailable', { reason: 'console.telephones is 0' });
  }

  /** To be called whenever Asterisk is connected: it may be another than before. Never rejects. */
  async look(): Promise<void> {
    const { accounts, log, most } = this.#options;
    if (most === 0) return;
    try {
      await accounts.check();
      await accounts.sweep(new Set([...this.#open.values()].map(({ visit }) => visit.user)));
      this.#trouble = undefined;
    } catch (error) {
      const reason = messageOf(error);
      this.#trouble =
        error instanceof ParleyError ? error : new ParleyError('telephone-unavailable', { reason });
      log.info('no telephone in the console', { error });
    }
  }

  /** @param host the name under which the page reached the console. @throws ParleyError `telephone-*`. */
  async begin(host: string): Promise<Visit> {
    const { accounts, most, longestMs, languages, clock } = this.#options;
    const { trouble } = this;
    if (trouble !== undefined) throw trouble;
    if (this.#open.size >= most) throw new ParleyError('telephone-crowded', { most });
    const user = accounts.nameOf(randomBytes(5).toString('hex'));
    const ticket = secret();
    const visit: Visit = {
      user,
      password: secret(),
      uri: `sip:${user}@${host}`,
      extensions: languages.map((language, at) => ({
        extension: at === 0 ? '1000' : `1000*${language}`,
        language,
      })),
      socketPath: `${socketPath}?ticket=${ticket}`,
      expiresAtMs: clock.now().getTime() + longestMs,
    };
    const open: Open = { visit, ending: new AbortController(), present: undefined };
    // Counted before it is made, so that no two take the last place.
    this.#open.set(ticket, open);
    try {
      await accounts.make(visit);
    } catch (error) {
      this.#open.delete(ticket);
      throw error;
    }
    after(clock, longestMs, open.ending.signal, () => {
      this.end(ticket);
    });
    this.#await(ticket, open);
    return visit;
  }

  /** A page opens its socket. @returns undefined for a ticket of no visit. */
  come(ticket: string): Presence | undefined {
    const open = this.#open.get(ticket);
    if (open === undefined) return undefined;
    // It is back before its lost socket was missed.
    open.present?.abort();
    const present = new AbortController();
    open.present = present;
    return {
      signal: AbortSignal.any([open.ending.signal, present.signal]),
      leave: (forGood) => {
        if (open.present !== present) return;
        open.present = undefined;
        if (forGood) this.end(ticket);
        else this.#await(ticket, open);
      },
    };
  }

  #await(ticket: string, open: Open): void {
    after(this.#options.clock, comeMs, open.ending.signal, () => {
      if (open.present === undefined) this.end(ticket);
    });
  }

  /** Ends a visit, with its account and its call. Idempotent. */
  end(ticket: string): void {
    const open = this.#open.get(ticket);
    if (!this.#open.delete(ticket) || open === undefined) return;
    open.ending.abort();
    void this.#options.accounts.remove(open.visit.user);
  }

  /** Ends all of them; resolves when their accounts are gone. */
  async close(): Promise<void> {
    const users = [...this.#open.values()].map(({ visit }) => visit.user);
    for (const ticket of [...this.#open.keys()]) this.end(ticket);
    await Promise.all(users.map((user) => this.#options.accounts.remove(user)));
  }
}

/** 144 bits, in letters that need no quotes in SIP and in an address. */
function secret(): string {
  return randomBytes(18).toString('base64url');
}
