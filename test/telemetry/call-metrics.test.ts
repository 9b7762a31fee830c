import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { countCalls } from '../../app/telemetry/call-metrics.ts';
import { manualClock } from '../fakes/clock.ts';
import { beginning, turnRecord } from './support.ts';

test('a call is counted from its arrival to its end, each turn once, and one that was taken back anew', async () => {
  const metrics = createMetrics();
  const clock = manualClock();
  const observer = countCalls(metrics, clock);
  observer.callBegan(beginning('a'));
  await clock.advance(120);
  observer.happened('a', { kind: 'answered', lineKind: 'streamed' }, 0);
  observer.turn('a', turnRecord(1));
  observer.turn('a', turnRecord(1));
  observer.happened('a', { kind: 'taken-back', turn: 1 }, 900);
  observer.turn('a', turnRecord(1, { outcome: 'skill-service-unreachable' }));
  observer.happened('a', { kind: 'asked-again', times: 1 }, 8_000);
  observer.happened('a', { kind: 'failed', error: new ParleyError('stt-unavailable') }, 9_000);
  observer.happened('a', { kind: 'farewell', why: 'silence' }, 15_000);
  await clock.advance(20_000);
  observer.callEnded('a', { endedAt: clock.now(), endedBy: 'bot' });
  // Nobody answered this one.
  observer.callBegan(beginning('b'));
  observer.callEnded('b', { endedAt: clock.now(), endedBy: 'turned-away' });

  const text = await metrics.text();
  for (const line of [
    'parley_calls_answered_total{line="streamed"} 1',
    'parley_call_setup_seconds_sum 0.12',
    'parley_call_duration_seconds_sum 20',
    'parley_call_duration_seconds_count 1',
    'parley_turn_outcomes_total{outcome="ok"} 1',
    'parley_turn_outcomes_total{outcome="skill-service-unreachable"} 1',
    'parley_asked_again_total 1',
    'parley_call_failures_total{code="stt-unavailable"} 1',
    'parley_farewells_total{why="silence"} 1',
  ])
    assert.ok(text.includes(`${line}\n`), line);
});
