import type { CityList } from '../cities.ts';
import type { City } from '../spec.ts';
import { nameWord } from '../text.ts';
import type { Findings } from './entities.ts';
import type { Lexicon } from './lexicon.ts';
import type { Token } from './tokens.ts';

/** A state or country behind the name of a city. */
export interface Qualifier {
  readonly to: number;
  /** Said right behind the name, without "in". */
  readonly close: boolean;
  fits(city: City): boolean;
}

/** The qualifier that begins at a word: "Portland, Maine", "London in Ontario", "Springfield IL". */
export function qualify(
  tokens: readonly Token[],
  words: readonly string[],
  at: number,
  findings: Findings,
  cities: CityList,
  { placeLinks, placeWords }: Lexicon,
): Qualifier | undefined {
  const linked = placeLinks.has(words[at] ?? '') ? 1 : 0;
  const start = at + linked;
  for (let length = Math.min(5, words.length - start); length > 0; length--) {
    if (findings.overlaps(start, start + length)) continue;
    // "Para" is a state of Brazil, and a word.
    if (length === 1 && placeWords.has(words[start] ?? '')) continue;
    const key = keyOf(tokens, start, start + length);
    const code = tokens[start]?.upper === true && length === 1 ? stateCodes[key] : undefined;
    const territories = cities.territories(code ?? key);
    // "us", "or", "in" are words unless written in capitals.
    if (territories.length === 0 || (key.length < 3 && tokens[start]?.upper !== true)) continue;
    return {
      to: start + length,
      close: linked === 0,
      fits: (city) => territories.some((territory) => cities.within(city, territory)),
    };
  }
  return undefined;
}

/** Words as names are looked up. "John's" of "Saint John's" was taken apart into "john is". */
export function keyOf(tokens: readonly Token[], from: number, to: number): string {
  let key = '';
  for (let at = from; at < to; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const joined = at > from && token.word === 'is' && tokens[at - 1]?.start === token.start;
    key += joined ? 's' : `${at > from ? ' ' : ''}${token.word}`;
  }
  return nameWord(key);
}

// The two letters of the United States and of Canada, as they are written.
const stateCodes: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'al alabama,ak alaska,az arizona,ar arkansas,ca california,co colorado,ct connecticut,de delaware,fl florida,ga georgia,' +
    'hi hawaii,id idaho,il illinois,in indiana,ia iowa,ks kansas,ky kentucky,la louisiana,me maine,md maryland,' +
    'ma massachusetts,mi michigan,mn minnesota,ms mississippi,mo missouri,mt montana,ne nebraska,nv nevada,nh new hampshire,' +
    'nj new jersey,nm new mexico,ny new york,nc north carolina,nd north dakota,oh ohio,ok oklahoma,or oregon,pa pennsylvania,' +
    'ri rhode island,sc south carolina,sd south dakota,tn tennessee,tx texas,ut utah,vt vermont,va virginia,wa washington,' +
    'wv west virginia,wi wisconsin,wy wyoming,ab alberta,mb manitoba,nb new brunswick,nl newfoundland,ns nova scotia,' +
    'on ontario,qc quebec,sk saskatchewan'
  )
    .split(',')
    .map((pair) => [pair.slice(0, 2), pair.slice(3)]),
);
