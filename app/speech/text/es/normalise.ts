import { applyRules, joinedRules, type Rule } from '../rule.ts';
import { dateRules } from './dates.ts';
import { cardinal, digits, isRoundMillion, number, ordinal } from './numbers.ts';
import { genderBefore, plainNumber, unitRules } from './units.ts';
import { acronymRules, addressRules, spellSymbols, wordRules } from './words.ts';

/** Telephone numbers are read digit by digit, with a short pause where they are written apart. */
const phoneRules: readonly Rule[] = [
  [/(?<![\w.,$])\+\d{1,3}(?:[\s.-]?\d{2,5}){2,5}\b/g, ([match = '']) => `más ${inGroups(match.slice(1))}`],
  // 912 34 56 78, 91 234 56 78, 55 1234 5678
  [/(?<![\w.,$€-])[5-9]\d{1,2}(?:[\s-]\d{2,4}){2,3}(?![\w-]|[.,]\d)/g, ([match = '']) => inGroups(match)],
  [
    /\b((?:extensión|interno|anexo|número|teléfono|llam\p{L}*(?: al?)?|marc\p{L}*(?: el)?|línea|habitación|código|pin|vuelo|puerta)\s+)(\d{3,})(?:(\s+(?:o|y)\s+)(\d{3,}))?(?![\w,.:%°]*[\d%°])/giu,
    ([, word = '', figures = '', or = '', others = '']) => word + digits(figures) + or + digits(others),
  ],
  [
    /\b(al )(\d{4})(?=[.,;!?]?(?:\s|$))(?!\s\p{L})/giu,
    ([, word = '', figures = '']) => word + digits(figures),
  ],
];

function inGroups(written: string): string {
  return written
    .split(/[\s.-]/)
    .filter(Boolean)
    .map(digits)
    .join(', ');
}

const fractions: Readonly<Record<string, string>> = {
  '1/2': 'un medio',
  '1/3': 'un tercio',
  '2/3': 'dos tercios',
  '1/4': 'un cuarto',
  '3/4': 'tres cuartos',
  '½': 'medio',
  '⅓': 'un tercio',
  '⅔': 'dos tercios',
  '¼': 'un cuarto',
  '¾': 'tres cuartos',
};

const numberRules: readonly Rule[] = [
  // Nobody counts to that, and nobody counts with a zero in front.
  [/(?<![\w.,$€£¥-])(0\d+|\d{10,})(?![\w.,]*\d)/g, ([, figures = '']) => digits(figures)],
  [
    /(?<![\w/.])(?:(\d+)\s?)?(1\/[234]|2\/3|3\/4|[½⅓⅔¼¾])(?![\w/])/g,
    ([, whole = '', part = ''], after) => {
      const words = fractions[part] ?? part;
      if (whole === '') return words;
      const gender = genderBefore(after);
      const half = gender === 'feminine' ? 'media' : 'medio';
      return `${cardinal(whole, gender)} y ${/^un medio$|^medio$/.test(words) ? half : words}`;
    },
  ],
  [/\b(\d+)\/(5|10|20|100)\b/g, ([, got = '', of = '']) => `${cardinal(got)} de ${cardinal(of)}`],
  // 24/7
  [/\b(\d+)\/7\b/g, ([, days = '']) => `${cardinal(days)} siete`],
  // 1.º, 2ª, 3er
  [
    /\b(\d{1,3})\.?(º|ª|°|er|ra|ro|do|da|ta|to|va|vo)(?!\p{L})/gu,
    ([, figures = '', ending = '']) =>
      ordinal(figures, /^(?:ª|ra|da|ta|va)$/.test(ending) ? 'feminine' : 'masculine', ending === 'er'),
  ],
  // 5-10, 3–1 (a score too)
  [
    new RegExp(`(?<![\\w.,-])(${plainNumber})\\s?[-–]\\s?(${plainNumber})(?![\\w-])`, 'g'),
    ([, from = '', to = ''], after) =>
      `${number(from, genderBefore(after))} a ${number(to, genderBefore(after))}`,
  ],
  [
    /(?<![\w.,-])(\d{1,3}(?:\.\d+){2,})(?![\w])/g,
    ([version = '']) =>
      /^\d{1,3}(?:\.\d{3})+$/.test(version)
        ? undefined
        : version
            .split('.')
            .map((part) => cardinal(part))
            .join(' punto '),
  ],
  [
    new RegExp(`(?<![\\w.,])[-+](?=\\d)${plainNumber}`, 'g'),
    ([match = ''], after) => number(match, genderBefore(after)),
  ],
  [
    new RegExp(`(?<![\\d.,])(${plainNumber})(?![\\d])`, 'g'),
    ([, figures = ''], after) => {
      const gender = genderBefore(after);
      const of = gender !== 'alone' && isRoundMillion(figures) ? ' de' : '';
      return `${number(figures, gender)}${of}${/^\p{L}/u.test(after) ? ' ' : ''}`;
    },
  ],
];

export function normaliseSpanish(text: string): string {
  const written = [
    addressRules,
    wordRules,
    phoneRules,
    dateRules,
    unitRules,
    acronymRules,
    joinedRules,
    numberRules,
  ].reduce(applyRules, text);
  return spellSymbols(written);
}
