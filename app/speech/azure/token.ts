import type { Clock } from '../../ops/clock.ts';
import { withDeadline } from '../../ops/deadline.ts';
import { messageOf, ParleyError } from '../../errors.ts';
import { abortable } from '../abortable.ts';
import { keyRefused, type Kind, overloaded, unavailable } from './trouble.ts';

export interface TokenOptions {
  readonly kind: Kind;
  /** Answers a POST with the token as text, as `https://REGION.api.cognitive.microsoft.com/sts/v1.0/issueToken` does. */
  readonly url: string;
  /** Sent along when there is one. */
  readonly key?: string | undefined;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

/** The service takes a token for 10 minutes. From the first age on the next one is fetched, until the second it may still be used. */
const renewAfterMs = 8 * 60_000;
const lastUseMs = 9.5 * 60_000;
const longestToken = 16_384;

/** Tokens in place of the key, renewed ahead of need, so that nobody waits for one but the first. */
export class Tokens {
  readonly #options: TokenOptions;
  #token: { readonly text: string; readonly atMs: number } | undefined;
  #fetching: Promise<string> | undefined;
  readonly #closed = new AbortController();

  constructor(options: TokenOptions) {
    this.#options = options;
  }

  /** @throws ParleyError `speech-key-refused`, `speech-overloaded`, `*-unavailable`; the signal's reason. */
  async get(signal: AbortSignal): Promise<string> {
    const { clock } = this.#options;
    const ageMs = clock.monotonicMs() - (this.#token?.atMs ?? -Infinity);
    const usable = this.#token !== undefined && ageMs < lastUseMs ? this.#token.text : undefined;
    if (usable !== undefined && ageMs < renewAfterMs) return usable;
    this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined));
    // What goes wrong with a renewal goes wrong again, and is told, when it counts.
    this.#fetching.catch(() => undefined);
    return usable ?? abortable(this.#fetching, signal);
  }

  /** The service did not take it: the next one is fetched. */
  drop(): void {
    this.#token = undefined;
  }

  close(): void {
    this.#closed.abort(unavailable(this.#options.kind, 'it was closed'));
  }

  async #fetch(): Promise<string> {
    const { kind, url, key, clock, deadlineMs } = this.#options;
    const headers = key === undefined ? {} : { 'Ocp-Apim-Subscription-Key': key };
    try {
      const text = await withDeadline(
        async (signal) => {
          const response = await fetch(url, { method: 'POST', headers, redirect: 'error', signal });
          const { status } = response;
          if (status === 401 || status === 403) throw keyRefused(status);
          if (status === 429) throw overloaded();
          if (!response.ok) throw unavailable(kind, `its tokens: HTTP ${status}`);
          return (await response.text()).trim();
        },
        {
          clock,
          deadlineMs,
          signal: this.#closed.signal,
          onTimeout: () => unavailable(kind, `it gave no token within ${deadlineMs} ms`),
        },
      );
      if (!/^[\x21-\x7e]+$/.test(text) || text.length > longestToken)
        throw unavailable(kind, 'what it gave is not a token');
      this.#token = { text, atMs: clock.monotonicMs() };
      return text;
    } catch (error) {
      if (error instanceof ParleyError) throw error;
      throw unavailable(kind, `its tokens: ${messageOf(error)}`);
    }
  }
}
