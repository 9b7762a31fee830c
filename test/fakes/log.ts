import type { Log, LogFields, LogLevel } from '../../app/ops/log.ts';

export interface RecordedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export interface RecordingLog extends Log {
  readonly lines: readonly RecordedLine[];
  /** Resolves with the first line of this message, which may be there already. */
  next(message: string): Promise<RecordedLine>;
}

/** A log that keeps its lines, as they were given (nothing redacted). */
export function recordingLog(): RecordingLog {
  const lines: RecordedLine[] = [];
  const waiting = new Set<(line: RecordedLine) => void>();
  const bind = (bound: LogFields): Log => {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      const line = { level, message, fields: { ...bound, ...fields } };
      lines.push(line);
      for (const wait of waiting) wait(line);
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (fields) => bind({ ...bound, ...fields }),
    };
  };
  return {
    ...bind({}),
    lines,
    next: (message) => {
      const there = lines.find((line) => line.message === message);
      if (there) return Promise.resolve(there);
      return new Promise((resolve) => {
        const wait = (line: RecordedLine): void => {
          if (line.message !== message) return;
          waiting.delete(wait);
          resolve(line);
        };
        waiting.add(wait);
      });
    },
  };
}
