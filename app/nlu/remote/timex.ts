import { dateIn, dateOf, dayNumberOf, isoDate } from '../local/calendar.ts';
import type { Day } from '../spec.ts';

/**
 * Days as Microsoft's recognisers write them (TIMEX, https://github.com/microsoft/Recognizers-Text): `2026-03-12`,
 * `XXXX-WXX-5` (a Friday), `2026-W11-WE` (a weekend), `2026-W11`, each with a part of the day behind it (`TMO`).
 */

type Part = NonNullable<Day['part']>;

const parts: Readonly<Record<string, Part>> = { MO: 'morning', AF: 'afternoon', EV: 'evening', NI: 'night' };
const codes: Readonly<Record<Part, string>> = {
  morning: 'MO',
  afternoon: 'AF',
  evening: 'EV',
  night: 'NI',
};

/** A day in that notation, with the dates that it stands for; the end of a span is the day after its last. */
export interface Timex {
  readonly timex: string;
  readonly start: string;
  readonly end: string;
}

/** @param timeZone IANA name of the zone whose today counts. */
export function writeTimex(day: Day, now: Date, timeZone: string): Timex {
  const first = dateIn(timeZone, now).dayNumber + day.daysFromToday;
  const [start, end] = [isoDate(first), isoDate(first + day.days)];
  return {
    timex: `${base(day, first, start, end)}${day.part === undefined ? '' : `T${codes[day.part]}`}`,
    start,
    end,
  };
}

function base(day: Day, first: number, start: string, end: string): string {
  if (day.days === 2 && dateOf(first).weekday === 6) return `${isoWeek(first)}-WE`;
  if (day.days === 7 && dateOf(first).weekday === 1) return isoWeek(first);
  if (day.days > 1) return `(${start},${end},P${day.days}D)`;
  return day.weekday === undefined ? start : `XXXX-WXX-${day.weekday === 0 ? 7 : day.weekday}`;
}

/** The day that a service means, undefined when it is none: a time, a duration. */
export function readTimex(
  { timex, dates }: { readonly timex: string; readonly dates: readonly string[] },
  now: Date,
  timeZone: string,
): Day | undefined {
  const today = dateIn(timeZone, now).dayNumber;
  const days = dates.map(dayNumberIn).filter((number) => number !== undefined);
  // Of "Friday", the last one and the next one are given: the coming one is meant.
  const first =
    days.filter((number) => number >= today).sort((a, b) => a - b)[0] ?? days.at(-1) ?? dayNumberIn(timex);
  if (first === undefined) return undefined;
  const code = /T(MO|AF|EV|NI)/.exec(timex)?.[1];
  const part = code === undefined ? undefined : parts[code];
  const span = /P(\d+)([DW])/.exec(timex);
  const [length, named] = /-WE(?:T|$)/.test(timex)
    ? [2, true]
    : /-W\d\d(?:T|$)/.test(timex)
      ? [7, false]
      : span === null
        ? [1, timex.startsWith('XXXX-')]
        : [Number(span[1]) * (span[2] === 'W' ? 7 : 1), false];
  return {
    daysFromToday: first - today,
    days: length,
    ...(named && { weekday: dateOf(first).weekday }),
    ...(part !== undefined && { part }),
  };
}

function dayNumberIn(text: string): number | undefined {
  const [, year, month, day] = /(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  return year === undefined ? undefined : dayNumberOf(Number(year), Number(month), Number(day));
}

/** Such as `2026-W11` (ISO 8601: weeks begin on Monday, the first one holds 4 January). */
function isoWeek(dayNumber: number): string {
  const weekday = (dateOf(dayNumber).weekday + 6) % 7;
  const thursday = dateOf(dayNumber - weekday + 3);
  const first = dayNumberOf(thursday.year, 1, 1);
  const week = Math.floor((thursday.dayNumber - first) / 7) + 1;
  return `${thursday.year}-W${String(week).padStart(2, '0')}`;
}
