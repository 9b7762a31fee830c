import { cardinal, decade, ordinal, year } from './numbers.ts';
import type { Rule } from '../rule.ts';

/** Dates, years and times of day. */

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);
const weekdays = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ');

const monthPattern =
  '(Jan(?:uary|\\.)?|Feb(?:ruary|\\.)?|Mar(?:ch|\\.)?|Apr(?:il|\\.)?|May|June?\\.?|July?\\.?|Aug(?:ust|\\.)?|Sep(?:t?\\.?|tember)|Oct(?:ober|\\.)?|Nov(?:ember|\\.)?|Dec(?:ember|\\.)?)';
const dayPattern = '(0?[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)?';
const yearPattern = '((?:1[1-9]|20)\\d\\d)';
const hourPattern = '([01]?\\d|2[0-3])';
const halfPattern = '([ap])\\.?\\s?m(?:\\b\\.?)';
/** A number before one of these is counted, so it is no year. */
const counted =
  '(?![\\d,.:]*\\d|\\s?(?:%|°|km|mph|kph|m\\b|ft\\b|people|men|women|thousand|million|billion|[a-z]{3,}s\\b))';

function fullName(names: readonly string[], written: string): string {
  return names.find((name) => name.startsWith(written.slice(0, 3))) ?? written;
}

function date(month: string, day: string, yearText: string): string {
  const monthAndDay = day === '' ? month : `${month} ${ordinal(day)}`;
  return yearText === '' ? monthAndDay : `${monthAndDay}, ${year(yearText)}`;
}

function numericDate(month: string, day: string, yearText: string): string | undefined {
  const name = months[Number(month) - 1];
  return name === undefined || Number(day) < 1 || Number(day) > 31 ? undefined : date(name, day, yearText);
}

/** 14:05 is "two oh five P M", 9:00 "nine o'clock", 0:30 "twelve thirty A M"; `half` is a or p where it was written. */
function time(hourText: string, minuteText: string, half = ''): string {
  const hour = Number(hourText);
  const minute = Number(minuteText);
  const meant = half || (hour === 0 ? 'a' : hour >= 13 ? 'p' : '');
  const halfWord = meant === '' ? '' : ` ${meant.toUpperCase()} M`;
  const hourWord = cardinal(String(hour % 12 === 0 ? 12 : hour % 12));
  if (minute === 0) return halfWord === '' ? `${hourWord} o'clock` : `${hourWord}${halfWord}`;
  const minuteWord = minute < 10 ? `oh ${cardinal(String(minute))}` : cardinal(String(minute));
  return `${hourWord} ${minuteWord}${halfWord}`;
}

/** The full stop of "p.m." ends the sentence too when nothing or a capital letter follows. */
function stopOf(match: string, after: string): string {
  return match.endsWith('.') && /^\s*($|\p{Lu})/u.test(after) ? '.' : '';
}

export const dateRules: readonly Rule[] = [
  // 2026-03-14, 2026/03/14, 2026-03-14T14:05:00Z
  [
    new RegExp(
      `\\b${yearPattern}[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\\d|3[01])(?:T(\\d\\d):(\\d\\d)(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?\\b`,
      'g',
    ),
    ([, y = '', month = '', day = '', hour = '', minute = '']) => {
      const spoken = numericDate(month, day, y);
      return spoken === undefined || hour === '' ? spoken : `${spoken}, ${time(hour, minute)}`;
    },
  ],
  // 3/14/2026; 14/3/2026 where only that makes sense; 14.3.2026
  [
    new RegExp(`\\b(\\d{1,2})([/.])(\\d{1,2})\\2${yearPattern}\\b`, 'g'),
    ([, first = '', separator = '', second = '', y = '']) =>
      separator === '.' || Number(first) > 12 ? numericDate(second, first, y) : numericDate(first, second, y),
  ],
  // Nov 10–12; 10–12 November
  [
    new RegExp(`\\b${monthPattern}\\s+${dayPattern}\\s?[-–]\\s?${dayPattern}\\b(?![:\\d])`, 'g'),
    ([, month = '', from = '', to = '']) => `${date(fullName(months, month), from, '')} to ${ordinal(to)}`,
  ],
  [
    new RegExp(`\\b${dayPattern}\\s?[-–]\\s?${dayPattern}\\s+${monthPattern}(?!\\w)`, 'g'),
    ([, from = '', to = '', month = '']) => `${date(fullName(months, month), from, '')} to ${ordinal(to)}`,
  ],
  // Nov 22; Nov. 22nd, 2026
  [
    new RegExp(`\\b${monthPattern}\\s+${dayPattern}\\b(?!:\\d)(?:,?\\s+${yearPattern}\\b(?!:\\d))?`, 'g'),
    ([, month = '', day = '', y = '']) => date(fullName(months, month), day, y),
  ],
  // 22 Nov 2026; the 4th of July
  [
    new RegExp(`\\b${dayPattern}(\\s+of)?\\s+${monthPattern}(?!\\w)(?:,?\\s+${yearPattern}\\b)?`, 'g'),
    ([match = '', day = '', of = '', month = '', y = ''], after) => {
      const name = fullName(months, month);
      const spoken = of === '' ? date(name, day, y) : `${ordinal(day)} of ${date(name, '', y)}`;
      return `${spoken}${stopOf(match, after)}`;
    },
  ],
  // November 2026
  [
    new RegExp(`\\b${monthPattern}\\s+${yearPattern}\\b`, 'g'),
    ([, month = '', y = '']) => `${fullName(months, month)} ${year(y)}`,
  ],
  [
    /\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.(?=\s|,|$)/g,
    ([, month = ''], after) => `${fullName(months, month)}${stopOf('.', after)}`,
  ],
  // "Sun, November 22"; without a stop or a date "Sun" and "Sat" are words.
  [
    new RegExp(
      `\\b(Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)(?:\\.(?=\\s|,|$)|(?=,?\\s+(?:${months.join('|')})\\b))`,
      'g',
    ),
    ([match = '', day = ''], after) => fullName(weekdays, day) + stopOf(match, after),
  ],
  // 2:30-3:30 pm
  [
    new RegExp(
      `\\b${hourPattern}(?::([0-5]\\d))?\\s?[-–]\\s?${hourPattern}(?::([0-5]\\d))?\\s?${halfPattern}`,
      'gi',
    ),
    ([match = '', from = '', fromMinute = '', to = '', toMinute = '', half = ''], after) =>
      `${time(from, fromMinute, half)} to ${time(to, toMinute, half)}${stopOf(match, after)}`,
  ],
  // 2:05 PM, 2 pm, 11a.m.
  [
    new RegExp(`\\b${hourPattern}(?::([0-5]\\d))?(?::[0-5]\\d)?\\s?${halfPattern}`, 'gi'),
    ([match = '', hour = '', minute = '', half = ''], after) =>
      `${time(hour, minute, half)}${stopOf(match, after)}`,
  ],
  // 14:05, 14:05-15:30
  [
    new RegExp(`\\b${hourPattern}:([0-5]\\d)\\s?[-–]\\s?${hourPattern}:([0-5]\\d)\\b`, 'g'),
    ([, from = '', fromMinute = '', to = '', toMinute = '']) =>
      `${time(from, fromMinute)} to ${time(to, toMinute)}`,
  ],
  [
    new RegExp(`\\b${hourPattern}:([0-5]\\d)(?::[0-5]\\d)?\\b(?!:)`, 'g'),
    ([, hour = '', minute = '']) => time(hour, minute),
  ],
  // 1990s, the '90s
  [new RegExp(`\\b((?:1[1-9]|20)\\d0)'?s\\b`, 'g'), ([, y = '']) => decade(y)],
  [/'([2-9]0)s\b/g, ([, tens = '']) => decade(`19${tens}`).replace('nineteen ', '')],
  // Numbers that can hardly be anything but years.
  [
    new RegExp(`\\b${yearPattern}\\s?[-–]\\s?${yearPattern}\\b${counted}`, 'g'),
    ([, from = '', to = '']) => `${year(from)} to ${year(to)}`,
  ],
  [
    new RegExp(
      `\\b(in|since|by|until|till|before|after|from|of|during|year|early|late|mid|summer|winter|spring|autumn|fall)([ -])${yearPattern}\\b${counted}`,
      'gi',
    ),
    ([, word = '', gap = '', y = '']) => `${word}${gap}${year(y)}`,
  ],
  [
    new RegExp(`(?<![\\d.,$€£¥#+-]|extension |number )\\b(19\\d\\d|20\\d\\d)\\b${counted}`, 'gi'),
    ([, y = '']) => year(y),
  ],
];
