import { z } from 'zod';
import { address, field, milliseconds, port } from '../field.ts';

/** What is kept and shown of calls. */

export const store = z.strictObject({
  keepCalls: field(
    z.boolean().default(true),
    'Keeps calls: what was heard, understood and said in each, and when.',
  ),
  url: field(
    z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    'Postgres that keeps them, such as postgres://USER:PASSWORD@HOST/parley, for several machines; a file in stateDir when absent.',
    { secret: true },
  ),
  urlFile: field(z.string().optional(), 'File that holds that address, where it is not given itself.'),
  keepRecordings: field(z.boolean().default(false), 'Keeps both voices of each call as a stereo WAV.'),
  recordingsDir: field(
    z.string().min(1).optional(),
    'Folder for them, on this machine; recordings in stateDir when absent.',
  ),
  maskDigits: field(
    z.int().min(0).max(50).default(0),
    'Digits in a row, keys included, from which they are masked in what is kept; then keys are masked altogether. 0 masks none.',
  ),
  keepDays: field(z.int().min(1).default(30), 'Days after which a call and its recording are removed.'),
  keepMB: field(
    z.int().min(1).default(4_096),
    'Size of calls and recordings together above which the oldest are removed.',
    { env: 'PARLEY_STORE_KEEP_MB' },
  ),
  retention: field(z.string().default('17 * * * *'), 'When what is too old or too much is removed (cron).'),
  queueLimit: field(
    z.int().min(10).default(5_000),
    'Records that may wait for a database that does not answer; more are dropped and counted.',
  ),
  deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one request to the database may take.'),
});

export const telemetry = z.strictObject({
  otlpEndpoint: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Collector of OpenTelemetry that is sent the spans of calls and turns over OTLP (HTTP), such as http://127.0.0.1:4318; nothing is sent when absent.',
    { env: 'OTEL_EXPORTER_OTLP_ENDPOINT' },
  ),
  otlpHeaders: field(
    z
      .string()
      .regex(/^[^=,]+=([^,%]|%[0-9A-Fa-f]{2})*(,[^=,]+=([^,%]|%[0-9A-Fa-f]{2})*)*$/)
      .optional(),
    'Headers that the collector wants, such as api-key=...,tenant=...; percent-encoded.',
    { env: 'OTEL_EXPORTER_OTLP_HEADERS', secret: true },
  ),
  service: field(z.string().min(1).default('parley'), 'What this Parley is called there.', {
    env: 'OTEL_SERVICE_NAME',
  }),
  intervalMs: field(milliseconds.min(100).default(5_000), 'How often what there is is sent.'),
  deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one sending may take.'),
});

export const consoleServer = z.strictObject({
  enabled: field(
    z.boolean().default(true),
    'Serves the console: the page for the operator, its API, /live, /ready and /metrics (docs/console.md).',
  ),
  bind: field(
    address.default('127.0.0.1'),
    'Address on which it listens. Beyond this machine it asks for the token.',
  ),
  port: field(port.default(8090), 'Port of it. 0 takes a free one.'),
  token: field(
    z.string().min(12).optional(),
    'Token that it asks for. Absent, one is generated into STATE_DIR/secrets.json where it listens beyond this machine, and none is asked for where it does not.',
    { secret: true },
  ),
  tokenFile: field(z.string().optional(), 'File that holds that token, where it is not given itself.'),
  hosts: field(
    z.array(z.hostname()).default([]),
    'Further names under which it is reached, such as that of a proxy before it; then it asks for the token, too.',
  ),
  tlsCertificate: field(
    z.string().optional(),
    'PEM file with its certificate; switches HTTPS on, without which browsers lend no microphone beyond this machine.',
  ),
  tlsKey: field(z.string().optional(), 'PEM file with the private key of that certificate.'),
  telephones: field(
    z.int().min(0).max(100).default(4),
    'How many pages may be a telephone at once (docs/telephone.md). 0: none.',
  ),
});

export const log = z.strictObject({
  level: field(z.enum(['error', 'warn', 'info', 'debug']).default('info'), 'Least important lines to print.'),
  format: field(
    z.enum(['auto', 'pretty', 'json']).default('auto'),
    'auto: pretty on a terminal, JSON otherwise.',
  ),
  showSpeech: field(z.boolean().default(false), 'Prints what callers say; off, it is redacted.'),
});
