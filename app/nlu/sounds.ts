/**
 * How a word sounds, roughly, and how far two sounds are apart. A recogniser that errs writes something that sounds
 * alike ("whether" for "weather", "Sea Attle" for "Seattle"), so spelling is compared by ear.
 *
 * The alphabet: a e i o u for vowels (a run of vowels is one), consonants as letters, and 0 for th, S for sh,
 * C for ch, J for the g of "gem".
 */

type Rule = readonly [RegExp, string];

// In this order, on a word in lower case without accents.
const rules: readonly Rule[] = [
  [/^(?:kn|gn|pn)/, 'n'],
  [/^wr/, 'r'],
  [/^rh/, 'r'],
  [/^ps/, 's'],
  [/^x/, 's'],
  [/^wh/, 'w'],
  [/tch/g, 'C'],
  [/sch/g, 'sk'],
  [/ch(?=[rl])/g, 'k'],
  [/ch/g, 'C'],
  [/sh/g, 'S'],
  [/(?:ti|si|ci)(?=on|an|ous)/g, 'S'],
  [/ph/g, 'f'],
  [/th/g, '0'],
  [/burgh?$/, 'bur'],
  [/gh(?=[aeiou])/g, 'g'],
  [/igh/g, 'i'],
  [/gh/g, ''],
  [/dg(?=[eiy])/g, 'J'],
  [/ck/g, 'k'],
  [/que$|qu(?=er)/g, 'k'],
  [/qu?/g, 'kw'],
  [/sc(?=[eiy])/g, 's'],
  [/c(?=[eiy])/g, 's'],
  [/c/g, 'k'],
  [/gn$/, 'n'],
  [/g(?=[eiy])/g, 'J'],
  [/j/g, 'J'],
  [/x/g, 'ks'],
  [/mb$/, 'm'],
  [/(?<=[aeiou])w(?![aeiouy])/g, ''],
  [/(?<=[aeiou])h(?![aeiouy])/g, ''],
  [/(?<=[^aeiouyCS0])h/g, ''],
  [/(..)(?<!e)e(s?)$/, '$1$2'],
  [/y(?=[aeiou])(?<=^y)/g, 'Y'],
  [/(?:ee|ea|ie|ei)[aeiouy]*/g, 'i'],
  [/(?:ai|ay|ey)[aeiouy]*/g, 'e'],
  [/(?:oo|ou)[aeiouy]*/g, 'u'],
  [/(?:au|aw)[aeiouy]*/g, 'o'],
  [/y/g, 'i'],
  [/([aeiou])[aeiou]+/g, '$1'],
  [/Y/g, 'y'],
  [/([^aeiou])\1+/g, '$1'],
];

/** The sounds of one word or of several run together; only Latin letters count. */
export function soundsOf(folded: string): string {
  let sounds = folded.replace(/[^a-z]/g, '');
  for (const [pattern, by] of rules) sounds = sounds.replace(pattern, by);
  return sounds;
}

const alike: readonly (readonly [string, number])[] = [
  ['pb', 0.4],
  ['td', 0.3],
  ['kg', 0.4],
  ['fv', 0.3],
  ['sz', 0.1],
  ['SC', 0.3],
  ['SJ', 0.4],
  ['CJ', 0.3],
  ['zJ', 0.4],
  ['sS', 0.4],
  ['sC', 0.6],
  ['mn', 0.4],
  ['0t', 0.4],
  ['0d', 0.4],
  ['0f', 0.4],
  ['0s', 0.5],
  ['bv', 0.5],
  ['lr', 0.6],
  ['wv', 0.5],
  ['ui', 0.3],
  ['yJ', 0.4],
];

const vowels = 'aeiou';
const alphabet = `${vowels}bdfghjklmnpqrstvwyz0SCJ`;
const size = 32;

const substitution = new Float32Array(size * size).fill(1);
const removal = new Float32Array(size).fill(0.9);
for (let code = 0; code < size; code++) substitution[code * size + code] = 0;
for (const one of vowels) {
  for (const other of vowels) if (one !== other) setAlike(one, other, 0.25);
  removal[codeOf(one)] = 0.4;
}
for (const [pair, cost] of alike) setAlike(pair.charAt(0), pair.charAt(1), cost);
for (const [sound, cost] of [
  ['h', 0.3],
  ['w', 0.5],
  ['y', 0.5],
  ['r', 0.5],
] as const) {
  removal[codeOf(sound)] = cost;
}

function codeOf(sound: string): number {
  return alphabet.indexOf(sound) + 1;
}

function setAlike(one: string, other: string, cost: number): void {
  substitution[codeOf(one) * size + codeOf(other)] = cost;
  substitution[codeOf(other) * size + codeOf(one)] = cost;
}

/** Sounds made ready for comparing. */
export type Sounds = Uint8Array;

export function encodeSounds(sounds: string): Sounds {
  return Uint8Array.from(sounds, codeOf);
}

let above = new Float32Array(32);
let row = new Float32Array(32);

/**
 * How far two sounds are apart: 0 the same, 1 nothing in common. Edit distance with smaller costs for sounds that are
 * alike, by the length of the longer one.
 * @param limit above this the exact figure does not matter and 1 may be returned.
 */
export function soundDistance(one: Sounds, other: Sounds, limit = 1): number {
  const longer = Math.max(one.length, other.length);
  const most = limit * longer;
  if (Math.abs(one.length - other.length) * 0.3 > most) return 1;
  if (other.length >= row.length) {
    above = new Float32Array(other.length * 2);
    row = new Float32Array(other.length * 2);
  }
  let sum = 0;
  above[0] = 0;
  for (let j = 0; j < other.length; j++) {
    sum += removal[other[j] ?? 0] ?? 1;
    above[j + 1] = sum;
  }
  for (const a of one) {
    const drop = removal[a] ?? 1;
    let diagonal = above[0] ?? 0;
    let left = diagonal + drop;
    let least = left;
    row[0] = left;
    for (let j = 0; j < other.length; j++) {
      const b = other[j] ?? 0;
      const up = above[j + 1] ?? 0;
      let cost = diagonal + (substitution[a * size + b] ?? 1);
      if (up + drop < cost) cost = up + drop;
      if (left + (removal[b] ?? 1) < cost) cost = left + (removal[b] ?? 1);
      row[j + 1] = cost;
      if (cost < least) least = cost;
      diagonal = up;
      left = cost;
    }
    if (least > most) return 1;
    [above, row] = [row, above];
  }
  return longer === 0 ? 0 : Math.min(1, (above[other.length] ?? 0) / longer);
}

const classes: Readonly<Record<string, string>> = {
  b: 'p',
  d: 't',
  '0': 't',
  g: 'k',
  v: 'f',
  z: 's',
  S: 's',
  C: 's',
  J: 's',
  n: 'm',
};

/** The class of the first sound: sounds of different classes are never taken for each other at the beginning. */
export function firstSound(sounds: string): string {
  const first = sounds.charAt(0);
  return vowels.includes(first) ? 'a' : (classes[first] ?? first);
}
