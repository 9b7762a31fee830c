/** A date in somebody's calendar, without a time. */
export interface CivilDate {
  /** Days since 1 January 1970. */
  readonly dayNumber: number;
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The date at a moment in a time zone (IANA name). */
export function dateIn(timeZone: string, moment: Date): CivilDate {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(moment).map((part) => [part.type, Number(part.value)]));
  return dateOf(dayNumberOf(parts.get('year') ?? 1970, parts.get('month') ?? 1, parts.get('day') ?? 1));
}

/** The number of a date; a day that the month does not have is undefined behind `isDate`. */
export function dayNumberOf(year: number, month: number, day: number): number {
  return Math.floor(Date.UTC(year, month - 1, day) / 86_400_000);
}

export function dateOf(dayNumber: number): CivilDate {
  const date = new Date(dayNumber * 86_400_000);
  return {
    dayNumber,
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
  };
}

/** Whether the month has that day. */
export function isDate(year: number, month: number, day: number): boolean {
  const date = dateOf(dayNumberOf(year, month, day));
  return date.month === month && date.day === day;
}

/** Such as `2026-03-11`. */
export function isoDate(dayNumber: number): string {
  return new Date(dayNumber * 86_400_000).toISOString().slice(0, 10);
}
