import type { Rule } from '../rule.ts';
import { cardinal, number } from './numbers.ts';

/** Dates, years and times of day. */

const months =
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' ');
const weekdays = 'lunes martes miércoles jueves viernes sábado domingo'.split(' ');

const monthPattern = `(${months.join('|')}|setiembre|ene\\.|feb\\.|mar\\.|abr\\.|may\\.|jun\\.|jul\\.|ago\\.|sept?\\.|oct\\.|nov\\.|dic\\.)`;
const dayPattern = '(0?[1-9]|[12]\\d|3[01])(?:\\.?º|er)?';
const yearPattern = '((?:1[1-9]|20)\\d\\d)';
const hourPattern = '([01]?\\d|2[0-3])';
const halfPattern = '([ap])\\.?\\s?m\\b\\.?';

function fullName(names: readonly string[], written: string): string {
  const start = written.toLowerCase().replace('setiembre', 'septiembre').slice(0, 3);
  return names.find((name) => name.startsWith(start)) ?? written;
}

/** "1" is "uno" in Spain and "primero" elsewhere; everybody understands "primero". */
function dayWord(day: string): string {
  return Number(day) === 1 ? 'primero' : cardinal(day);
}

function date(day: string, month: string, yearText: string): string {
  const monthAndYear = yearText === '' ? month : `${month} de ${cardinal(yearText)}`;
  return day === '' ? monthAndYear : `${dayWord(day)} de ${monthAndYear}`;
}

function numericDate(day: string, month: string, yearText: string): string | undefined {
  const name = months[Number(month) - 1];
  return name === undefined || Number(day) < 1 || Number(day) > 31 ? undefined : date(day, name, yearText);
}

/** Which part of the day an hour (0 to 23) belongs to, as it is said behind the time. */
function partOf(hour: number): string {
  if (hour < 6) return hour === 0 ? 'de la noche' : 'de la madrugada';
  if (hour < 12) return 'de la mañana';
  return hour < 20 ? 'de la tarde' : 'de la noche';
}

/** 14:05 is "dos y cinco de la tarde", 9:15 "nueve y cuarto"; `half` is a or p where it was written. */
function time(hourText: string, minuteText: string, half = ''): string {
  const written = Number(hourText);
  const minute = Number(minuteText);
  const hour = half === '' ? written : (written % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  const hourWord = cardinal(String(hour % 12 === 0 ? 12 : hour % 12), 'feminine');
  const minutes =
    minute === 0
      ? ''
      : minute === 15
        ? ' y cuarto'
        : minute === 30
          ? ' y media'
          : ` y ${cardinal(String(minute))}`;
  const isClear = half !== '' || written > 12 || written === 0;
  return `${hourWord}${minutes}${isClear ? ` ${partOf(hour)}` : minute === 0 ? ' en punto' : ''}`;
}

/** The article of an hour: "la una", "las dos". */
function article(hourText: string): string {
  return Number(hourText) % 12 === 1 ? 'la' : 'las';
}

/** The full stop of "p. m." ends the sentence too when nothing or a capital letter follows. */
function stopOf(match: string, after: string): string {
  return match.endsWith('.') && /^\s*($|[¿¡]?\p{Lu})/u.test(after) ? '.' : '';
}

function capitalised(like: string, text: string): string {
  return /^\p{Lu}/u.test(like) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

const timePattern = `${hourPattern}[:.]([0-5]\\d)(?::[0-5]\\d)?`;

export const dateRules: readonly Rule[] = [
  // 2026-03-14, 2026-03-14T14:05:00Z
  [
    new RegExp(
      `\\b${yearPattern}[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12]\\d|3[01])(?:T(\\d\\d):(\\d\\d)(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?\\b`,
      'g',
    ),
    ([, y = '', month = '', day = '', hour = '', minute = '']) => {
      const spoken = numericDate(day, month, y);
      return spoken === undefined || hour === ''
        ? spoken
        : `${spoken}, a ${article(hour)} ${time(hour, minute)}`;
    },
  ],
  // 14/3/2026, 14-3-2026, 14.3.2026
  [
    new RegExp(`\\b(\\d{1,2})([/.-])(\\d{1,2})\\2${yearPattern}\\b`, 'g'),
    ([, day = '', , month = '', y = '']) => numericDate(day, month, y),
  ],
  // 10-12 de noviembre
  [
    new RegExp(
      `\\b${dayPattern}\\s?(?:[-–]|al)\\s?${dayPattern}\\s+(?:de\\s+)?${monthPattern}(?!\\p{L})`,
      'giu',
    ),
    ([, from = '', to = '', month = '']) => `${dayWord(from)} al ${date(to, fullName(months, month), '')}`,
  ],
  // 22 de noviembre de 2026, 22 nov. 2026
  [
    new RegExp(
      `\\b${dayPattern}\\s+(?:de\\s+)?${monthPattern}(?!\\p{L})(?:,?\\s+(?:del?\\s+)?${yearPattern}\\b)?`,
      'giu',
    ),
    ([match = '', day = '', month = '', y = ''], after) =>
      date(day, fullName(months, month), y) + stopOf(match, after),
  ],
  // noviembre de 2026
  [
    new RegExp(`(?<!\\p{L})${monthPattern}\\s+(?:del?\\s+)?${yearPattern}\\b`, 'giu'),
    ([, month = '', y = '']) => date('', fullName(months, month), y),
  ],
  // lun., mié.
  [
    /(?<!\p{L})(lun|mar|mi[ée]|jue|vie|s[áa]b|dom)\.(?=\s|,|$)/giu,
    ([, day = ''], after) =>
      (weekdays.find((name) => plain(name).startsWith(plain(day))) ?? day) + stopOf('.', after),
  ],
  // "Son las 1:05 p. m." is "es la una y cinco de la tarde".
  [
    new RegExp(
      `(?<!\\p{L})(son|es)\\s+las?\\s+${timePattern}(?:\\s?(?:h|hs|horas)\\b|\\s?${halfPattern})?`,
      'giu',
    ),
    ([match = '', verb = '', hour = '', minute = '', half = ''], after) => {
      const said = Number(hour) % 12 === 1 ? 'es la' : 'son las';
      return `${capitalised(verb, said)} ${time(hour, minute, half)}${stopOf(match, after)}`;
    },
  ],
  // "de 14:05 a 15:30", "14:05-15:30"
  [
    new RegExp(
      `(?<!\\p{L})(?:de\\s+)?(?:las?\\s+)?${timePattern}\\s?(?:[-–]|a(?:\\s+las?)?)\\s?${timePattern}(?:\\s?(?:h|hs|horas)\\b)?`,
      'giu',
    ),
    ([, from = '', fromMinute = '', to = '', toMinute = '']) =>
      `de ${article(from)} ${time(from, fromMinute)} a ${article(to)} ${time(to, toMinute)}`,
  ],
  // "las 9:30", "a las 2:05 p. m.", "14:05 h"
  [
    new RegExp(
      `(?<![\\p{L}\\d.,:])(?:(las?)\\s+)?${hourPattern}:([0-5]\\d)(?::[0-5]\\d)?(?:\\s?(?:h|hs|horas)\\b\\.?|\\s?${halfPattern})?(?!:)`,
      'giu',
    ),
    ([match = '', the = '', hour = '', minute = '', half = ''], after) =>
      `${the === '' ? '' : `${article(hour)} `}${time(hour, minute, half)}${stopOf(match, after)}`,
  ],
  // "las 9.30", "9.30 h", "2 p. m.", "las 15 h"
  [
    new RegExp(`(?<!\\p{L})las?\\s+${hourPattern}\\.([0-5]\\d)(?:\\s?(?:h|hs|horas)\\b)?(?![.,]?\\d)`, 'giu'),
    ([, hour = '', minute = '']) => `${article(hour)} ${time(hour, minute)}`,
  ],
  [
    new RegExp(`\\b${hourPattern}\\.([0-5]\\d)\\s?(?:h|hs|horas)\\b(?!\\p{L})`, 'giu'),
    ([, hour = '', minute = '']) => time(hour, minute),
  ],
  [
    new RegExp(`\\b(?:(las?)\\s+)?${hourPattern}\\s?${halfPattern}`, 'gi'),
    ([match = '', the = '', hour = '', half = ''], after) =>
      `${the === '' ? '' : `${article(hour)} `}${time(hour, '0', half)}${stopOf(match, after)}`,
  ],
  [
    new RegExp(
      `(?<!\\p{L})(las?)\\s+${hourPattern}(?:\\s?(?:h|hs)\\b)?(?![.,:]?\\d|\\.?[ºª]|\\s?(?:%|horas|\\p{L}{3,}s\\b))`,
      'giu',
    ),
    ([, , hour = '']) => {
      const words = time(hour, '0').replace(' en punto', '');
      return `${article(hour)} ${words}`;
    },
  ],
  // años 90, los 80
  [/\b(años|los) '?([2-9]0)\b(?!\s?\p{L})/giu, ([, word = '', decade = '']) => `${word} ${number(decade)}`],
];

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
