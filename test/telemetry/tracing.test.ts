import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { configSchema } from '../../app/config/schema.ts';
import { ParleyError } from '../../app/errors.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { createMetrics } from '../../app/ops/metrics.ts';
import { startTracing } from '../../app/telemetry/start.ts';
import { manualClock } from '../fakes/clock.ts';
import { startCollector } from '../fakes/collector.ts';
import { recordingLog } from '../fakes/log.ts';
import { beginning, turnRecord } from './support.ts';

async function trace(t: TestContext, settings: Readonly<Record<string, unknown>> = {}) {
  const collector = await startCollector();
  t.after(() => collector.close());
  const { telemetry } = configSchema.parse({
    telemetry: { otlpEndpoint: collector.url, intervalMs: 100, ...settings },
  });
  const [log, metrics, clock] = [recordingLog(), createMetrics(), manualClock('2026-11-04T12:00:01Z')];
  // The time that goes by when nobody answers is real.
  const parts = { version: '1.2.3', log, metrics, clock: { ...systemClock, now: clock.now } };
  const tracing = await startTracing({ telemetry }, parts);
  assert.ok(tracing);
  return { collector, log, metrics, clock, tracing };
}

test('a call is one trace: the call, its turns, and in each the stages at their times', async (t) => {
  const { collector, tracing, clock } = await trace(t, {
    otlpHeaders: 'api-key=a%20b,tenant=parley',
    service: 'bot',
  });
  const { observer } = tracing;
  observer.callBegan(beginning('a'));
  observer.happened('a', { kind: 'answered', lineKind: 'streamed' }, 0);
  observer.happened('a', { kind: 'hearing', text: 'what time' }, 2_600);
  const { started, ...unheard } = turnRecord(1).times;
  observer.turn('a', turnRecord(1, { times: unheard }));
  observer.turn('a', turnRecord(1));
  observer.happened('a', { kind: 'barge-in' }, 4_000);
  observer.happened('a', { kind: 'digit', digit: '7' }, 4_100);
  observer.turn('a', turnRecord(2, { intent: 'GetWeather' }));
  observer.happened('a', { kind: 'taken-back', turn: 2 }, 8_000);
  observer.turn('a', turnRecord(2, { intent: 'GetNews', outcome: 'skill-service-unreachable' }));
  clock.setNow('2026-11-04T12:00:21Z');
  observer.callEnded('a', { endedAt: clock.now(), endedBy: 'caller' });
  await tracing.close();

  const spans = collector.spans();
  assert.deepEqual([...new Set(spans.map(({ traceId }) => traceId))].length, 1);
  const called = (name: string) => spans.filter((span) => span.name === name);
  const [call] = called('call');
  assert.ok(call);
  const callStartMs = Date.parse('2026-11-04T12:00:00Z');
  const answeredMs = callStartMs + 1_000;
  assert.deepEqual([call.startMs, call.endMs, call.parentSpanId], [callStartMs, answeredMs + 20_000, '']);
  assert.deepEqual(
    call.events.map(({ name, atMs }) => [name, atMs - answeredMs]),
    [
      ['answered', 0],
      ['barge-in', 4_000],
      ['taken-back', 8_000],
    ],
  );
  assert.deepEqual(call.attributes, {
    'parley.call.id': 'a',
    'parley.call.dialled': '1000',
    'parley.call.language': 'en-US',
    'parley.call.resumed': false,
    'parley.call.line': 'streamed',
    'parley.call.ended_by': 'caller',
  });
  assert.deepEqual(
    called('turn').map(({ attributes, parentSpanId, status }) => [
      attributes['parley.turn'],
      attributes['parley.intent'],
      parentSpanId === call.spanId,
      status,
    ]),
    [
      [1, 'GetTime', true, 0],
      [2, 'GetNews', true, 2],
    ],
  );
  const [turn] = called('turn');
  assert.ok(turn && started !== undefined);
  const within = spans.filter(({ parentSpanId }) => parentSpanId === turn.spanId);
  assert.deepEqual(
    within.map(({ name, startMs, endMs }) => [name, startMs - answeredMs, endMs - answeredMs]),
    [
      ['caller speaks', 2_000, 3_000],
      ['end of turn', 3_000, 3_240],
      ['hearing', 3_000, 3_150],
      ['understanding', 3_150, 3_155],
      ['skill', 3_155, 3_160],
      ['synthesis', 3_160, 3_200],
      // The answer was ready before the turn was over.
      ['first sound', 3_240, started],
    ],
  );
  assert.deepEqual([turn.startMs - answeredMs, turn.endMs - answeredMs], [2_000, 3_300]);
  assert.equal(within.find(({ name }) => name === 'hearing')?.attributes['parley.engine'], 'local');

  const [request] = collector.requests;
  assert.deepEqual([request?.headers['api-key'], request?.headers['tenant']], ['a b', 'parley']);
  const sender = collector.sender();
  assert.deepEqual([sender['service.name'], sender['service.version']], ['bot', '1.2.3']);
});

test('nothing of what is said, no key and nobody’s number is sent', async (t) => {
  const { collector, tracing } = await trace(t);
  const { observer } = tracing;
  observer.callBegan(beginning('a'));
  observer.happened('a', { kind: 'answered', lineKind: 'streamed' }, 0);
  for (const event of [
    { kind: 'hearing', text: 'Tokyo' },
    { kind: 'saying', text: 'Tokyo' },
    { kind: 'digit', digit: '4711' },
    { kind: 'connecting', extension: '4711' },
    { kind: 'failed', error: new ParleyError('stt-rejected', { reason: 'Tokyo' }) },
  ] as const)
    observer.happened('a', event, 100);
  observer.turn('a', turnRecord(1, { slots: { extension: '4711', unknownName: 'Tokyo' } }));
  observer.callEnded('a', { endedAt: new Date('2026-11-04T12:01:00Z'), endedBy: 'failure' });
  await tracing.close();
  const sent = collector.requests.map(({ body }) => body).join();
  assert.equal(collector.spans().find(({ name }) => name === 'call')?.status, 2);
  for (const private_ of ['Tokyo', 'Mallory', '4420794601', '4711'])
    assert.ok(!sent.includes(private_), private_);
});

for (const behaviour of ['reset', '500', 'hang', 'garbage'] as const)
  test(`a collector that answers with ${behaviour} costs spans, said once, and nothing else`, async (t) => {
    const { collector, tracing, log, metrics } = await trace(t, { deadlineMs: 300 });
    collector.behave(behaviour);
    const { observer } = tracing;
    const call = (id: string): void => {
      observer.callBegan(beginning(id));
      observer.callEnded(id, { endedAt: new Date('2026-11-04T12:01:00Z'), endedBy: 'caller' });
    };
    call('a');
    if (behaviour === 'garbage') {
      await collector.whenRequested(1);
      await tracing.close();
      // It was taken; what was said about it does not matter.
      assert.deepEqual(log.lines, []);
      return;
    }
    await log.next('spans cannot be sent');
    call('b');
    await tracing.close();
    assert.equal(log.lines.filter(({ message }) => message === 'spans cannot be sent').length, 1);
    assert.match(await metrics.text(), /^parley_spans_lost_total [12]$/m);
    // After the end nobody is harmed either.
    call('c');
  });

test('nothing of OpenTelemetry is loaded until a collector is configured', async () => {
  const loadedWith = async (telemetry: object): Promise<number> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      `import Module from 'node:module';
       import { startTracing } from '${import.meta.resolve('../../app/telemetry/start.ts')}';
       await startTracing(${JSON.stringify({ telemetry })}, {});
       console.log(Object.keys(Module._cache).filter((file) => file.includes('@opentelemetry')).length);
       process.exit();`,
    ]);
    return Number(stdout);
  };
  assert.equal(await loadedWith({}), 0);
  const configured = { otlpEndpoint: 'http://127.0.0.1:9', service: 'bot', intervalMs: 100, deadlineMs: 100 };
  assert.ok((await loadedWith(configured)) > 0);
});
