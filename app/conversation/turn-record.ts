import type { Exchange, Rung, Slots } from '../nlu/spec.ts';
import { Telling } from './telling.ts';
import type { Thinking } from './think.ts';
import type { TurnEngines, TurnTimes, TurnTrace } from './trace.ts';

/** One turn: what was heard and what came of it. */
export interface TurnRecord extends Exchange {
  readonly turn: number;
  readonly intent: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** What was mentioned, or is still meant from the turns before. */
  readonly slots: Slots;
  /** What was decided, such as `run`, `ask`, `confirm`. */
  readonly decision: string;
  /** Entered by keys, not spoken. */
  readonly keyed: boolean;
  /** What each rung of the ladder of understanding said. */
  readonly rungs: readonly Rung[];
  readonly outcome: string;
  readonly times: TurnTimes;
  readonly engines: TurnEngines;
}

/** @param trace what it tells later of times, and of who spoke, stands in the record as well. */
export function recordOf(
  turn: number,
  { heard, understanding, decision, reply }: Extract<Thinking, { kind: 'reply' }>,
  { times, engines, rungs }: TurnTrace,
  keyed: boolean,
): TurnRecord {
  const { intent, confidence } = understanding;
  return {
    turn,
    heard,
    intent,
    confidence,
    slots: 'slots' in decision ? decision.slots : understanding.slots,
    decision: decision.do,
    keyed,
    rungs,
    said: reply.say instanceof Telling ? reply.say.said : reply.say,
    outcome: reply.outcome,
    times,
    engines,
  };
}
