import { dateRules } from './dates.ts';
import { cardinal, digits, number, ordinal } from './numbers.ts';
import { applyRules, joinedRules, type Rule } from '../rule.ts';
import { unitRules } from './units.ts';
import { acronymRules, addressRules, symbolRules, wordRules } from './words.ts';

/** Telephone numbers are read digit by digit, with a short pause where they are written apart. */
const phoneRules: readonly Rule[] = [
  [
    /(?<![\w.,$-])(\+\d{1,3}[\s.-]?)?(?:\((\d{2,4})\)\s?|(\d{3})[\s.-])(\d{3})[\s.-](\d{4})(?![\w-])/g,
    ([, country = '', bracketed = '', area = '', first = '', second = '']) =>
      [country, bracketed || area, first, second]
        .filter(Boolean)
        .map((part) => `${part.startsWith('+') ? 'plus ' : ''}${digits(part)}`)
        .join(', '),
  ],
  [
    /(?<![\w.,$])\+\d{1,3}(?:[\s.-]?\d{2,5}){2,5}\b/g,
    ([match = '']) =>
      `plus ${match
        .slice(1)
        .split(/[\s.-]/)
        .map(digits)
        .join(', ')}`,
  ],
  [
    /(?<![\w.,$-])(\d{3})-(\d{4})(?![\w-])/g,
    ([, first = '', second = '']) => `${digits(first)}, ${digits(second)}`,
  ],
  [
    /\b((?:extension|number|phone|call|calling|dial|dialing|press|line|room|code|pin|flight|gate|zip)\s+)(\d{3,})(?:(\s+(?:or|and)\s+)(\d{3,}))?(?![\w,.:%°]*[\d%°])/gi,
    ([, word = '', figures = '', or = '', others = '']) => word + digits(figures) + or + digits(others),
  ],
  // "Alice at 6002."
  [/\b(at )(\d{4})(?=[.,;!?]?(?:\s|$))(?!\s\w)/gi, ([, word = '', figures = '']) => word + digits(figures)],
];

const fractions: Readonly<Record<string, string>> = {
  '1/2': 'one half',
  '1/3': 'one third',
  '2/3': 'two thirds',
  '1/4': 'one quarter',
  '3/4': 'three quarters',
  '½': 'one half',
  '⅓': 'one third',
  '⅔': 'two thirds',
  '¼': 'one quarter',
  '¾': 'three quarters',
};

const plainNumber = '(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?';

const numberRules: readonly Rule[] = [
  // Nobody counts to that, and nobody counts with a zero in front.
  [/(?<![\w.,$€£¥-])(0\d+|\d{10,})(?![\w.,]*\d)/g, ([, figures = '']) => digits(figures)],
  [
    /(?<![\w/.])(?:(\d+)\s?)?(1\/[234]|2\/3|3\/4|[½⅓⅔¼¾])(?![\w/])/g,
    ([, whole = '', part = '']) => {
      const words = fractions[part] ?? part;
      // "2½" is two and a half.
      return whole === '' ? words : `${cardinal(whole)} and ${words.replace(/^one /, 'a ')}`;
    },
  ],
  [/\b(\d+)\/\1\b/g, ([, half = '']) => `${cardinal(half)} ${cardinal(half)}`],
  [/\b9\/11\b/g, 'nine eleven'],
  [/\b(\d+)\/(5|10|20|100)\b/g, ([, points = '', of = '']) => `${cardinal(points)} out of ${cardinal(of)}`],
  [/\b(\d+)\/7\b/g, ([, days = '']) => `${cardinal(days)} seven`],
  [/\b(\d[\d,]*)(?:st|nd|rd|th)\b/g, ([, figures = '']) => ordinal(figures.replaceAll(',', ''))],
  // 5-10, 3–1 (a score too)
  [
    new RegExp(`(?<![\\w.,-])(${plainNumber})\\s?[-–]\\s?(${plainNumber})(?![\\w-])`, 'g'),
    ([, from = '', to = '']) => `${number(from)} to ${number(to)}`,
  ],
  [
    /(?<![\w.,-])(\d{1,3}(?:\.\d+){2,})(?![\w])/g,
    ([version = '']) => version.split('.').map(cardinal).join(' point '),
  ],
  [
    new RegExp(`(?<![\\w.,])[-+](?=\\d|\\.\\d)(${plainNumber}|\\.\\d+)`, 'g'),
    ([match = '']) => number(match),
  ],
  [
    new RegExp(`(?<![\\d.])(${plainNumber})(?![\\d])`, 'g'),
    ([, figures = ''], after) => `${number(figures)}${/^\p{L}/u.test(after) ? ' ' : ''}`,
  ],
  [/(?<!\w)\.(\d+)/g, ([, figures = '']) => `point ${digits(figures)}`],
];

export function normaliseEnglish(text: string): string {
  return [
    addressRules,
    wordRules,
    phoneRules,
    dateRules,
    unitRules,
    acronymRules,
    joinedRules,
    numberRules,
    symbolRules,
  ].reduce(applyRules, text);
}
