/** Numbers in English text, as words and as digits; for comparing, not for reading aloud. */

const small = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** Whole numbers up to 9999 as words; a larger one, or one that begins with 0, digit by digit. */
export function digitsToWords(text: string): string {
  return text
    .replace(/\d+/g, (digits) => ` ${wordsOf(digits)} `)
    .replace(/\s+/g, ' ')
    .trim();
}

function wordsOf(digits: string): string {
  const value = Number(digits);
  if (digits.length > 4 || (digits.length > 1 && digits.startsWith('0')))
    return Array.from(digits, (digit) => small[Number(digit)] ?? digit).join(' ');
  if (value < 20) return small[value] ?? digits;
  const [part, rest, name] =
    value < 100
      ? [tens[Math.floor(value / 10)] ?? '', value % 10, '']
      : value < 1000
        ? [small[Math.floor(value / 100)] ?? '', value % 100, ' hundred']
        : [small[Math.floor(value / 1000)] ?? '', value % 1000, ' thousand'];
  return rest === 0 ? `${part}${name}` : `${part}${name} ${wordsOf(String(rest))}`;
}

/**
 * Number words as digits, each number by itself: "twenty one degrees" is "21 degrees", "seven twenty" is "7 20",
 * "one hundred and five" is "105". Expects lower case without hyphens.
 */
export function wordsToDigits(text: string): string {
  const words = text.split(' ');
  const written: string[] = [];
  for (let i = 0; i < words.length;) {
    const number = readNumber(words, i);
    written.push(number === undefined ? (words[i] ?? '') : String(number.value));
    i = number?.next ?? i + 1;
  }
  return written.join(' ');
}

interface Read {
  readonly value: number;
  /** Position of the word after it. */
  readonly next: number;
}

function readNumber(words: readonly string[], from: number): Read | undefined {
  let read = readBelowHundred(words, from);
  if (read === undefined) return undefined;
  for (const [name, factor] of [
    ['hundred', 100],
    ['thousand', 1000],
  ] as const) {
    if (words[read.next] !== name || read.value * factor >= 100_000) continue;
    const rest: Read | undefined = readBelow(
      words,
      words[read.next + 1] === 'and' ? read.next + 2 : read.next + 1,
      factor,
    );
    read = { value: read.value * factor + (rest?.value ?? 0), next: rest?.next ?? read.next + 1 };
  }
  return read;
}

function readBelow(words: readonly string[], from: number, limit: number): Read | undefined {
  const read = limit > 100 ? readNumber(words, from) : readBelowHundred(words, from);
  return read !== undefined && read.value < limit ? read : undefined;
}

function readBelowHundred(words: readonly string[], from: number): Read | undefined {
  const word = words[from] ?? '';
  const ten = word === '' ? -1 : tens.indexOf(word);
  if (ten > 0) {
    const unit = small.indexOf(words[from + 1] ?? '');
    return unit > 0 && unit < 10
      ? { value: ten * 10 + unit, next: from + 2 }
      : { value: ten * 10, next: from + 1 };
  }
  const value = small.indexOf(word);
  return value < 0 ? undefined : { value, next: from + 1 };
}
