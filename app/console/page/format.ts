/** Moments, durations and names as an operator reads them. */

const hours = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const minutes = new Intl.DateTimeFormat(undefined, hours);
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dateAndTime = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', ...hours });
const time = new Intl.DateTimeFormat(undefined, { ...hours, second: '2-digit' });
const dayOnly = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'full',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const dayMs = 86_400_000;

export const timeOf = (ms: number): string => time.format(ms);
export const minuteOf = (ms: number): string => minutes.format(ms);
export const dateOf = (ms: number): string => date.format(ms);
export const dateAndTimeOf = (ms: number): string => dateAndTime.format(ms);
export const momentOf = (ms: number): string => whole.format(ms);
export const countOf = (n: number): string => (n < 10_000 ? number.format(n) : compact.format(n));

/** `Today`, `Yesterday`, or the date. */
export function dayOf(ms: number, nowMs = Date.now()): string {
  const midnight = new Date(nowMs).setHours(0, 0, 0, 0);
  if (ms >= midnight && ms < midnight + dayMs) return 'Today';
  if (ms < midnight && ms >= midnight - dayMs) return 'Yesterday';
  return dayOnly.format(ms);
}

/** `1:05`, `1:02:03`. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `3 d 4 h`, `4 h 12 min`, `12 min`. */
export function longDurationOf(ms: number): string {
  const minutesInAll = Math.floor(ms / 60_000);
  const [d, h, m] = [Math.floor(minutesInAll / 1_440), Math.floor(minutesInAll / 60) % 24, minutesInAll % 60];
  if (d > 0) return `${d} d ${h} h`;
  return h > 0 ? `${h} h ${m} min` : `${m} min`;
}

/** `240 ms`, `1.2 s`. */
export function millis(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${number.format(ms / 1_000)} s`;
}

export function percent(part: number, of: number): string {
  return of === 0 ? '–' : `${number.format((100 * part) / of)} %`;
}

const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

/** `English (United States)` for `en-US`. */
export function languageOf(tag: string): string {
  try {
    return languages.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** Enough of a text for a tooltip or a label: what callers send may be thousands of characters long. */
export const shortly = (text: string, most = 120): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

/** `GetWeather` as `Get weather`. */
export function spaced(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_.]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
