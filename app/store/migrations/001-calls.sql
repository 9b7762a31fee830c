-- Runs on SQLite and on Postgres. Moments: milliseconds since 1970; inside a call: since it was answered.
CREATE TABLE calls (
  id TEXT PRIMARY KEY,
  started_at_ms BIGINT NOT NULL,
  answered_at_ms BIGINT,
  ended_at_ms BIGINT,
  ended_by TEXT,
  caller_number TEXT NOT NULL,
  caller_name TEXT NOT NULL,
  -- Number and name, folded for searching; the number's digits alone.
  caller_search TEXT NOT NULL,
  caller_digits TEXT NOT NULL,
  dialled TEXT NOT NULL,
  language TEXT NOT NULL,
  line_kind TEXT,
  resumed SMALLINT NOT NULL,
  recording_file TEXT,
  recording_starts_at_ms BIGINT,
  recording_ms BIGINT,
  recording_bytes BIGINT,
  recording_hz BIGINT
);
-- The order in which they are shown; pages are found by it.
CREATE INDEX calls_by_start ON calls (started_at_ms, id);
CREATE INDEX calls_by_caller ON calls (caller_digits);

CREATE TABLE turns (
  call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  heard TEXT NOT NULL,
  intent TEXT NOT NULL,
  confidence DOUBLE PRECISION NOT NULL,
  decision TEXT NOT NULL,
  outcome TEXT NOT NULL,
  keyed SMALLINT NOT NULL,
  -- From the end of what was said to the answer's first sound.
  answer_ms BIGINT,
  -- Heard and said, folded for searching.
  search TEXT NOT NULL,
  -- JSON.
  slots TEXT NOT NULL,
  rungs TEXT NOT NULL,
  said TEXT NOT NULL,
  times TEXT NOT NULL,
  engines TEXT NOT NULL,
  PRIMARY KEY (call_id, number)
);
CREATE INDEX turns_by_intent ON turns (intent, call_id);
-- All that lists and figures ask of turns, without their long texts.
CREATE INDEX turns_in_short ON turns (call_id, number, intent, decision, answer_ms);

CREATE TABLE events (
  call_id TEXT NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
  seq BIGINT NOT NULL,
  at_ms BIGINT NOT NULL,
  kind TEXT NOT NULL,
  -- JSON.
  details TEXT NOT NULL,
  PRIMARY KEY (call_id, seq)
);
CREATE INDEX events_by_kind ON events (kind, call_id);
