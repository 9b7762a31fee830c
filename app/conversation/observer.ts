import type { CallerId, ConnectOutcome, Line, LineRecording } from '../asterisk/lines/spec.ts';
import type { Clock } from '../ops/clock.ts';
import type { Language } from '../speech/spec.ts';
import type { Floor } from './turn-machine.ts';
import type { TurnRecord } from './turn-record.ts';

/** A call as it begins. */
export interface CallBeginning {
  /** Unique for all time, as far as 64 random bits are. */
  readonly callId: string;
  readonly startedAt: Date;
  readonly caller: CallerId;
  /** The extension that was dialled. */
  readonly dialled: string;
  readonly language: Language;
  /** Taken over from a process that died. */
  readonly resumed: boolean;
}

/** What happens in a call. */
export type CallEvent =
  | { readonly kind: 'answered'; readonly lineKind: LineKind | undefined }
  /** Somebody else may speak now, or is expected to. */
  | { readonly kind: 'floor'; readonly floor: Floor }
  /** What the caller is saying, as far as it is recognised: each takes the place of the one before. */
  | { readonly kind: 'hearing'; readonly text: string }
  /** The bot begins to say a sentence. `turn`: that it answers; absent for a greeting, a question whether anybody is there. */
  | { readonly kind: 'saying'; readonly text: string; readonly turn?: number }
  /** The caller spoke into it after so much of it was heard. */
  | { readonly kind: 'stopped'; readonly heardMs: number }
  | { readonly kind: 'barge-in' }
  /** The barge-in was a cough, noise or a mere "mhm": the bot goes on. */
  | { readonly kind: 'false-interruption' }
  /** The caller had not finished: the turn of this number is taken back, as if it had never been. */
  | { readonly kind: 'taken-back'; readonly turn: number }
  /** Keys that the caller pressed. */
  | { readonly kind: 'digit'; readonly digit: string }
  /** Nobody had said anything for a while. */
  | { readonly kind: 'asked-again'; readonly times: number }
  | { readonly kind: 'connecting'; readonly extension: string }
  | { readonly kind: 'connected-back'; readonly outcome: ConnectOutcome }
  /** The bot takes its leave by itself. */
  | { readonly kind: 'farewell'; readonly why: 'silence' | 'drain' | 'too-long' }
  | { readonly kind: 'failed'; readonly error: unknown };

export type LineKind = 'streamed' | 'recorded';

/** How a call ended. `operator`: from the console; `turned-away`: all lines were busy. */
export type EndedBy = 'caller' | 'bot' | 'operator' | 'failure' | 'turned-away';

export interface CallEnding {
  readonly endedAt: Date;
  readonly endedBy: EndedBy;
  readonly recording?: LineRecording | undefined;
}

/**
 * Is told what happens in all calls, as it happens: the store keeps it, the console shows it. Synchronous; whoever
 * needs longer takes a note and returns. What an observer throws is logged and harms no call, no other observer.
 */
export interface CallObserver {
  callBegan(call: CallBeginning): void;
  /** @param atMs since the call was answered; 0 before that. */
  happened(callId: string, event: CallEvent, atMs: number): void;
  /**
   * A turn was understood and is answered. Told again, with the same number, as more of it is known (its answer's
   * first sound, all that was said); the last time counts. The record keeps changing meanwhile: copy what is kept.
   */
  turn(callId: string, turn: TurnRecord): void;
  callEnded(callId: string, ending: CallEnding): void;
}

/** Nobody. */
export const noObserver: CallObserver = {
  callBegan: () => undefined,
  happened: () => undefined,
  turn: () => undefined,
  callEnded: () => undefined,
};

/** What one call tells of itself. */
export class CallWatch {
  readonly #observer: CallObserver;
  readonly #line: Line;
  readonly #clock: Clock;
  #answeredMs: number | undefined;

  constructor(observer: CallObserver, line: Line, clock: Clock) {
    this.#observer = observer;
    this.#line = line;
    this.#clock = clock;
  }

  began(call: { readonly language: Language; readonly resumed: boolean }): void {
    const { callId, caller, dialled } = this.#line;
    this.#observer.callBegan({ callId, caller, dialled, startedAt: this.#clock.now(), ...call });
  }

  answered(): void {
    this.#answeredMs = this.#clock.monotonicMs();
    this.happened({ kind: 'answered', lineKind: this.#line.kind });
  }

  happened(event: CallEvent): void {
    const nowMs = this.#clock.monotonicMs();
    this.#observer.happened(this.#line.callId, event, Math.round(nowMs - (this.#answeredMs ?? nowMs)));
  }

  turn(turn: TurnRecord): void {
    this.#observer.turn(this.#line.callId, turn);
  }

  /** To be told when the line is closed: then its recording is whole. */
  ended(endedBy: EndedBy): void {
    const { callId, recording } = this.#line;
    this.#observer.callEnded(callId, { endedAt: this.#clock.now(), endedBy, recording });
  }
}

/** Tells several; what one of them throws goes to `onError`. */
export function tellAll(observers: readonly CallObserver[], onError: (error: unknown) => void): CallObserver {
  const each = (tell: (observer: CallObserver) => void): void => {
    for (const observer of observers) {
      try {
        tell(observer);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    callBegan: (call) => each((observer) => observer.callBegan(call)),
    happened: (callId, event, atMs) => each((observer) => observer.happened(callId, event, atMs)),
    turn: (callId, turn) => each((observer) => observer.turn(callId, turn)),
    callEnded: (callId, ending) => each((observer) => observer.callEnded(callId, ending)),
  };
}
