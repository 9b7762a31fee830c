import assert from 'node:assert/strict';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';
import { startCollector } from '../fakes/collector.ts';

callTest('a call on a real telephone is counted by stage, and is one trace at the collector', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.close());
  const bot = await startBot(t, { settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  const before = Date.now();
  const call = await bot.call();
  await call.say('what time is it in Tokyo');
  await call.expect(/\w/);
  await call.hangUp();
  await call.ended;
  const { consoleUrl } = bot.parley.app ?? {};
  assert.ok(consoleUrl);
  const metrics = await (await fetch(`${consoleUrl}/metrics`, { signal: t.signal })).text();
  await bot.parley.stop();
  // What was heard is not what is tested.
  const understood = (await bot.log()).filter(({ message }) => message === 'understood');
  const [{ intent, outcome } = {}] = understood;
  assert.equal(understood.length, 1);

  for (const line of [
    'parley_calls_answered_total{line="streamed"} 1',
    `parley_turns_total{intent="${String(intent)}"} 1`,
    `parley_turn_outcomes_total{outcome="${String(outcome)}"} 1`,
    'parley_turn_stage_seconds_count{stage="answer"} 1',
    'parley_provider_up{kind="stt",provider="local"} 1',
    'parley_speech_waiting{kind="tts",provider="local"} 0',
    'parley_ari_connected 1',
    `parley_calls_capacity ${bot.config.calls.capacity}`,
  ])
    assert.ok(metrics.includes(`${line}\n`), `${line}\n${metrics}`);

  const spans = collector.spans();
  const [root, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === '');
  assert.ok(root && others.length === 0);
  assert.equal(root.name, 'call');
  assert.equal(root.attributes['parley.call.ended_by'], 'caller');
  assert.ok(root.startMs >= before && root.endMs <= Date.now());
  const [turn, ...more] = spans.filter(({ name }) => name === 'turn');
  assert.ok(turn && more.length === 0);
  assert.equal(turn.attributes['parley.intent'], intent);
  assert.ok(turn.startMs >= root.startMs && turn.endMs <= root.endMs);
  const stages = spans.filter(({ parentSpanId }) => parentSpanId === turn.spanId);
  assert.deepEqual(
    stages.map(({ name }) => name),
    ['caller speaks', 'end of turn', 'hearing', 'understanding', 'skill', 'synthesis', 'first sound'],
  );
  for (const { startMs, endMs } of stages) assert.ok(startMs >= turn.startMs && endMs <= turn.endMs);
});
