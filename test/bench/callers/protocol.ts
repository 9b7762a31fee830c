import type { Account } from './sip-agent.ts';

/** What the bench tells the callers' process. */
export type ToCallers =
  | {
      readonly kind: 'open';
      readonly account: Account;
      readonly number: string;
    }
  | {
      readonly kind: 'crowd';
      readonly count: number;
      /** The callers come evenly within so long. */
      readonly overMs: number;
      /** What each of them says, mu-law; it hangs up after it. */
      readonly sound: Uint8Array;
      readonly bufferMs: number;
    };

/** What the callers' process tells the bench. */
export type FromCallers =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** One for each caller, in order, when the last of them has hung up. */
  | { readonly kind: 'call'; readonly call: HeldCall }
  /** After these. */
  | { readonly kind: 'over'; readonly latestMs: number };

/** What was heard, or why nothing was. */
export type HeldCall =
  | { readonly failure: string }
  | {
      readonly failure?: undefined;
      /** From the INVITE to the answer. */
      readonly startMs: number;
      /** From the answer to the first packet of what the caller says. */
      readonly saysFromMs: number;
      /** What was heard from the answer on, mu-law. */
      readonly heard: Uint8Array;
      /** As it would have been heard if nothing had been late by what the host took. */
      readonly spared: Uint8Array;
      /** Packets that came too late to be played. */
      readonly late: number;
    };
