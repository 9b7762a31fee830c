import type { Tracing, TracingOptions } from './tracing.ts';

export interface TelemetryConfig {
  readonly telemetry: {
    readonly otlpEndpoint?: string | undefined;
    readonly otlpHeaders?: string | undefined;
    readonly service: string;
    readonly intervalMs: number;
    readonly deadlineMs: number;
  };
}

/** Traces calls where a collector is configured; where none is, nothing of OpenTelemetry is even loaded. */
export async function startTracing(
  { telemetry }: TelemetryConfig,
  parts: Pick<TracingOptions, 'version' | 'clock' | 'log' | 'metrics'>,
): Promise<Tracing | undefined> {
  const { otlpEndpoint: endpoint, otlpHeaders: headers = '', ...rest } = telemetry;
  if (endpoint === undefined) return undefined;
  const { openTracing } = await import('./tracing.ts');
  return openTracing({ ...rest, ...parts, endpoint, headers: headersOf(headers) });
}

/** `api-key=abc,tenant=a%20b`, as OpenTelemetry's variable has it: the values are percent-encoded. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at <= 0 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
