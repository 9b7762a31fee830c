import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { CallObserver } from '../conversation/observer.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import { traceCalls } from './call-spans.ts';

export interface TracingOptions {
  /** Base address of a collector that speaks OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is added. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly version: string;
  /** How often what is there is sent. */
  readonly intervalMs: number;
  /** How long one sending may take, its tries included, and the last one when Parley stops. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'spansLost'>;
}

export interface Tracing {
  readonly observer: CallObserver;
  /** Sends what is left, for no longer than the deadline. Never throws. */
  close(): Promise<void>;
}

/** Spans that wait for a collector that does not answer; more are dropped. */
const mostWaiting = 4_096;

/** Traces calls and sends the spans in batches; a collector that is slow, or gone, costs spans and nothing else. */
export function openTracing(options: TracingOptions): Tracing {
  const { endpoint, headers, service, version, intervalMs, deadlineMs, clock } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: { ...headers },
    timeoutMillis: deadlineMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: watched(exporter, options),
        maxQueueSize: mostWaiting,
        scheduledDelayMillis: intervalMs,
        exportTimeoutMillis: deadlineMs,
      }),
    ],
  });
  return {
    observer: traceCalls(provider.getTracer('parley', version), clock),
    close: async () => {
      const late = new AbortController();
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        clock.sleep(deadlineMs, late.signal).catch(() => undefined),
      ]);
      late.abort();
    },
  };
}

/** The same exporter; trouble is told once when it begins and once when it is over, and what is lost is counted. */
function watched(exporter: SpanExporter, { log, metrics, endpoint }: TracingOptions): SpanExporter {
  let failing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.error !== undefined;
        if (failed) metrics.spansLost(spans.length);
        if (failed && !failing) log.warn('spans cannot be sent', { endpoint, error: result.error });
        if (!failed && failing) log.info('spans can be sent again', { endpoint });
        failing = failed;
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
