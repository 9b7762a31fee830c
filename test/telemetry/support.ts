import type { CallBeginning } from '../../app/conversation/observer.ts';
import type { TurnRecord } from '../../app/conversation/turn-record.ts';

export function beginning(callId: string, startedAt = new Date('2026-11-04T12:00:00Z')): CallBeginning {
  return {
    callId,
    startedAt,
    caller: { number: '4420794601', name: 'Mallory' },
    dialled: '1000',
    language: 'en-US',
    resumed: false,
  };
}

/** As it is when the answer's first sound was heard. */
export function turnRecord(turn: number, more: Partial<TurnRecord> = {}): TurnRecord {
  return {
    turn,
    heard: 'what time is it in Tokyo',
    said: ['It is nine in Tokyo.'],
    intent: 'GetTime',
    confidence: 0.9,
    slots: {},
    decision: 'run',
    keyed: false,
    rungs: [{ name: 'local', ms: 3.2, outcome: 'accepted', intent: 'GetTime', confidence: 0.9 }],
    outcome: 'ok',
    times: {
      speechStarted: 2_000,
      firstText: 2_600,
      speechEnded: 3_000,
      finalText: 3_150,
      understood: 3_155,
      done: 3_160,
      turnOver: 3_240,
      synthesised: 3_200,
      sent: 3_241,
      started: 3_300,
    },
    engines: { heardBy: 'local', spokenBy: 'local' },
    ...more,
  };
}
