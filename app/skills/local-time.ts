import type { Language } from '../speech/spec.ts';

/** A moment as the calendar and the clock on the wall of a place show it. */
export interface LocalTime {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** 0 to 23. */
  readonly hour: number;
}

/** @param timeZone an IANA name. */
export function localTime(at: Date, timeZone: string): LocalTime {
  // Sweden writes ISO 8601.
  const text = at.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return { date: text.slice(0, 10), hour: Number(text.slice(11, 13)) };
}

/** `YYYY-MM-DD`, some days later. */
export function addDays(date: string, days: number): string {
  return new Date(noon(date).getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Days from one `YYYY-MM-DD` to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000);
}

/** 0 Sunday to 6 Saturday. */
export function weekdayOf(date: string): number {
  return noon(date).getUTCDay();
}

/** `Thursday`. */
export function weekdayName(date: string, language: Language): string {
  return noon(date).toLocaleDateString(language, { timeZone: 'UTC', weekday: 'long' });
}

/** `November 12`. */
export function dateName(date: string, language: Language): string {
  return noon(date).toLocaleDateString(language, { timeZone: 'UTC', month: 'long', day: 'numeric' });
}

/** `2:05 PM`; with twelve hours also where Spanish writes twenty-four, for that is how it is said. */
export function clockTime(at: Date, timeZone: string, language: Language): string {
  return at
    .toLocaleTimeString(language, {
      timeZone,
      hour: 'numeric',
      minute: '2-digit',
      ...(language.startsWith('es') && { hour12: true }),
    })
    .replace(/[\u00a0\u202f]/g, ' '); // CLDR sets PM apart with a narrow space that does not break
}

function noon(date: string): Date {
  return new Date(`${date}T12:00:00Z`);
}
