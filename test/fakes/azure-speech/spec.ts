import type { IncomingHttpHeaders } from 'node:http';
import type { Audio, Pcm } from '../../../app/audio/pcm.ts';

/**
 * How the fake service behaves.
 * - `ok`: as it should.
 * - `401`, `403`, `404`, `429`, `500`: refuses the connection with that status.
 * - `no-upgrade`: takes the connection and never answers.
 * - `silent`: answers, takes everything, says nothing.
 * - `reset-midway`: breaks the connection in the middle of what is said. `close-midway`: closes it in good order there.
 * - `throttled`: closes it with 4429, as the service does when there are too many requests. `bad-request`: with 1007.
 * - `late`: as it should, 5 s later.
 * - `garbage`: messages that are none of its protocol.
 * - `garbled`: a result whose JSON is cut off.
 * - `no-final`: begins as it should and never comes to an end.
 */
export type Behaviour =
  | 'ok'
  | '401'
  | '403'
  | '404'
  | '429'
  | '500'
  | 'no-upgrade'
  | 'silent'
  | 'reset-midway'
  | 'close-midway'
  | 'throttled'
  | 'bad-request'
  | 'late'
  | 'garbage'
  | 'garbled'
  | 'no-final';

export type Kind = 'stt' | 'tts';

export interface Utterance extends Audio {
  readonly language: string;
  /** Of the phrase list. */
  readonly phrases: readonly string[];
  /** `simple` or `detailed`. */
  readonly format: string;
  /** The whole `speech.context`. */
  readonly context: unknown;
  /** Whether this is all of it; before that, it is what was said so far. */
  readonly isFinal: boolean;
}

/** What is heard in an utterance: one text, or the segments it is cut into. '' for nothing. */
export type Hears = (utterance: Utterance) => Hearing | Promise<Hearing>;

export type Hearing = string | readonly { readonly text: string; readonly confidence: number }[];

/** A text that is to be spoken. */
export interface Order {
  readonly ssml: string;
  readonly text: string;
  readonly voice: string;
  readonly language: string;
  readonly rate: string | undefined;
  readonly outputFormat: string;
  readonly sampleRateHz: number;
}

export type Speaks = (order: Order) => Pcm | Promise<Pcm>;

/** A connection that was asked for. */
export interface Connection {
  readonly kind: Kind;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** What the halves of the service need of it. */
export interface Wire {
  readonly query: URLSearchParams;
  readonly behaviour: Behaviour;
  send(message: string | Buffer): void;
  close(code: number, reason: string): void;
  /** Without a word of goodbye. */
  reset(): void;
  /** Runs `work` after `ms`, unless the connection is over by then. */
  later(ms: number, work: () => void): void;
}

export const lateMs = 5_000;
