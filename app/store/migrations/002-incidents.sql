-- What befell engines rather than one call.
CREATE TABLE incidents (
  at_ms BIGINT NOT NULL,
  what TEXT NOT NULL,
  kind TEXT NOT NULL,
  provider TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX incidents_by_time ON incidents (at_ms);
