import type { StoredCall, StoredEvent, StoredTurn } from './spec.ts';
import type { Row, SqlValue } from './sql.ts';

/** From what the database holds to what the store tells. */

/** The text as it is searched: without case, without accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Of a number as it is dialled or shown, the digits. */
export function digitsOf(number: string): string {
  return number.replace(/\D/g, '');
}

const text = (value: SqlValue | undefined): string => (typeof value === 'string' ? value : '');
const number = (value: SqlValue | undefined): number => Number(value ?? 0);
const maybe = (value: SqlValue | undefined): number | null => (typeof value === 'number' ? value : null);
/** What was written by Parley itself. */
const json = (value: SqlValue | undefined): unknown => JSON.parse(text(value));

/** What a call's turns add to what is shown of it. */
export interface TurnSummary {
  readonly intent: string;
  readonly answerMs: number | null;
}

export function turnSummary(row: Row): TurnSummary & { readonly callId: string } {
  return {
    callId: text(row['call_id']),
    intent: text(row['intent']),
    answerMs: maybe(row['answer_ms']),
  };
}

export function callOf(row: Row, turns: readonly TurnSummary[]): StoredCall {
  const startedAtMs = number(row['started_at_ms']);
  const endedAtMs = maybe(row['ended_at_ms']);
  const answersMs = turns
    .flatMap(({ answerMs }) => (answerMs === null ? [] : [answerMs]))
    .sort((a, b) => a - b);
  const file = row['recording_file'];
  return {
    id: text(row['id']),
    startedAtMs,
    answeredAtMs: maybe(row['answered_at_ms']),
    endedAtMs,
    durationMs: endedAtMs === null ? null : endedAtMs - startedAtMs,
    caller: { number: text(row['caller_number']), name: text(row['caller_name']) },
    dialled: text(row['dialled']),
    language: text(row['language']),
    lineKind: row['line_kind'] as StoredCall['lineKind'],
    resumed: row['resumed'] === 1,
    endedBy: row['ended_by'] as StoredCall['endedBy'],
    turns: turns.length,
    intents: [...new Set(turns.map(({ intent }) => intent))],
    answerP50Ms: answersMs[Math.ceil(answersMs.length / 2) - 1] ?? null,
    answerWorstMs: answersMs.at(-1) ?? null,
    recording:
      typeof file === 'string'
        ? {
            file,
            startsAtMs: number(row['recording_starts_at_ms']),
            ms: number(row['recording_ms']),
            bytes: number(row['recording_bytes']),
            sampleRateHz: number(row['recording_hz']),
          }
        : null,
  };
}

export function turnOf(row: Row): StoredTurn {
  return {
    number: number(row['number']),
    heard: text(row['heard']),
    intent: text(row['intent']),
    confidence: number(row['confidence']),
    slots: json(row['slots']) as StoredTurn['slots'],
    rungs: json(row['rungs']) as StoredTurn['rungs'],
    decision: text(row['decision']),
    outcome: text(row['outcome']),
    keyed: row['keyed'] === 1,
    said: json(row['said']) as StoredTurn['said'],
    times: json(row['times']) as StoredTurn['times'],
    engines: json(row['engines']) as StoredTurn['engines'],
  };
}

export function eventOf(row: Row): StoredEvent {
  return {
    atMs: number(row['at_ms']),
    kind: text(row['kind']),
    details: json(row['details']) as StoredEvent['details'],
  };
}
