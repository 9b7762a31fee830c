import { digitsOf, fold } from './rows.ts';
import type { StoredTurn, StoreRecord } from './spec.ts';
import { sql, type Statement } from './sql.ts';

/** The statements that keep a record. What belongs to a call that is not there (any more) does nothing. */
export function statementFor(record: StoreRecord): Statement {
  switch (record.kind) {
    case 'call-began': {
      const { id, startedAtMs, caller, dialled, language, resumed } = record.call;
      const { number, name } = { number: clean(caller.number), name: clean(caller.name) };
      return sql(
        `INSERT INTO calls (id, started_at_ms, caller_number, caller_name, caller_search, caller_digits,
           dialled, language, resumed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
        id,
        startedAtMs,
        number,
        name,
        fold(`${number} ${name}`),
        digitsOf(number),
        clean(dialled),
        language,
        resumed ? 1 : 0,
      );
    }
    case 'call-answered':
      return sql(
        'UPDATE calls SET answered_at_ms = $2, line_kind = $3 WHERE id = $1',
        record.id,
        record.answeredAtMs,
        record.lineKind,
      );
    case 'turn':
      return turnStatement(record.id, record.turn);
    case 'turn-taken-back':
      return sql('DELETE FROM turns WHERE call_id = $1 AND number = $2', record.id, record.number);
    case 'event': {
      const { id, seq, event } = record;
      return sql(
        `INSERT INTO events (call_id, seq, at_ms, kind, details)
         SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT)
         FROM calls WHERE id = $1 ON CONFLICT (call_id, seq) DO NOTHING`,
        id,
        seq,
        event.atMs,
        event.kind,
        json(event.details),
      );
    }
    case 'call-ended': {
      const { id, endedAtMs, endedBy, recording } = record;
      return sql(
        `UPDATE calls SET ended_at_ms = $2, ended_by = $3, recording_file = $4, recording_starts_at_ms = $5,
           recording_ms = $6, recording_bytes = $7, recording_hz = $8 WHERE id = $1`,
        id,
        endedAtMs,
        endedBy,
        recording?.file ?? null,
        recording?.startsAtMs ?? null,
        recording?.ms ?? null,
        recording?.bytes ?? null,
        recording?.sampleRateHz ?? null,
      );
    }
    case 'recording-found': {
      const { id, recording } = record;
      return sql(
        `UPDATE calls SET recording_file = $2, recording_starts_at_ms = 0, recording_ms = $3, recording_bytes = $4,
           recording_hz = $5 WHERE id = $1`,
        id,
        recording.file,
        recording.ms,
        recording.bytes,
        recording.sampleRateHz,
      );
    }
    case 'incident': {
      const { atMs, what, kind, provider, detail } = record.incident;
      return sql(
        'INSERT INTO incidents (at_ms, what, kind, provider, detail) VALUES ($1, $2, $3, $4, $5)',
        atMs,
        what,
        kind,
        provider,
        detail,
      );
    }
    case 'lost-calls':
      return sql(
        `UPDATE calls SET ended_by = 'lost', ended_at_ms = COALESCE(
           (SELECT calls.answered_at_ms + MAX(events.at_ms) FROM events WHERE events.call_id = calls.id),
           calls.answered_at_ms, calls.started_at_ms)
         WHERE ended_at_ms IS NULL AND started_at_ms < $1`,
        record.startedBeforeMs,
      );
  }
}

function turnStatement(id: string, turn: StoredTurn): Statement {
  const { speechEnded, started } = turn.times;
  const answerMs =
    speechEnded === undefined || started === undefined ? null : Math.max(0, started - speechEnded);
  return sql(
    `INSERT INTO turns (call_id, number, heard, intent, confidence, decision, outcome, keyed, answer_ms, search,
       slots, rungs, said, times, engines)
     SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS DOUBLE PRECISION),
       CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS SMALLINT), CAST($9 AS BIGINT), CAST($10 AS TEXT),
       CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS TEXT), CAST($14 AS TEXT), CAST($15 AS TEXT)
     FROM calls WHERE id = $1
     ON CONFLICT (call_id, number) DO UPDATE SET heard = excluded.heard, intent = excluded.intent,
       confidence = excluded.confidence, decision = excluded.decision, outcome = excluded.outcome,
       keyed = excluded.keyed, answer_ms = excluded.answer_ms, search = excluded.search, slots = excluded.slots,
       rungs = excluded.rungs, said = excluded.said, times = excluded.times, engines = excluded.engines`,
    id,
    turn.number,
    clean(turn.heard),
    turn.intent,
    turn.confidence,
    turn.decision,
    turn.outcome,
    turn.keyed ? 1 : 0,
    answerMs,
    fold(clean([turn.heard, ...turn.said].join('\n'))),
    json(turn.slots),
    json(turn.rungs),
    json(turn.said),
    json(turn.times),
    json(turn.engines),
  );
}

/** Postgres keeps neither the character 0 nor halves of characters, which a caller's name may hold. */
function clean(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

function json(value: unknown): string {
  return clean(JSON.stringify(value));
}
