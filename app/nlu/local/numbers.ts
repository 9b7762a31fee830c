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
  const next = words[at + 1];
  const scaled = next !== undefined && (next === lexicon.hundred || next === lexicon.thousand);
  if (/^\d+$/.test(first) && !scaled) {
    return { length: 1, digits: first, dialled: first.length > 2 };
  }
  const below = belowThousand(words, at, lexicon);
  if (below === undefined) return undefined;
  let { length, value } = below;
  let thousands = value === 1000;
  if (value < 1000 && words[at + length] === lexicon.thousand) {
    value *= 1000;
    length++;
    thousands = true;
  }
  const rest = thousands ? belowThousand(words, andAt(words, at + length, lexicon), lexicon) : undefined;
  if (rest !== undefined && rest.value < 1000) {
    length = andAt(words, at + length, lexicon) + rest.length - at;
    value += rest.value;
  }
  return { length, digits: String(value), dialled: false };
}

/** A part of a number: so many words, and what they come to. */
interface Part {
  readonly length: number;
  readonly value: number;
}

// "two hundred and five"; hundreds may have a word of their own ("doscientos cinco"), as may a thousand alone ("mil").
function belowThousand(words: readonly string[], at: number, lexicon: Lexicon): Part | undefined {
  const first = belowHundred(words, at, lexicon);
  if (first === undefined || first.value >= 1000) return first;
  let { length, value } = first;
  if (value < 100) {
    if (lexicon.hundred === undefined || words[at + length] !== lexicon.hundred) return first;
    value *= 100;
    length++;
  }
  const from = andAt(words, at + length, lexicon);
  const rest = belowHundred(words, from, lexicon);
  if (rest === undefined || rest.value >= 100) return { length, value };
  return { length: from + rest.length - at, value: value + rest.value };
}

// "and" only after hundred or thousand, and only before more of the number.
function andAt(words: readonly string[], at: number, lexicon: Lexicon): number {
  const is = lexicon.andAfterHundred !== undefined && words[at] === lexicon.andAfterHundred;
  return is && isNumeric(words[at + 1], lexicon) ? at + 1 : at;
}

function belowHundred(words: readonly string[], at: number, lexicon: Lexicon): Part | undefined {
  const word = words[at] ?? '';
  const value = lexicon.numbers.get(word) ?? (/^\d{1,2}$/.test(word) ? Number(word) : undefined);
  if (value === undefined) return undefined;
  const isTens = value >= 20 && value < 100 && value % 10 === 0 && lexicon.numbers.has(word);
  if (!isTens) return { length: 1, value };
  // "treinta y uno"
  const and = lexicon.andAfterTens;
  if (and !== undefined && words[at + 1] !== and) return { length: 1, value };
  const unitAt = at + (and === undefined ? 1 : 2);
  const unit = and === undefined ? lexicon.numbers.get(words[unitAt] ?? '') : digitOf(words[unitAt], lexicon);
  return unit !== undefined && unit > 0 && unit < 10
    ? { length: unitAt + 1 - at, value: value + unit }
    : { length: 1, value };
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
