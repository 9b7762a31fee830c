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
    'parley_calls_ended_total{ended_by="caller"} 1',
    'parley_turns_total{intent="GetTime"} 1',
    'parley_turn_stage_seconds_sum{stage="answer"} 0.32',
    'parley_turn_stage_seconds_bucket{le="0.25",stage="judging"} 1',
    'parley_understanding_rung_seconds_sum{rung="model"} 0.64',
    'parley_understanding_rung_seconds_count{rung="model"} 1',
    'parley_understanding_rungs_total{rung="model",outcome="skipped"} 1',
    'parley_barge_ins_total 1',
    'parley_false_interruptions_total 0',
  ])
    assert.ok(text.includes(line), line);
  assert.match(text, /nodejs_eventloop_lag_p99_seconds/);
});

test('a service that makes up names fills no memory: what is over a hundred is counted together', async () => {
  const metrics = createMetrics();
  for (let made = 0; made < 1_000; made++) {
    metrics.turn(`Intent${made}`, {});
    metrics.answered(`outcome-${made}`);
    metrics.providerFailed('nlu', 'luis', `code-${made}`);
  }
  const text = await metrics.text();
  for (const [name, label] of [
    ['parley_turns_total', 'intent="other"'],
    ['parley_turn_outcomes_total', 'outcome="other"'],
    ['parley_provider_failures_total', 'kind="nlu",provider="luis",code="other"'],
  ] as const) {
    assert.equal(text.split('\n').filter((line) => line.startsWith(`${name}{`)).length, 101, name);
    assert.ok(text.includes(`${name}{${label}} 900`), name);
  }
});
