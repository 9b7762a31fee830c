import type { Lexicon } from './lexicon.ts';

/** `inside` a number that is dialled; `anywhere` when a number is what was asked for. */
export type Slips = 'none' | 'inside' | 'anywhere';

/** Words that make a number. */
export interface Numeral {
  /** In words. */
  readonly length: number;
  /** Its value as a quantity ("six thousand and two"), undefined where it is a mere row of digits. */
  readonly value: number | undefined;
  /** As it would be dialled. */
  readonly digits: string;
  /** Said as a telephone number rather than as a quantity. */
  readonly dialled: boolean;
}

/** Whether a word can stand in a number by itself. */
function isNumeric(word: string | undefined, lexicon: Lexicon): boolean {
  return word !== undefined && (/^\d+$/.test(word) || lexicon.numbers.has(word));
}

/**
 * The longest number that begins at `words[index]`: "three", "6002", "six zero zero two", "sixty oh two", "double
 * zero", "six thousand and two".
 * @param slips where words that only sound like digits may be such ("six zero zero to").
 */
export function numeralAt(
  words: readonly string[],
  index: number,
  lexicon: Lexicon,
  slips: Slips = 'none',
): Numeral | undefined {
  const groups: string[] = [];
  let at = index;
  let dialled = false;
  while (at < words.length) {
    const word = words[at];
    const group = groupAt(words, at, lexicon) ?? heardGroup(words, at, groups.length, lexicon, slips);
    if (word === undefined || group === undefined) break;
    groups.push(group.digits);
    dialled ||= group.dialled;
    at += group.length;
  }
  if (groups.length === 0) return undefined;
  const [only] = groups;
  const digits = groups.join('');
  if (groups.length === 1 && only !== undefined && !dialled) {
    return { length: at - index, value: Number(only), digits, dialled: digits.length > 2 };
  }
  return { length: at - index, value: undefined, digits, dialled: digits.length > 2 || dialled };
}

interface Group {
  readonly length: number;
  readonly digits: string;
  readonly dialled: boolean;
}

// One quantity, or one digit as it is dialled.
function groupAt(words: readonly string[], at: number, lexicon: Lexicon): Group | undefined {
  const word = words[at] ?? '';
  const repeat = lexicon.repeats.get(word);
  if (repeat !== undefined) {
    const digit = digitOf(words[at + 1], lexicon);
    if (digit === undefined) return undefined;
    return { length: 2, digits: String(digit).repeat(repeat), dialled: true };
  }
  const single = lexicon.digits.get(word);
  if (single !== undefined) {
    // "oh" is a zero beside other digits only.
    const beside = [words[at - 1], words[at + 1]].some(
      (each) => isNumeric(each, lexicon) || lexicon.digits.has(each ?? '') || lexicon.repeats.has(each ?? ''),
    );
    return beside ? { length: 1, digits: String(single), dialled: true } : undefined;
  }
  return quantityAt(words, at, lexicon);
}

function digitOf(word: string | undefined, lexicon: Lexicon): number | undefined {
  if (word === undefined) return undefined;
  const value =
    lexicon.digits.get(word) ?? lexicon.numbers.get(word) ?? (/^\d$/.test(word) ? Number(word) : undefined);
  return value !== undefined && value < 10 ? value : undefined;
}

// "twenty one", "one hundred and five", "six thousand two", "6002".
function quantityAt(words: readonly string[], at: number, lexicon: Lexicon): Group | undefined {
  const first = words[at] ?? '';
  if (/^\d+$/.test(first) && !isScale(words[at + 1], lexicon)) {
    return { length: 1, digits: first, dialled: first.length > 2 };
  }
  let length = 0;
  let total = 0;
  let scaled = false;
  for (;;) {
    let next = at + length;
    // "and" only after hundred or thousand, and only before more of the number.
    if (scaled && words[next] === 'and' && isNumeric(words[next + 1], lexicon)) next++;
    const below = belowHundred(words, next, lexicon);
    if (below === undefined) break;
    if (length > 0 && !scaled) break;
    length = next + below.length - at;
    const scale = words[at + length];
    if (scale === lexicon.hundred && total % 1000 === 0) {
      total += below.value * 100;
      length++;
      scaled = true;
    } else if (scale === lexicon.thousand && total === 0) {
      total = below.value * 1000;
      length++;
      scaled = true;
    } else {
      total += below.value;
      break;
    }
  }
  return length === 0 ? undefined : { length, digits: String(total), dialled: false };
}

function isScale(word: string | undefined, lexicon: Lexicon): boolean {
  return word === lexicon.hundred || word === lexicon.thousand;
}

function belowHundred(
  words: readonly string[],
  at: number,
  lexicon: Lexicon,
): { length: number; value: number } | undefined {
  const word = words[at] ?? '';
  const value = lexicon.numbers.get(word) ?? (/^\d{1,2}$/.test(word) ? Number(word) : undefined);
  if (value === undefined) return undefined;
  const unit = lexicon.numbers.get(words[at + 1] ?? '');
  if (
    value >= 20 &&
    value % 10 === 0 &&
    lexicon.numbers.has(word) &&
    unit !== undefined &&
    unit > 0 &&
    unit < 10
  ) {
    return { length: 2, value: value + unit };
  }
  return { length: 1, value };
}

// "to" for two: before a digit, after two of them at the end, or where it is all that was said.
function heardGroup(
  words: readonly string[],
  at: number,
  before: number,
  lexicon: Lexicon,
  slips: Slips,
): Group | undefined {
  const value = lexicon.heardAsNumber.get(words[at] ?? '');
  if (value === undefined || slips === 'none') return undefined;
  const nextIsNumber = isNumeric(words[at + 1], lexicon) || lexicon.digits.has(words[at + 1] ?? '');
  const inside = before > 0 && nextIsNumber;
  const last = before > 1 && at === words.length - 1;
  const first = slips === 'anywhere' && before === 0 && (nextIsNumber || words.length === 1);
  if (!(inside || last || first)) return undefined;
  return { length: 1, digits: String(value), dialled: words.length > 1 };
}
