import { spokenAddress } from '../address.ts';
import { applyRules, type Rule } from '../rule.ts';

/** Abbreviations, acronyms, addresses of the net and symbols. */

/** "Sr. señor, Av. avenida" as a table. */
function table(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(/\s*,\s*/).map((entry) => {
      const [short = '', ...long] = entry.trim().split(' ');
      return [short, long.join(' ')];
    }),
  );
}

/** Said before a name or a place; the stop is theirs. */
const titles = table(`
  Sr señor, Sra señora, Srta señorita, Sres señores, Dr doctor, Dra doctora, D don, Dª doña, Dña doña, Prof profesor,
  Profa profesora, Lic licenciado, Ing ingeniero, Gral general, Pdte presidente, Sto santo, Sta santa, S san,
  Av avenida, Avda avenida, C calle, Pza plaza, Pl plaza, Ctra carretera, Pte presidente`);

/** Said wherever they stand; the stop is theirs. */
const anywhere = table(`
  Ud usted, Uds ustedes, Vd usted, Vds ustedes, etc etcétera, aprox aproximadamente, núm número, nº número, n.º número,
  pág página, págs páginas, tel teléfono, tfno teléfono, ext extensión, máx máxima, mín mínima, admón administración,
  depto departamento, dpto departamento, izq izquierda, dcha derecha, vs contra, p.ej por ejemplo`);

/** Acronyms that are words; those without vowels, and the rest of these, are spelled. */
const spelled = new Set(
  'UE EE UU UEFA IVA PIB ONG PP PSOE IA AI CEO FMI BCE OCDE UCI ADN ITV DNI DGT RAE OEA USA UK'.split(' '),
);
const asWords = new Set(
  'UEFA IVA ONU OTAN OMS RENFE PSOE SIDA UCI RAE OPEP UNESCO UNICEF NASA FIFA ONG'.split(' '),
);
const whole: Readonly<Record<string, string>> = {
  'EE. UU.': 'Estados Unidos',
  'EE.UU.': 'Estados Unidos',
  'EE UU': 'Estados Unidos',
  EEUU: 'Estados Unidos',
  'a. C.': 'antes de Cristo',
  'd. C.': 'después de Cristo',
};

const letterNames: Readonly<Record<string, string>> = Object.fromEntries(
  'A a,B be,C ce,D de,E e,F efe,G ge,H hache,I i,J jota,K ka,L ele,M eme,N ene,Ñ eñe,O o,P pe,Q cu,R erre,S ese,T te,U u,V uve,W uve doble,X equis,Y i griega,Z zeta'
    .split(',')
    .map((entry) => [entry.charAt(0), entry.slice(2)]),
);

function letters(word: string): string {
  return Array.from(word, (letter) => letterNames[letter] ?? letter).join(' ');
}

function alternatives(names: Iterable<string>): string {
  return [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll('.', '\\.'))
    .join('|');
}

function sentenceStop(after: string): string {
  return /^\s*($|[¿¡]?\p{Lu})/u.test(after) ? '.' : '';
}

const address = (text: string): string =>
  spokenAddress(text, {
    dot: 'punto',
    slash: 'barra',
    at: 'arroba',
    underscore: 'guion bajo',
    dash: 'guion',
    port: 'puerto',
  });

/** Before everything else: what is inside an address is not a date or a number. */
export const addressRules: readonly Rule[] = [
  [
    /\b(?:(?:https?|ftp):\/\/|sips?:|mailto:|www\.)[^\s<>]*[^\s<>.,;:!?)\]']/gi,
    ([text = '']) => address(text),
  ],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, ([text = '']) => address(text)],
  [
    /\b(?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|io|es|mx|ar|cl|eu|info)\b(?:\/[\w./-]*\w)?/gi,
    ([text = '']) => (/^\d+\.\d+$/.test(text) ? undefined : address(text)),
  ],
];

export const wordRules: readonly Rule[] = [
  [
    new RegExp(`(?<!\\p{L})(${alternatives(Object.keys(whole))})(?!\\p{L})`, 'gu'),
    ([, short = '']) => whole[short],
  ],
  [
    new RegExp(`(?<!\\p{L})(${alternatives(Object.keys(titles))})\\.\\s?(?=\\p{Lu})`, 'gu'),
    ([, title = '']) => `${titles[title] ?? title} `,
  ],
  [/(?<!\p{L})C\/\s?(?=\p{Lu})/gu, 'calle '],
  [
    new RegExp(`(?<![\\p{L}.])(${alternatives(Object.keys(anywhere))})\\.(?!\\p{L})`, 'giu'),
    ([match = '', word = ''], after) => {
      const long = anywhere[word] ?? anywhere[word.toLowerCase()];
      return long === undefined ? match : `${long}${/^(?:etc)$/i.test(word) ? sentenceStop(after) : ''}`;
    },
  ],
  [/(?<!\p{L})(?:[Nn][º°]|N\.º)\s?(?=\d)/gu, 'número '],
  [/#\s?(?=\d)/g, 'número '],
  [/\bvs\b/g, 'contra'],
  [/\bs\/n\b/g, 'sin número'],
];

/** After units and compass points, which look like them. */
export const acronymRules: readonly Rule[] = [
  [
    /(?<![\p{L}\p{N}])(\p{Lu}{2,6})(?![\p{L}\p{N}])/gu,
    ([, word = '']) => {
      if (asWords.has(word)) return undefined;
      const spell = spelled.has(word) || (!/[AEIOUÁÉÍÓÚ]/.test(word) && word.length <= 5);
      return spell ? letters(word) : undefined;
    },
  ],
];

const symbols: readonly Rule[] = [
  [/\s*&\s*/g, ' y '],
  [/(?<=\w)\s*\+\s*(?=\w)/g, ' más '],
  [/\+/g, ' más '],
  [/\s*@\s*/g, ' arroba '],
  [/\s*±\s*/g, ' más o menos '],
  [/\s*[×✕]\s*/g, ' por '],
  [/\s*÷\s*/g, ' dividido entre '],
  [/\s*=\s*/g, ' igual a '],
  [/[~≈]\s*(?=\w)/g, 'unos '],
  [/\s*<\s*(?=\w)/g, ' menos de '],
  [/\s*>\s*(?=\w)/g, ' más de '],
  [/\b([yo])\s*\/\s*o\b/gi, 'o'],
  [/(?<=\p{L})\s*\/\s*(?=\p{L})/gu, ' o '],
  [/\//g, ' '],
  [/\s*\|\s*/g, ', '],
  [/\s*[([{]\s*/g, ', '],
  [/\s*[)\]}]\s*(?=[.,;:!?]|$)/g, ''],
  [/\s*[)\]}]\s*/g, ', '],
  [/(?<=[\p{L}\d])\s*–\s*(?=[\p{L}\d])/gu, ' a '],
  [/(?<![\p{L}\p{N}])-(?=\s|$)/gu, ' '],
  [/(?<![\p{L}\p{N}])'|'(?![\p{L}\p{N}])/gu, ''],
  [/[*_#^`\\<>~•·§©®™°º¶†‡]/g, ' '],
];

/** After the numbers: what is left of symbols, and words before the same sound ("y" before "i", "o" before "o"). */
export function spellSymbols(text: string): string {
  return applyRules(text, symbols).replace(/ o (?=ocho\b|once\b)/g, ' u ');
}
