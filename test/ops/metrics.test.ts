import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagesOf } from '../../app/conversation/trace.ts';
import { createMetrics } from '../../app/ops/metrics.ts';

test('what happens in calls is counted in Prometheus’ format', async () => {
  const metrics = createMetrics();
  metrics.callBegan();
  metrics.callBegan();
  metrics.callEnded('caller');
  metrics.turn(
    'GetTime',
    stagesOf({ speechEnded: 1_000, finalText: 1_200, turnOver: 1_240, started: 1_320 }),
  );
  metrics.rung({ name: 'model', ms: 640, outcome: 'accepted' });
  metrics.rung({ name: 'model', ms: 0, outcome: 'skipped' });
  metrics.bargeIn();
  const text = await metrics.text();
  for (const line of [
    'parley_calls_live 1',
    'parley_calls_total{ended_by="caller"} 1',
    'parley_turns_total{intent="GetTime"} 1',
    'parley_turn_stage_ms_sum{stage="answer"} 320',
    'parley_turn_stage_ms_bucket{le="250",stage="judging"} 1',
    'parley_understanding_rung_ms_sum{rung="model"} 640',
    'parley_understanding_rung_ms_count{rung="model"} 1',
    'parley_understanding_rungs_total{rung="model",outcome="skipped"} 1',
    'parley_barge_ins_total 1',
    'parley_false_interruptions_total 0',
  ])
    assert.ok(text.includes(line), line);
  assert.match(text, /nodejs_eventloop_lag_p99_seconds/);
});
