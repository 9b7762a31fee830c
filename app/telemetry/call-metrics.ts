import type { CallEvent, CallObserver } from '../conversation/observer.ts';
import { ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Metrics } from '../ops/metrics.ts';

/** What is known of a call while it runs, by the clock's `monotonicMs`. */
interface Running {
  readonly beganMs: number;
  answeredMs: number | undefined;
  /** Number of the last turn that was counted. */
  turn: number;
}

/** Counts what happens in calls, as far as the conversation does not count it itself. */
export function countCalls(metrics: Metrics, clock: Clock): CallObserver {
  const running = new Map<string, Running>();

  function count(call: Running, event: CallEvent): void {
    switch (event.kind) {
      case 'answered':
        call.answeredMs = clock.monotonicMs();
        metrics.callAnswered(event.lineKind ?? 'unknown', call.answeredMs - call.beganMs);
        return;
      case 'taken-back':
        call.turn = event.turn - 1;
        return;
      case 'asked-again':
        metrics.askedAgain();
        return;
      case 'farewell':
        metrics.farewell(event.why);
        return;
      case 'failed':
        metrics.failedInCall(codeOf(event.error));
        return;
      default:
    }
  }

  return {
    callBegan({ callId }) {
      running.set(callId, { beganMs: clock.monotonicMs(), answeredMs: undefined, turn: 0 });
    },
    happened(callId, event) {
      const call = running.get(callId);
      if (call !== undefined) count(call, event);
    },
    turn(callId, { turn, outcome }) {
      const call = running.get(callId);
      // It is told again as more of it is known.
      if (call === undefined || turn <= call.turn) return;
      call.turn = turn;
      metrics.answered(outcome);
    },
    callEnded(callId) {
      const answeredMs = running.get(callId)?.answeredMs;
      running.delete(callId);
      if (answeredMs !== undefined) metrics.callLasted(clock.monotonicMs() - answeredMs);
    },
  };
}

/** The code of an error; its message may hold what was said. */
export function codeOf(error: unknown): string {
  return error instanceof ParleyError ? error.code : error instanceof Error ? error.name : 'unknown';
}
