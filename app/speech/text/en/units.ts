import { digits, isOne, number } from './numbers.ts';
import type { Rule } from '../rule.ts';

/** Numbers with something behind or before them: temperatures, units, money, per cent, compass points. */

/** One number as it is written; the sign only where it cannot be a dash. */
const numberPattern =
  '((?:(?<![\\w.,])[-+])?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?|(?:(?<![\\w.,])-)?\\.\\d+)';
const rangePattern = `(?:${numberPattern}\\s?(?:[-–]|to)\\s?)?${numberPattern}`;

const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'km/h': ['kilometer per hour', 'kilometers per hour'],
  kmh: ['kilometer per hour', 'kilometers per hour'],
  kph: ['kilometer per hour', 'kilometers per hour'],
  mph: ['mile per hour', 'miles per hour'],
  'm/s': ['meter per second', 'meters per second'],
  kn: ['knot', 'knots'],
  kt: ['knot', 'knots'],
  kts: ['knot', 'knots'],
  km: ['kilometer', 'kilometers'],
  'km²': ['square kilometer', 'square kilometers'],
  km2: ['square kilometer', 'square kilometers'],
  'm²': ['square meter', 'square meters'],
  m2: ['square meter', 'square meters'],
  'm³': ['cubic meter', 'cubic meters'],
  m: ['meter', 'meters'],
  cm: ['centimeter', 'centimeters'],
  mm: ['millimeter', 'millimeters'],
  mi: ['mile', 'miles'],
  ft: ['foot', 'feet'],
  yd: ['yard', 'yards'],
  in: ['inch', 'inches'],
  kg: ['kilogram', 'kilograms'],
  g: ['gram', 'grams'],
  mg: ['milligram', 'milligrams'],
  lb: ['pound', 'pounds'],
  lbs: ['pound', 'pounds'],
  oz: ['ounce', 'ounces'],
  l: ['liter', 'liters'],
  L: ['liter', 'liters'],
  ml: ['milliliter', 'milliliters'],
  hPa: ['hectopascal', 'hectopascals'],
  mbar: ['millibar', 'millibars'],
  kWh: ['kilowatt hour', 'kilowatt hours'],
  kW: ['kilowatt', 'kilowatts'],
  MW: ['megawatt', 'megawatts'],
  GW: ['gigawatt', 'gigawatts'],
  W: ['watt', 'watts'],
  V: ['volt', 'volts'],
  Hz: ['hertz', 'hertz'],
  kHz: ['kilohertz', 'kilohertz'],
  MHz: ['megahertz', 'megahertz'],
  GHz: ['gigahertz', 'gigahertz'],
  KB: ['kilobyte', 'kilobytes'],
  MB: ['megabyte', 'megabytes'],
  GB: ['gigabyte', 'gigabytes'],
  TB: ['terabyte', 'terabytes'],
  ms: ['millisecond', 'milliseconds'],
  s: ['second', 'seconds'],
  sec: ['second', 'seconds'],
  secs: ['second', 'seconds'],
  min: ['minute', 'minutes'],
  mins: ['minute', 'minutes'],
  h: ['hour', 'hours'],
  hr: ['hour', 'hours'],
  hrs: ['hour', 'hours'],
  bn: ['billion', 'billion'],
  k: ['thousand', 'thousand'],
};

/** "5 in the morning" is no length, "5 m people" no distance: such a unit counts only with nothing or a stop after it. */
const ambiguous = new Set(['in', 'm', 'g', 's', 'h', 'l', 'L', 'W', 'V', 'mi', 'k', 'kn']);

const currencies: Readonly<
  Record<string, readonly [one: string, many: string, cent: string, cents: string]>
> = {
  $: ['dollar', 'dollars', 'cent', 'cents'],
  '€': ['euro', 'euros', 'cent', 'cents'],
  '£': ['pound', 'pounds', 'penny', 'pence'],
  '¥': ['yen', 'yen', 'sen', 'sen'],
  '₹': ['rupee', 'rupees', 'paisa', 'paise'],
};
const magnitudes: Readonly<Record<string, string>> = {
  k: 'thousand',
  m: 'million',
  mn: 'million',
  b: 'billion',
  bn: 'billion',
  tn: 'trillion',
};

const points: Readonly<Record<string, string>> = { N: 'north', E: 'east', S: 'south', W: 'west' };

function compass(point: string): string {
  const words = Array.from(point, (letter) => points[letter] ?? letter);
  return words.length === 3 ? `${words[0] ?? ''}-${words.slice(1).join('')}` : words.join('');
}

function amount(from: string, to: string): string {
  return from === '' ? number(to) : `${number(from)} to ${number(to)}`;
}

function withUnit(from: string, value: string, [one, many]: readonly [string, string]): string {
  return `${amount(from, value)} ${from === '' && isOne(value) ? one : many}`;
}

function money(symbol: string, written: string, magnitude: string): string | undefined {
  const currency = currencies[symbol];
  if (!currency) return undefined;
  const [one, many, cent, cents] = currency;
  if (magnitude !== '')
    return `${number(written)} ${magnitudes[magnitude.toLowerCase()] ?? magnitude.toLowerCase()} ${many}`;
  const [, whole = '', part] = /^([\d,]+)(?:\.(\d\d))?$/.exec(written) ?? [];
  if (whole === '') return `${number(written)} ${many}`;
  const coins =
    Number(part ?? 0) === 0 ? '' : `${number(String(Number(part)))} ${Number(part) === 1 ? cent : cents}`;
  if (Number(whole.replaceAll(',', '')) === 0 && coins !== '') return coins;
  return `${number(whole)} ${isOne(whole) ? one : many}${coins === '' ? '' : ` and ${coins}`}`;
}

const unitNames = Object.keys(units).sort((a, b) => b.length - a.length);

export const unitRules: readonly Rule[] = [
  [
    new RegExp(
      `(?:\\b(?:US|U\\.S\\.|CA|AU)\\s?)?([$€£¥₹])\\s?((?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?)(?:\\s?(thousand|million|billion|trillion|bn|mn|tn|[kmb])\\b)?`,
      'gi',
    ),
    ([, symbol = '', value = '', magnitude = '']) => money(symbol, value, magnitude),
  ],
  [
    new RegExp(`${numberPattern}\\s?(USD|EUR|GBP|€|£)(?![\\w€£])`, 'g'),
    ([, value = '', code = '']) => money({ USD: '$', EUR: '€', GBP: '£' }[code] ?? code, value, ''),
  ],
  // Which scale it is, the caller knows.
  [
    new RegExp(`${rangePattern}\\s?(?:[°º](?:\\s?[CF]\\b)?|℃|℉|degrees?\\s[CF]\\b)`, 'g'),
    ([, from = '', value = '']) => withUnit(from, value, ['degree', 'degrees']),
  ],
  [/°\s?[CF]?(?!\w)/g, ' degrees'],
  [
    new RegExp(`${rangePattern}\\s?(?:%|percent\\b|per cent\\b)`, 'g'),
    ([, from = '', value = '']) => `${amount(from, value)} percent`,
  ],
  [/%/g, ' percent'],
  // NNW 12 mph, W 5 km/h
  [
    /\b([NS](?:[NS]?[EW])?|[EW](?:[NS][EW])?)(?=\s+(?:at\s+)?\d[\d.]*\s?(?:km\/h|kmh|kph|mph|m\/s|kn|kts?)\b)/g,
    ([, point = '']) => compass(point),
  ],
  [
    /\b((?:winds?|breeze|gusts?|blowing|from|heading|facing)(?: (?:is|are|from|out|of|the|due|to))*) ([NS](?:[NS]?[EW])?|[EW](?:[NS][EW])?)(?![\w.'])/g,
    ([, before = '', point = '']) => `${before} ${compass(point)}`,
  ],
  // Two and three letters mean nothing else, but for Nebraska behind its comma.
  [/(?<!, )(?<![\w.])([NS][NS]?[EW]|[EW][NS][EW])(?![\w.])/g, ([, point = '']) => compass(point)],
  [
    new RegExp(`${rangePattern}[\\s-]?(${unitNames.join('|')})(?![\\w²³/])\\.?`, 'g'),
    ([match = '', from = '', value = '', unit = ''], after) => {
      const names = units[unit];
      if (!names) return undefined;
      const closed = /^\s*($|[.,;:!?)])/.test(after);
      // "5m" is five meters whatever follows; "5 m" only at the end of a phrase, "10 k" likewise.
      const joined = new RegExp(`\\d${unit}\\.?$`).test(match);
      if (ambiguous.has(unit) && !closed && !match.endsWith('.') && !(joined && unit !== 'in'))
        return undefined;
      const stop = match.endsWith('.') && /^\s*($|\p{Lu})/u.test(after) ? '.' : '';
      return withUnit(from, value, names) + stop;
    },
  ],
  [/\bkm\/h\b/g, 'kilometers per hour'],
  [/\bmph\b/g, 'miles per hour'],
  // 5'10 (the inches' mark went with the quotation marks)
  [/\b(\d)'\s?(\d{1,2})\b/g, ([, feet = '', inches = '']) => `${digits(feet)} foot ${number(inches)}`],
  // 3x
  [new RegExp(`${numberPattern}x\\b`, 'g'), ([, value = '']) => `${number(value)} times`],
];
