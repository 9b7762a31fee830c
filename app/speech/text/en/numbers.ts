/** English number words. */

const ones =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const scales = ['', 'thousand', 'million', 'billion', 'trillion', 'quadrillion'];
const irregularOrdinals: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

function underHundred(value: number): string {
  if (value < 20) return ones[value] ?? '';
  const unit = value % 10;
  const ten = tens[Math.floor(value / 10)] ?? '';
  return unit === 0 ? ten : `${ten}-${ones[unit] ?? ''}`;
}

function underThousand(value: number): string {
  const hundreds = Math.floor(value / 100);
  const rest = value % 100;
  if (hundreds === 0) return underHundred(rest);
  const words = `${ones[hundreds] ?? ''} hundred`;
  return rest === 0 ? words : `${words} ${underHundred(rest)}`;
}

/** Digits one by one: "6002" is "six zero zero two". Anything that is no digit is left out. */
export function digits(text: string): string {
  return Array.from(text.replace(/\D/g, ''), (digit) => ones[Number(digit)] ?? '').join(' ');
}

/** A whole number of any length, as digits without sign or separators; digit by digit from 10^18. */
export function cardinal(text: string): string {
  const plain = text.replace(/^0+(?=\d)/, '');
  if (plain.length > scales.length * 3) return digits(plain);
  if (plain === '0') return 'zero';
  const groups: string[] = [];
  for (let end = plain.length, scale = 0; end > 0; end -= 3, scale++) {
    const value = Number(plain.slice(Math.max(0, end - 3), end));
    if (value > 0) groups.unshift(`${underThousand(value)} ${scales[scale] ?? ''}`.trim());
  }
  return groups.join(' ');
}

/** "12" is "twelfth". */
export function ordinal(text: string): string {
  return cardinal(text).replace(/[a-z]+$/, (last) => {
    const irregular = irregularOrdinals[last];
    if (irregular !== undefined) return irregular;
    return last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`;
  });
}

/** 1905 is "nineteen oh five", 2026 "twenty twenty-six", 2000 "two thousand". */
export function year(text: string): string {
  const value = Number(text);
  const century = Math.floor(value / 100);
  const rest = value % 100;
  if (value % 1000 < 10) return cardinal(String(value));
  if (rest === 0) return `${underHundred(century)} hundred`;
  return `${underHundred(century)} ${rest < 10 ? `oh ${ones[rest] ?? ''}` : underHundred(rest)}`;
}

/** 1990 is "nineteen nineties". */
export function decade(text: string): string {
  return year(text).replace(/(y|d)$/, (last) => (last === 'y' ? 'ies' : 'ds'));
}

/** As it is written, with sign, thousands' commas and decimals: "-1,234.50" is "minus one thousand two hundred thirty-four point five zero". */
export function number(written: string): string {
  const [, sign = '', whole = '', fraction] = /^([+-]?)([\d,]*)(?:\.(\d+))?$/.exec(written) ?? [];
  const words = cardinal(whole.replaceAll(',', '') || '0');
  const signWord = sign === '-' ? 'minus ' : sign === '+' ? 'plus ' : '';
  return `${signWord}${words}${fraction === undefined ? '' : ` point ${digits(fraction)}`}`;
}

/** Whether what is counted takes the singular: 1 and -1, but not 1.0. */
export function isOne(written: string): boolean {
  return /^[+-]?1$/.test(written);
}
