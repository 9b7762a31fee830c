import { type FakeServer, startFakeServer } from './http.ts';

/** A span as it came over the wire, in milliseconds. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 2 is an error. */
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly atMs: number }[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The parts of OTLP's JSON that are looked at (opentelemetry-proto, trace/v1/trace.proto). */
interface Posted {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly Attribute[];
        readonly events?: readonly { readonly name: string; readonly timeUnixNano: string }[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

export interface Collector extends FakeServer {
  /** All that came so far. */
  spans(): ReceivedSpan[];
  /** Attributes of the sender. */
  sender(): Readonly<Record<string, unknown>>;
}

/** A loopback collector of OpenTelemetry: takes spans by OTLP over HTTP. */
export async function startCollector(): Promise<Collector> {
  const json = { 'content-type': 'application/json' };
  const server = await startFakeServer({
    answer: ({ method, path }) =>
      method === 'POST' && path === '/v1/traces' ? { status: 200, headers: json, body: '{}' } : undefined,
    wrongSchema: { status: 200, headers: json, body: '[]' },
  });
  const posted = (): Posted['resourceSpans'][number][] =>
    server.requests.flatMap(({ body }) => (JSON.parse(body) as Posted).resourceSpans);
  return {
    ...server,
    get requests() {
      return server.requests;
    },
    sender: () => valuesOf(posted()[0]?.resource.attributes ?? []),
    spans: () =>
      posted()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map((span) => ({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          name: span.name,
          startMs: inMs(span.startTimeUnixNano),
          endMs: inMs(span.endTimeUnixNano),
          status: span.status?.code ?? 0,
          attributes: valuesOf(span.attributes),
          events: (span.events ?? []).map(({ name, timeUnixNano }) => ({ name, atMs: inMs(timeUnixNano) })),
        })),
  };
}

function inMs(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000n);
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
