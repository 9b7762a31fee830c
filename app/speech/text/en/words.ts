import { cardinal } from './numbers.ts';
import { spokenAddress } from '../address.ts';
import type { Rule } from '../rule.ts';
import { anywhere, spelledAcronyms, states, suffixes, titles } from './tables.ts';

/** Abbreviations, acronyms, state codes, addresses of the net and symbols. */

function letters(word: string): string {
  return Array.from(word).join(' ');
}

const alternatives = (names: Iterable<string>): string =>
  [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll('.', '\\.'))
    .join('|');

function sentenceStop(after: string): string {
  return /^\s*$/.test(after) ? '.' : '';
}

const addressWords = {
  dot: 'dot',
  slash: 'slash',
  at: 'at',
  underscore: 'underscore',
  dash: 'dash',
  port: 'port',
};

function addressOf(address: string): string {
  return spokenAddress(address, addressWords).replace(/\b(uk|tv|io|eu)\b/g, (part) =>
    letters(part.toUpperCase()),
  );
}

/** Before everything else: what is inside an address is not a date or a number. */
export const addressRules: readonly Rule[] = [
  [
    /\b(?:(?:https?|ftp):\/\/|sips?:|mailto:|www\.)[^\s<>]*[^\s<>.,;:!?)\]']/gi,
    ([address = '']) => addressOf(address),
  ],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, ([address = '']) => addressOf(address)],
  [
    /\b(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|io|ai|app|dev|tv|info|co\.uk|uk|de|fr|eu)\b(?:\/[\w./-]*\w)?/gi,
    ([address = '']) => (/^\d+\.\d+$/.test(address) ? undefined : addressOf(address)),
  ],
];

export const wordRules: readonly Rule[] = [
  // Seattle, WA; Washington, D.C.
  [/(?<=\p{L}, )D\.C\.?(?!\w)/gu, 'D C'],
  [
    new RegExp(`(?<=\\p{L}, )(${alternatives(Object.keys(states))})(?![\\p{L}\\p{N}.-])`, 'gu'),
    ([, code = '']) => states[code],
  ],
  // Elm St., Main St; before titles, since "St. Paul" has its name behind it.
  [
    new RegExp(`(?<=\\p{Lu}\\p{L}+ |\\d(?:st|nd|rd|th) )(St|Dr)\\b\\.?(?!\\s+\\p{Lu})`, 'gu'),
    ([match = '', word = ''], after) =>
      `${suffixes[word] ?? word}${match.endsWith('.') ? sentenceStop(after) : ''}`,
  ],
  [
    new RegExp(`\\b(${alternatives(Object.keys(titles))})\\.?\\s+(?=\\p{Lu})`, 'gu'),
    ([match = '', title = '']) =>
      // Without a stop only those that are nothing else.
      match.includes('.') || /^(Mr|Mrs|Ms|Dr|St)$/.test(title) ? `${titles[title] ?? title} ` : undefined,
  ],
  [
    new RegExp(`(?<=[\\p{L}\\d],? )(${alternatives(Object.keys(suffixes))})\\.`, 'gu'),
    ([, word = ''], after) => `${suffixes[word] ?? word}${sentenceStop(after)}`,
  ],
  [/(?<=\p{L} )(Ave|Blvd|Rd|Hwy|Pkwy)(?![\p{L}.])/gu, ([, word = '']) => suffixes[word]],
  [
    new RegExp(`(?<![\\w.])(${alternatives(Object.keys(anywhere))})(?!\\w)`, 'gi'),
    ([, word = ''], after) => `${anywhere[word.toLowerCase()] ?? word}${sentenceStop(after)}`,
  ],
  [/\bvs\b/g, 'versus'],
  [/\bw\/o\b/g, 'without'],
  [/\bw\/(?=\s)/g, 'with'],
  [/\bNo\.?\s(?=\d)|\bNo\.(?=\d)/g, 'number '],
  [/#\s?(?=\d)/g, 'number '],
  [/\b(World War) (I{1,2})\b/g, ([, war = '', count = '']) => `${war} ${cardinal(String(count.length))}`],
  // U.S., J. R. Smith
  [
    /(?<![\p{L}.])((?:\p{Lu}\.){2,})(?!\p{L})/gu,
    ([, initials = ''], after) => `${letters(initials.replaceAll('.', ''))}${sentenceStop(after)}`,
  ],
  // Not the end of "five P M."
  [/(?<![\p{L}.]|\b[AP] )(\p{Lu})\.(?=\s\p{Lu})/gu, ([, initial = '']) => initial],
];

/** After units and compass points, which look like them. */
export const acronymRules: readonly Rule[] = [
  // BBC, NPR's, TVs
  [
    /(?<![\p{L}\p{N}])(\p{Lu}{2,6})(?=(?:'?s)?(?![\p{L}\p{N}]))/gu,
    ([, word = '']) => {
      const spelled = spelledAcronyms.has(word) || (!/[AEIOUY]/.test(word) && word.length <= 5);
      return spelled ? letters(word) : undefined;
    },
  ],
];

/** After the numbers: what is left of symbols. */
export const symbolRules: readonly Rule[] = [
  [/\s*&\s*/g, ' and '],
  [/(?<=\w)\s*\+\s*(?=\w)/g, ' plus '],
  [/\+/g, ' plus '],
  [/\s*@\s*/g, ' at '],
  [/\s*±\s*/g, ' plus or minus '],
  [/\s*[×✕]\s*/g, ' times '],
  [/\s*÷\s*/g, ' divided by '],
  [/\s*=\s*/g, ' equals '],
  [/[~≈]\s*(?=\w)/g, 'about '],
  [/\s*<\s*(?=\w)/g, ' less than '],
  [/\s*>\s*(?=\w)/g, ' more than '],
  [/\band\s*\/\s*or\b/gi, 'and or'],
  [/(?<=\p{L})\s*\/\s*(?=\p{L})/gu, ' or '],
  [/\//g, ' '],
  [/\s*\|\s*/g, ', '],
  [/\s*[([{]\s*/g, ', '],
  [/\s*[)\]}]\s*(?=[.,;:!?]|$)/g, ''],
  [/\s*[)\]}]\s*/g, ', '],
  [/(?<=\w)\s*–\s*(?=\w)/g, ' to '],
  [/(?<![\p{L}\p{N}])-(?=\s|$)/gu, ' '],
  // What is left of quotation marks; "it's" keeps its apostrophe.
  [/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu, ''],
  [/[*_#^`\\<>~•·§©®™°º¶†‡]/g, ' '],
];
