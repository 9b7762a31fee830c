import { stderr } from 'node:process';
import winston from 'winston';
import { systemClock, type Clock } from './clock.ts';
import { formatPretty } from './log-pretty.ts';
import { redactFields, redactText } from './redact.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes one line per step. The message is a fixed sentence; all that varies goes into fields, of which `callId` and `turn` say where.
 * What a caller says or is, and every secret, belongs into a field whose name says so (see redact.ts): it is redacted by that name.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds `fields` to each line, such as `log.with({ callId })`. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** `auto`: pretty on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'pretty' | 'json';
  /** Prints what callers say and who they are; off, it is redacted. */
  readonly showSpeech: boolean;
  /** Where the lines go; standard error when absent, which leaves standard output to a command's result. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly clock?: Clock;
}

/** The log of the whole process. `close` resolves when all lines are handed over; idempotent. */
export interface RootLog extends Log {
  close(): Promise<void>;
}

/** What it is at run time: winston's types call it an interface that looks like a transport. */
const StreamTransport: new (options: { readonly stream: NodeJS.WritableStream }) => winston.transport =
  winston.transports.Stream;

const levels: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

export function createLog(options: LogOptions): RootLog {
  const { stream = stderr, clock = systemClock } = options;
  const pretty = options.format === 'pretty' || (options.format === 'auto' && stream.isTTY === true);
  const colours = stream.isTTY === true;

  const logger = winston.createLogger({
    level: options.level,
    levels,
    format: winston.format.combine(
      // The fields travel as one property: winston itself would join a field called `message` to the message.
      winston.format((info) =>
        Object.assign(info, {
          message: redactText(String(info.message)),
          time: clock.now().toISOString(),
          fields: redactFields(info['fields'] as LogFields, options),
        }),
      )(),
      winston.format.printf(({ level, message, time, fields }) => {
        const line = {
          time: time as string,
          level: level as LogLevel,
          message: message as string,
          fields: fields as LogFields,
        };
        return pretty ? formatPretty(line, colours) : formatJson(line);
      }),
    ),
    transports: [new StreamTransport({ stream })],
  });

  // Whoever read the log may be gone (`npm start 2>&1 | head`); without a listener that would end the process and all calls.
  stream.on('error', () => undefined);

  let closed: Promise<void> | undefined;
  return {
    ...logWith({}, (level, message, fields) => {
      if (closed === undefined && levels[level] <= levels[options.level]) {
        logger.log({ level, message, fields });
      }
    }),
    close() {
      closed ??= new Promise((resolve) => {
        logger.once('finish', resolve);
        logger.end();
      });
      return closed;
    },
  };
}

/** Fields stand beside time, level and message; one that bears such a name gets an underscore. */
function formatJson({ time, level, message, fields }: LogLine): string {
  const line: Record<string, unknown> = { time, level, message };
  for (const [name, value] of Object.entries(fields)) {
    line[name in line ? `${name}_` : name] = value;
  }
  return JSON.stringify(line);
}

export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  /** Plain data, already redacted. */
  readonly fields: LogFields;
}

function logWith(
  bound: LogFields,
  write: (level: LogLevel, message: string, fields: LogFields) => void,
): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    write(level, message, { ...bound, ...fields });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => logWith({ ...bound, ...fields }, write),
  };
}
