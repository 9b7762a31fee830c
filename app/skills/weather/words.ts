import type { Day } from '../../nlu/spec.ts';
import type { Language } from '../../speech/spec.ts';
import { answerTable, type AnswerKey } from '../answer-table.ts';
import type { Answers } from '../answers.ts';
import { dateName, daysBetween, weekdayName } from '../local-time.ts';

export type PartOfDay = NonNullable<Day['part']>;

type SkyKey = Extract<AnswerKey, `sky-${number}` | 'sky-0-day' | 'sky-0-night' | 'sky-unknown'>;

/** The weather of a WMO code in words that fit behind "with" and "expect". */
export function skyWords(answers: Answers, code: number, isDay: boolean): string {
  return answers.word<SkyKey>(skyKey(code, isDay));
}

function skyKey(code: number, isDay: boolean): SkyKey {
  if (code === 0) return isDay ? 'sky-0-day' : 'sky-0-night';
  const key = `sky-${code}`;
  return isSkyKey(key) ? key : 'sky-unknown';
}

function isSkyKey(key: string): key is SkyKey {
  return key in answerTable;
}

/** Drizzle, rain, freezing rain, showers, thunderstorms. */
export function isRain(code: number): boolean {
  return (code >= 51 && code <= 67) || (code >= 80 && code <= 82) || code >= 95;
}

/** Snow, snow grains, snow showers. */
export function isSnow(code: number): boolean {
  return (code >= 71 && code <= 77) || code === 85 || code === 86;
}

/** `minus 5 degrees`. */
export function degrees(answers: Answers, value: number): string {
  const number = plainNumber(answers, value);
  return answers.word(Math.abs(Math.round(value)) === 1 ? 'degree' : 'degrees', { number });
}

/** `between 8 and 13 degrees`, `around 8 degrees`. */
export function range(answers: Answers, low: number, high: number): string {
  if (Math.round(low) === Math.round(high))
    return answers.word('range-about', { temperature: degrees(answers, high) });
  return answers.word('range-between', { low: plainNumber(answers, low), high: degrees(answers, high) });
}

/** Said as a word: a minus sign before a number is easily lost when it is read out. */
function plainNumber(answers: Answers, value: number): string | number {
  const rounded = Math.round(value);
  return rounded < 0 ? answers.word('minus', { number: -rounded }) : Math.abs(rounded);
}

/** `tomorrow`, `on Friday evening`, `on Thursday, November 12`: days as a person says them, seen from today. */
export function whenWords(answers: Answers, today: string, date: string, part?: PartOfDay): string {
  const { language } = answers;
  const days = daysBetween(today, date);
  const weekday = weekdayName(date, language);
  if (part === undefined) {
    if (days === 0) return answers.word('when-today');
    if (days === 1) return answers.word('when-tomorrow');
    if (days < 7) return answers.word('when-weekday', { weekday });
    return answers.word('when-date', { weekday, date: dateName(date, language) });
  }
  if (days === 0) return answers.word(todaysPart[part]);
  const words = { weekday, part: answers.word(`part-${part}`) };
  if (days === 1) return answers.word('when-tomorrow-part', words);
  if (days < 7) return answers.word('when-weekday-part', words);
  return answers.word('when-date-part', { ...words, date: dateName(date, language) });
}

/** `Thursday, November 12`, for the ends of a span. */
export function fullDate(date: string, language: Language): string {
  return `${weekdayName(date, language)}, ${dateName(date, language)}`;
}

const todaysPart = {
  morning: 'when-this-morning',
  afternoon: 'when-this-afternoon',
  evening: 'when-this-evening',
  night: 'when-tonight',
} as const satisfies Record<PartOfDay, AnswerKey>;
