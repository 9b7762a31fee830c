import { ParleyError } from '../errors.ts';
import type { Bucket, Figures, FiguresQuery, StoredEndedBy } from './spec.ts';
import { type Row, sql, type Statement } from './sql.ts';

const mostBuckets = 2_000;

/** @throws ParleyError `store-query-invalid`. */
export function figureStatements({ fromMs, toMs, bucketMs }: FiguresQuery): Statement[] {
  const count = Math.ceil((toMs - fromMs) / bucketMs);
  if (!(bucketMs > 0) || !(count >= 1) || count > mostBuckets)
    throw new ParleyError('store-query-invalid', {
      reason: `figures come in 1 to ${mostBuckets} stretches of time, not ${String(count)}`,
    });
  const values = [fromMs, toMs, bucketMs];
  const bucketOf = (moment: string): string =>
    `(${moment} - CAST($1 AS BIGINT)) / CAST($3 AS BIGINT) AS bucket`;
  const during = (moment: string): string => `${moment} >= $1 AND ${moment} < $2`;
  const ofCalls = bucketOf('calls.started_at_ms');
  const inTime = during('calls.started_at_ms');
  return [
    sql(`SELECT ${ofCalls}, ended_by, COUNT(*) AS n FROM calls WHERE ${inTime} GROUP BY 1, 2`, ...values),
    sql(
      `SELECT ${ofCalls}, COUNT(*) AS n, SUM(CASE WHEN decision = 'not-understood' THEN 1 ELSE 0 END) AS missed
       FROM turns JOIN calls ON calls.id = turns.call_id WHERE ${inTime} GROUP BY 1`,
      ...values,
    ),
    answers(`SELECT ${ofCalls}, answer_ms`, inTime, values),
    answers('SELECT -1 AS bucket, answer_ms', inTime, [fromMs, toMs]),
    sql(
      `SELECT ${ofCalls}, kind, COUNT(*) AS n FROM events JOIN calls ON calls.id = events.call_id
       WHERE kind IN ('barge-in', 'false-interruption', 'taken-back') AND ${inTime} GROUP BY 1, 2`,
      ...values,
    ),
    sql(
      `SELECT ${bucketOf('at_ms')}, what, provider, COUNT(*) AS n FROM incidents
       WHERE ${during('at_ms')} GROUP BY 1, 2, 3`,
      ...values,
    ),
  ];
}

/** Percentiles by the nearest rank, in SQL that both databases have. */
function answers(select: string, where: string, values: readonly number[]): Statement {
  const rank = (percent: number): string =>
    `MAX(CASE WHEN nth = (n * ${percent} + 99) / 100 THEN answer_ms END) AS p${percent}`;
  return sql(
    `WITH answers AS (
       ${select} FROM turns JOIN calls ON calls.id = turns.call_id WHERE answer_ms IS NOT NULL AND ${where}
     ), ranked AS (
       SELECT bucket, answer_ms, ROW_NUMBER() OVER (PARTITION BY bucket ORDER BY answer_ms) AS nth,
         COUNT(*) OVER (PARTITION BY bucket) AS n FROM answers
     )
     SELECT bucket, ${rank(50)}, ${rank(95)}, ${rank(99)} FROM ranked GROUP BY bucket`,
    ...values,
  );
}

type Growing = { -readonly [Key in keyof Bucket]: Bucket[Key] };

/** @param results the rows of `figureStatements`, in their order. */
export function figuresOf(query: FiguresQuery, results: readonly (readonly Row[])[]): Figures {
  const { fromMs, toMs, bucketMs } = query;
  const buckets: Growing[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += bucketMs) buckets.push(empty(atMs));
  const total = empty(fromMs);
  const [calls = [], turns = [], answered = [], allAnswered = [], events = [], incidents = []] = results;

  const add = (row: Row, change: (bucket: Growing) => void): void => {
    const bucket = buckets[Number(row['bucket'])];
    if (bucket !== undefined) change(bucket);
    change(total);
  };
  for (const row of calls) {
    const n = Number(row['n']);
    const by = row['ended_by'] as StoredEndedBy | null;
    add(row, (bucket) => {
      bucket.calls += n;
      if (by !== null) bucket.endedBy = { ...bucket.endedBy, [by]: (bucket.endedBy[by] ?? 0) + n };
    });
  }
  for (const row of turns) {
    add(row, (bucket) => {
      bucket.turns += Number(row['n']);
      bucket.notUnderstood += Number(row['missed']);
    });
  }
  const percentiles = (row: Row): Bucket['answerMs'] => ({
    p50: Number(row['p50']),
    p95: Number(row['p95']),
    p99: Number(row['p99']),
  });
  for (const row of answered) {
    const bucket = buckets[Number(row['bucket'])];
    if (bucket !== undefined) bucket.answerMs = percentiles(row);
  }
  for (const row of allAnswered) total.answerMs = percentiles(row);
  const counted = {
    'barge-in': 'bargeIns',
    'false-interruption': 'falseInterruptions',
    'taken-back': 'takenBack',
  } as const;
  for (const row of events) {
    add(row, (bucket) => {
      bucket[counted[row['kind'] as keyof typeof counted]] += Number(row['n']);
    });
  }
  for (const row of incidents) {
    const n = Number(row['n']);
    const provider = String(row['provider']);
    add(row, (bucket) => {
      if (row['what'] === 'failover') bucket.failovers += n;
      else bucket.failures = { ...bucket.failures, [provider]: (bucket.failures[provider] ?? 0) + n };
    });
  }
  return { buckets, total };
}

function empty(atMs: number): Growing {
  return {
    atMs,
    calls: 0,
    endedBy: {},
    turns: 0,
    notUnderstood: 0,
    answerMs: null,
    bargeIns: 0,
    falseInterruptions: 0,
    takenBack: 0,
    failures: {},
    failovers: 0,
  };
}
