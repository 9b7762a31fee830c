import type { Rule } from '../rule.ts';
import { cardinal, type Gender, isOne, isRoundMillion, number } from './numbers.ts';

/** Numbers with something behind or before them: temperatures, units, money, per cent, compass points, what is counted. */

/** One number as it is written (1.234,5 or 3.14); the sign only where it cannot be a dash. */
export const plainNumber = '(?:\\d{1,3}(?:\\.\\d{3})+(?:,\\d+)?|\\d+(?:[.,]\\d+)?)';
const numberPattern = `((?:(?<![\\w.,])[-+−])?${plainNumber})`;
const rangePattern = `(?:${numberPattern}\\s?(?:[-–]|a)\\s?)?${numberPattern}`;

type Unit = readonly [one: string, many: string, gender?: Gender];

const units: Readonly<Record<string, Unit>> = {
  'km/h': ['kilómetro por hora', 'kilómetros por hora'],
  kmh: ['kilómetro por hora', 'kilómetros por hora'],
  mph: ['milla por hora', 'millas por hora', 'feminine'],
  'm/s': ['metro por segundo', 'metros por segundo'],
  kn: ['nudo', 'nudos'],
  km: ['kilómetro', 'kilómetros'],
  'km²': ['kilómetro cuadrado', 'kilómetros cuadrados'],
  km2: ['kilómetro cuadrado', 'kilómetros cuadrados'],
  'm²': ['metro cuadrado', 'metros cuadrados'],
  m2: ['metro cuadrado', 'metros cuadrados'],
  'm³': ['metro cúbico', 'metros cúbicos'],
  'l/m²': ['litro por metro cuadrado', 'litros por metro cuadrado'],
  ha: ['hectárea', 'hectáreas', 'feminine'],
  m: ['metro', 'metros'],
  cm: ['centímetro', 'centímetros'],
  mm: ['milímetro', 'milímetros'],
  mi: ['milla', 'millas', 'feminine'],
  kg: ['kilo', 'kilos'],
  kgs: ['kilo', 'kilos'],
  g: ['gramo', 'gramos'],
  gr: ['gramo', 'gramos'],
  mg: ['miligramo', 'miligramos'],
  t: ['tonelada', 'toneladas', 'feminine'],
  l: ['litro', 'litros'],
  L: ['litro', 'litros'],
  ml: ['mililitro', 'mililitros'],
  hPa: ['hectopascal', 'hectopascales'],
  mbar: ['milibar', 'milibares'],
  kWh: ['kilovatio hora', 'kilovatios hora'],
  kW: ['kilovatio', 'kilovatios'],
  MW: ['megavatio', 'megavatios'],
  GW: ['gigavatio', 'gigavatios'],
  W: ['vatio', 'vatios'],
  V: ['voltio', 'voltios'],
  Hz: ['hercio', 'hercios'],
  MHz: ['megahercio', 'megahercios'],
  GHz: ['gigahercio', 'gigahercios'],
  MB: ['megabyte', 'megabytes'],
  GB: ['gigabyte', 'gigabytes'],
  TB: ['terabyte', 'terabytes'],
  ms: ['milisegundo', 'milisegundos'],
  s: ['segundo', 'segundos'],
  seg: ['segundo', 'segundos'],
  min: ['minuto', 'minutos'],
  h: ['hora', 'horas', 'feminine'],
  hs: ['hora', 'horas', 'feminine'],
};

/** Such a unit counts only with nothing or a stop after it: "5 m" at the end, but not "5 m personas". */
const ambiguous = new Set(['m', 'g', 's', 'h', 'l', 'L', 'W', 'V', 't', 'mi', 'ha']);

const currencies: Readonly<Record<string, readonly [unit: Unit, cents: string]>> = {
  $: [['dólar', 'dólares'], 'centavos'],
  '€': [['euro', 'euros'], 'céntimos'],
  '£': [['libra', 'libras', 'feminine'], 'peniques'],
  '¥': [['yen', 'yenes'], 'sen'],
};
const currencyCodes: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', euros: '€' };

/** "12 M€" is "doce millones de euros". */
const magnitudes: Readonly<Record<string, string>> = {
  mil: 'mil',
  M: 'millones de',
  millones: 'millones de',
  millón: 'millón de',
  billones: 'billones de',
};

const points: Readonly<Record<string, string>> = {
  N: 'norte',
  S: 'sur',
  E: 'este',
  O: 'oeste',
  W: 'oeste',
  NE: 'noreste',
  NO: 'noroeste',
  NW: 'noroeste',
  SE: 'sureste',
  SO: 'suroeste',
  SW: 'suroeste',
  NNE: 'nornoreste',
  NNO: 'nornoroeste',
  SSE: 'sursureste',
  SSO: 'sursuroeste',
};

function amount(from: string, to: string, gender: Gender = 'masculine'): string {
  return from === '' ? number(to, gender) : `${number(from, gender)} a ${number(to, gender)}`;
}

function withUnit(from: string, value: string, [one, many, gender]: Unit): string {
  const of = isRoundMillion(value) ? 'de ' : '';
  return `${amount(from, value, gender)} ${of}${from === '' && isOne(value) ? one : many}`;
}

function money(symbol: string, written: string, magnitude: string): string | undefined {
  const [unit, cents] = currencies[symbol] ?? [];
  if (unit === undefined) return undefined;
  const [one, many, gender] = unit;
  if (magnitude !== '')
    return `${number(written, 'masculine')} ${magnitudes[magnitude] ?? magnitude} ${many}`;
  const [, whole = '', part] = /^([\d.]*?\d)(?:[.,](\d\d))?$/.exec(written) ?? [];
  if (whole === '' || part === undefined) return withUnit('', written, unit);
  const coins = Number(part) === 0 ? '' : ` con ${cardinal(String(Number(part)))} ${cents ?? ''}`;
  if (Number(whole.replaceAll('.', '')) === 0) return coins.replace(' con ', '');
  return `${number(whole, gender ?? 'masculine')} ${isOne(whole) ? one : many}${coins}`;
}

const unitNames = Object.keys(units).sort((a, b) => b.length - a.length);
/** What is counted, by its ending: "21 noticias", "31 personas". Days and others are men in spite of it. */
const feminineNoun =
  /^\s(?!días?\b|mapas?\b|problemas?\b|temas?\b|planetas?\b|programas?\b)\p{L}+(?:as?|ciones|ción|dades|dad|tudes)\b/iu;
const someNoun = /^\s\p{Ll}{2,}/u;
const notCounted =
  /^\s(?:de|del|en|a|al|y|o|por|para|con|sin|que|se|es|son|fue|como|más|menos|el|la|los|las|contra|hasta|desde|entre|según|también|ya)\b/u;

/** Which gender a number takes before the words that follow it. */
export function genderBefore(after: string): Gender {
  if (!someNoun.test(after) || notCounted.test(after)) return 'alone';
  return feminineNoun.test(after) ? 'feminine' : 'masculine';
}

export const unitRules: readonly Rule[] = [
  [
    new RegExp(`(?:\\bUS\\s?)?([$€£¥])\\s?(${plainNumber})(?:\\s?(mil|millones|millón|billones|M)\\b)?`, 'g'),
    ([, symbol = '', value = '', magnitude = '']) => money(symbol, value, magnitude),
  ],
  [
    new RegExp(
      `${numberPattern}\\s?(M|mil|millones|billones)?(?:\\s(?:de\\s)?)?([€£$]|USD\\b|EUR\\b|GBP\\b)`,
      'g',
    ),
    ([, value = '', magnitude = '', code = '']) => money(currencyCodes[code] ?? code, value, magnitude),
  ],
  // Which scale it is, the caller knows.
  [
    new RegExp(`${rangePattern}\\s?(?:[°º]\\s?[CF]\\b|℃|℉|°)`, 'gu'),
    ([, from = '', value = '']) => withUnit(from, value, ['grado', 'grados']),
  ],
  [
    new RegExp(`${rangePattern}\\s?(?:%|por ciento\\b)`, 'g'),
    ([, from = '', value = '']) => `${amount(from, value, 'alone')} por ciento`,
  ],
  [/%/g, ' por ciento'],
  [
    /\b([NS]{1,2}[EOW]?|[EOW])(?=\s+(?:a\s+)?\d[\d.,]*\s?(?:km\/h|kmh|m\/s|kn|mph)\b)/g,
    ([, point = '']) => points[point],
  ],
  [
    /\b((?:viento|vientos|brisa|rachas)(?: (?:del?|flojo|fuerte|moderado))*) ([NS]{1,2}[EOW]?|[EOW])(?![\p{L}.'])/gu,
    ([, before = '', point = '']) => {
      const word = points[point];
      return word === undefined ? undefined : `${before} ${word}`;
    },
  ],
  [
    new RegExp(`${rangePattern}\\s?(${unitNames.join('|')})(?![\\p{L}\\d²³/])\\.?`, 'gu'),
    ([match = '', from = '', value = '', unit = ''], after) => {
      const names = units[unit];
      if (!names) return undefined;
      const closed = /^\s*($|[.,;:!?)])/.test(after);
      const joined = new RegExp(`\\d${unit}\\.?$`).test(match);
      if (ambiguous.has(unit) && !closed && !match.endsWith('.') && !joined) return undefined;
      const stop = match.endsWith('.') && /^\s*($|[¿¡]?\p{Lu})/u.test(after) ? '.' : '';
      return withUnit(from, value, names) + stop;
    },
  ],
  [/\bkm\/h\b/g, 'kilómetros por hora'],
  [new RegExp(`${numberPattern}x\\b`, 'g'), ([, value = '']) => `${number(value)} veces`],
];
