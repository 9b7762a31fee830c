/** Spanish number words. */

/** What is counted decides: "un kilómetro", "una hora", and "uno" where nothing follows. */
export type Gender = 'masculine' | 'feminine' | 'alone';

const ones =
  'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve'.split(
    ' ',
  );
const tens = ['', '', '', 'treinta', 'cuarenta', 'cincuenta', 'sesenta', 'setenta', 'ochenta', 'noventa'];
const hundreds =
  ' ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos'.split(
    ' ',
  );
const largest = 18;

/** Digits one by one: "6002" is "seis cero cero dos". Anything that is no digit is left out. */
export function digits(text: string): string {
  return Array.from(text.replace(/\D/g, ''), (digit) => ones[Number(digit)] ?? '').join(' ');
}

function underHundred(value: number): string {
  if (value < 30) return ones[value] ?? '';
  const unit = value % 10;
  const ten = tens[Math.floor(value / 10)] ?? '';
  return unit === 0 ? ten : `${ten} y ${ones[unit] ?? ''}`;
}

function underThousand(value: number, gender: Gender): string {
  if (value === 100) return 'cien';
  const rest = value % 100;
  const hundred = hundreds[Math.floor(value / 100)] ?? '';
  const words = rest === 0 ? hundred : `${hundred} ${underHundred(rest)}`.trim();
  return inGender(words, gender);
}

/** "veintiuno" before what is counted: "veintiún grados", "veintiuna horas"; "doscientas" with women. */
function inGender(words: string, gender: Gender): string {
  if (gender === 'alone') return words;
  if (gender === 'feminine')
    return words
      .replace(/uno$/, 'una')
      .replace(/cientos/g, 'cientas')
      .replace('quinientos', 'quinientas');
  return words.replace(/veintiuno$/, 'veintiún').replace(/uno$/, 'un');
}

/** A whole number of any length, as digits without sign or separators; digit by digit from 10^18. */
export function cardinal(text: string, gender: Gender = 'alone'): string {
  const plain = text.replace(/^0+(?=\d)/, '');
  if (plain.length > largest) return digits(plain);
  if (plain === '0') return 'cero';
  // In groups of six: "mil" stands between each million.
  const scales = ['', 'millón', 'billón'];
  const words: string[] = [];
  for (let end = plain.length, scale = 0; end > 0; end -= 6, scale++) {
    const group = Number(plain.slice(Math.max(0, end - 6), end));
    if (group === 0) continue;
    const name = scales[scale] ?? '';
    const said = underMillion(group, scale === 0 ? gender : 'masculine');
    if (scale === 0) words.unshift(said);
    else words.unshift(group === 1 ? `un ${name}` : `${said} ${name.replace('ón', 'ones')}`);
  }
  return words.join(' ');
}

function underMillion(value: number, gender: Gender): string {
  const thousands = Math.floor(value / 1000);
  const rest = value % 1000;
  const before =
    thousands === 1 ? 'mil' : `${underThousand(thousands, gender === 'feminine' ? gender : 'masculine')} mil`;
  if (thousands === 0) return underThousand(rest, gender);
  return rest === 0 ? before : `${before} ${underThousand(rest, gender)}`;
}

/** Whether millions are counted, so that "de" follows: "dos millones de personas". */
export function isRoundMillion(written: string): boolean {
  return /^[1-9]\d*0{6}$/.test(written.replace(/\D/g, ''));
}

const ordinals =
  'cero primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo decimotercero decimocuarto decimoquinto decimosexto decimoséptimo decimoctavo decimonoveno vigésimo'.split(
    ' ',
  );

/** "3" is "tercero", "tercera"; beyond twenty people count on: "veinticinco". @param short before a noun: "tercer". */
export function ordinal(text: string, gender: Gender, short = false): string {
  const word = ordinals[Number(text)];
  if (word === undefined || Number(text) === 0) return cardinal(text, gender);
  if (gender === 'feminine') return word.replace(/o$/, 'a');
  return short ? word.replace(/(prim|terc)ero$/, '$1er') : word;
}

/**
 * As it is written, with sign, points between thousands and a decimal comma: "-1.234,5" is "menos mil doscientos treinta
 * y cuatro coma cinco". A point is a decimal one where it cannot stand between thousands: "3.14".
 */
export function number(written: string, gender: Gender = 'alone'): string {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(written) ?? [];
  const [whole, fraction] = partsOf(rest);
  const signWord = sign === '-' ? 'menos ' : sign === '+' ? 'más ' : '';
  const words = cardinal(whole === '' ? '0' : whole, fraction === undefined ? gender : 'alone');
  return `${signWord}${words}${fraction === undefined ? '' : ` coma ${fractionWords(fraction)}`}`;
}

function partsOf(written: string): [whole: string, fraction?: string] {
  const grouped = /^\d{1,3}(?:\.\d{3})+(?:,(\d+))?$/.exec(written);
  if (grouped) return split(written.replaceAll('.', ''), ',');
  return written.includes(',') ? split(written, ',') : split(written, '.');
}

function split(written: string, mark: string): [string, string?] {
  const [whole = '', fraction] = written.split(mark);
  return fraction === undefined ? [whole] : [whole, fraction];
}

// "3,14" is "tres coma catorce"; longer ones, and those with a zero in front, digit by digit.
function fractionWords(fraction: string): string {
  return fraction.length <= 2 && !fraction.startsWith('0') ? cardinal(fraction) : digits(fraction);
}

/** Whether what is counted takes the singular. */
export function isOne(written: string): boolean {
  return /^[+-]?1$/.test(written);
}
