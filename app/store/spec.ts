import type { EndedBy, LineKind } from '../conversation/observer.ts';
import type { TurnEngines, TurnTimes } from '../conversation/trace.ts';
import type { Rung, Slots } from '../nlu/spec.ts';

/**
 * What is kept of calls. All is plain data that survives JSON as it is; moments are milliseconds since 1970 (UTC), and
 * those inside a call (`atMs`, a turn's `times`) are milliseconds since it was answered.
 */

export interface StoredCall {
  readonly id: string;
  readonly startedAtMs: number;
  /** Null: never answered. */
  readonly answeredAtMs: number | null;
  /** Null while the call runs. */
  readonly endedAtMs: number | null;
  /** From beginning to end. Null while the call runs. */
  readonly durationMs: number | null;
  /** As the network gave them: not to be trusted, may be ''. */
  readonly caller: { readonly number: string; readonly name: string };
  readonly dialled: string;
  /** A BCP 47 tag. */
  readonly language: string;
  readonly lineKind: LineKind | null;
  /** Taken over from a process that died. */
  readonly resumed: boolean;
  /** `lost`: the process that led it died. Null while the call runs. */
  readonly endedBy: StoredEndedBy | null;
  /** The rest is known when the call is over; 0, [] and null before. */
  readonly turns: number;
  /** Those of its turns, each once, in their order. */
  readonly intents: readonly string[];
  /** From the end of what the caller said to the answer's first sound. Null where nothing was answered. */
  readonly answerP50Ms: number | null;
  readonly answerWorstMs: number | null;
  readonly recording: StoredRecording | null;
}

/** Both voices in one WAV: 16-bit, the caller left, the bot right. */
export interface StoredRecording {
  /** Below the recordings' folder, such as `2026-11-22/1f2e3d4c5b6a7988.wav`. */
  readonly file: string;
  /** Of its first sample, as all moments inside a call; may be negative. */
  readonly startsAtMs: number;
  readonly ms: number;
  readonly bytes: number;
  readonly sampleRateHz: number;
}

export type StoredEndedBy = EndedBy | 'lost';

export interface StoredTurn {
  /** From 1. */
  readonly number: number;
  readonly heard: string;
  readonly intent: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly slots: Slots;
  /** What each rung of the ladder of understanding said. */
  readonly rungs: readonly Rung[];
  /** What was decided (`run`, `ask`, `confirm`, `not-understood`...) and what came of it (`ok`, or an error's code). */
  readonly decision: string;
  readonly outcome: string;
  /** Entered by keys, not spoken. */
  readonly keyed: boolean;
  readonly said: readonly string[];
  readonly times: TurnTimes;
  readonly engines: TurnEngines;
}

export interface StoredEvent {
  /** Milliseconds since the call was answered. */
  readonly atMs: number;
  /** As in `CallEvent`: `saying`, `stopped`, `barge-in`, `false-interruption`, `taken-back`, `digit`... */
  readonly kind: string;
  /** The event's other fields. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Something that befell an engine rather than one call: a failure, a change to another. */
export interface Incident {
  readonly atMs: number;
  /** `failed`: a request; `failover`: another did its work. */
  readonly what: 'failed' | 'failover';
  /** stt, tts, nlu. */
  readonly kind: string;
  readonly provider: string;
  /** The error's code, or the engine that took over. */
  readonly detail: string;
}

/** Newest first. All that is given must hold. */
export interface CallQuery {
  /** Calls that began at this moment or later, and before that one. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Part of the caller's number or name. */
  readonly caller?: string | undefined;
  /** Of one of its turns. */
  readonly intent?: string | undefined;
  readonly endedBy?: StoredEndedBy | undefined;
  /** Part of what was heard or said, whatever the case and accents. */
  readonly text?: string | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 500. */
  readonly limit: number;
}

export interface CallPage {
  readonly calls: readonly StoredCall[];
  /** Where the next page begins, however many calls come meanwhile; null when this was the last. */
  readonly next: string | null;
}

export interface FiguresQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
}

/** What happened in a stretch of time; calls count where they began. */
export interface Bucket {
  readonly atMs: number;
  readonly calls: number;
  readonly endedBy: Readonly<Partial<Record<StoredEndedBy, number>>>;
  readonly turns: number;
  readonly notUnderstood: number;
  /** From the end of what callers said to the answer's first sound; null where nothing was answered. */
  readonly answerMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
  readonly bargeIns: number;
  readonly falseInterruptions: number;
  /** Turns that were answered too soon. */
  readonly takenBack: number;
  /** Failed requests by engine. */
  readonly failures: Readonly<Record<string, number>>;
  readonly failovers: number;
}

export interface Figures {
  /** In order, one for each `bucketMs` from `fromMs` on, those without calls included. */
  readonly buckets: readonly Bucket[];
  /** Of the whole time; `atMs` is `fromMs`. */
  readonly total: Bucket;
}

/** What was removed, and the recordings (below the recordings' folder) whose files are to be removed as well. */
export interface Removed {
  readonly calls: number;
  readonly turns: number;
  readonly events: number;
  readonly recordings: readonly string[];
}

export interface StoreOptions {
  readonly signal: AbortSignal;
}

/**
 * The store of calls, as those see it who read. One instance serves all.
 * Everything throws ParleyError `store-unavailable` (retryable) when the database does not answer, and the signal's
 * reason when aborted.
 */
export interface CallStore {
  /** `sqlite` or `postgres`. */
  readonly kind: string;
  /** @throws ParleyError `store-query-invalid` for a cursor that is none of ours. */
  calls(query: CallQuery, options: StoreOptions): Promise<CallPage>;
  call(id: string, options: StoreOptions): Promise<StoredCall | undefined>;
  /** In their order. */
  turnsOf(id: string, options: StoreOptions): Promise<StoredTurn[]>;
  /** In their order. */
  eventsOf(id: string, options: StoreOptions): Promise<StoredEvent[]>;
  /** At most 2,000 buckets. @throws ParleyError `store-query-invalid`. */
  figures(query: FiguresQuery, options: StoreOptions): Promise<Figures>;
  /** All calls of a number, whatever stands between its digits; those of nobody else. */
  erase(who: { readonly caller: string }, options: StoreOptions): Promise<Removed>;
  /** Calls that began before a moment. */
  removeOlderThan(beforeMs: number, options: StoreOptions): Promise<Removed>;
  /** The `count` oldest calls that are over. */
  removeOldest(count: number, options: StoreOptions): Promise<Removed>;
  /** What the calls take: the database and the recordings it knows of. */
  sizeBytes(options: StoreOptions): Promise<{ readonly database: number; readonly recordings: number }>;
  /** Writes all of it or nothing, in this order. @throws ParleyError `store-refused` (not retryable) when the data cannot be kept. */
  write(records: readonly StoreRecord[], options: StoreOptions): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** One thing to be kept. Writing it twice does no harm. What belongs to a call that was erased is left out. */
export type StoreRecord =
  | {
      readonly kind: 'call-began';
      readonly call: Pick<StoredCall, 'id' | 'startedAtMs' | 'caller' | 'dialled' | 'language' | 'resumed'>;
    }
  | {
      readonly kind: 'call-answered';
      readonly id: string;
      readonly answeredAtMs: number;
      readonly lineKind: LineKind | null;
    }
  /** Replaces the turn of the same number. */
  | { readonly kind: 'turn'; readonly id: string; readonly turn: StoredTurn }
  | { readonly kind: 'turn-taken-back'; readonly id: string; readonly number: number }
  /** @param seq counts the call's events. */
  | { readonly kind: 'event'; readonly id: string; readonly seq: number; readonly event: StoredEvent }
  | {
      readonly kind: 'call-ended';
      readonly id: string;
      readonly endedAtMs: number;
      readonly endedBy: StoredEndedBy;
      readonly recording: StoredRecording | null;
    }
  /** A recording that a dead process had begun was made whole. */
  | {
      readonly kind: 'recording-found';
      readonly id: string;
      readonly recording: Omit<StoredRecording, 'startsAtMs'>;
    }
  | { readonly kind: 'incident'; readonly incident: Incident }
  /** Calls that began before and have no end: whoever led them is dead. */
  | { readonly kind: 'lost-calls'; readonly startedBeforeMs: number };
