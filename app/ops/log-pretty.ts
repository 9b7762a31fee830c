import { styleText } from 'node:util';
import type { LogFields, LogLevel, LogLine } from './log.ts';

type Style = Parameters<typeof styleText>[0];

const levelStyle: Readonly<Record<LogLevel, Style>> = {
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'gray',
};

/**
 * One line for a person: local time, level, call and turn, message, fields; an error follows on lines of its own, with its remedy.
 * Control characters are escaped, so that nothing a service sends can move the cursor or forge a line.
 */
export function formatPretty({ time, level, message, fields }: LogLine, colours: boolean): string {
  const paint = (style: Style, text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const { callId, turn, ...rest } = fields;
  const errors: string[] = [];
  const shown: string[] = [];
  for (const [name, value] of Object.entries(rest)) {
    if (isError(value)) errors.push(...explain(value).map((line) => paint('dim', `    ${line}`)));
    else shown.push(`${paint('dim', `${name}=`)}${written(value)}`);
  }
  const where = [
    callId === undefined ? '' : `call ${written(callId)}`,
    turn === undefined ? '' : `turn ${written(turn)}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
  const line = [
    paint('dim', localTime(time)),
    paint(levelStyle[level], level.padEnd(5)),
    ...(where === '' ? [] : [paint('cyan', where)]),
    escaped(message),
    ...shown,
  ].join('  ');
  return [line, ...errors].join('\n');
}

/** HH:MM:SS.mmm in the machine's time zone. */
function localTime(isoTime: string): string {
  const at = new Date(isoTime);
  const two = (value: number) => String(value).padStart(2, '0');
  const millis = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}

/** An error as redact.ts takes it apart. */
function isError(value: unknown): value is LogFields & { readonly message: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { message, code, name } = value as LogFields;
  return typeof message === 'string' && (code !== undefined || name !== undefined);
}

function explain(error: LogFields & { readonly message: string }): string[] {
  const { code, name, message, remedy, cause, stack } = error;
  const lines = [`${String(code ?? name)}: ${message}`];
  if (typeof remedy === 'string') lines.push(remedy);
  if (typeof stack === 'string') lines.push(...stack.split('\n').slice(1, 6));
  if (cause !== undefined) {
    const [first = '', ...more] = isError(cause) ? explain(cause) : [written(cause)];
    lines.push(`caused by ${first}`, ...more);
  }
  return lines.flatMap((line) => line.split('\n')).map(escaped);
}

/** Plain words stay as they are; anything else as JSON. */
function written(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+,[\]-]+$/.test(value)
    ? value
    : escaped(JSON.stringify(value));
}

function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
