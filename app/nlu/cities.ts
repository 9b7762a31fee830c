import { ParleyError } from '../errors.ts';
import { readCities, type CityEntry } from './city-data.ts';
import { builtInContent, type Places } from './content.ts';
import { encodeSounds, firstSound, soundDistance, soundsOf, type Sounds } from './sounds.ts';
import type { City } from './spec.ts';
import { nameKey } from './text.ts';

/** A country or region: it tells cities of one name apart ("Portland, Maine") or stands for one of its own. */
interface Territory {
  readonly countryCode: string;
  /** Key of the region; absent for a whole country. */
  readonly region?: string;
  /** The city meant when it is named alone, undefined where it can't be. */
  readonly alone: City | undefined;
}

export interface CityList {
  /** The largest first. */
  readonly cities: readonly City[];
  /** Most words that a name has. */
  readonly longestName: number;
  /** Whether the name of any city, country or region begins with that word. */
  begins(word: string): boolean;
  /** The cities of that name, the likeliest first. `key` is a `nameKey`. */
  named(key: string): readonly City[];
  /** The country or regions of that name. */
  territories(key: string): readonly Territory[];
  /** Whether the city lies in it. */
  within(city: City, territory: Territory): boolean;
  /**
   * The city that sounds most like it, for what a recogniser misheard.
   * @param limit how far the sounds may be apart (`soundDistance`) for a large city; for a small one it is less.
   */
  alike(key: string, limit?: number): { readonly city: City; readonly distance: number } | undefined;
  /** The cities of the countries' capitals, as far as the content names them. */
  capitals(): readonly City[];
}

/** Below this a city is only known by its exact name; a village is less likely than a slip. */
const leastPopulationForSounds = 40_000;
const shortestSounds = 4;

interface Sounding {
  readonly sounds: Sounds;
  readonly city: City;
  /** How much closer than the largest city it must sound: 0.03 for each tenth of the population. */
  readonly handicap: number;
}

const lists = new WeakMap<Places, CityList>();

/** All cities that a caller may name, the largest first. */
export function allCities(): readonly City[] {
  return createCityList(builtInContent().places).cities;
}

/**
 * The list of cities as it is spoken of. The same content gives the same list.
 * @throws ParleyError `bot-content-invalid` when an alias or a capital names no city.
 */
export function createCityList(places: Places): CityList {
  const list = lists.get(places) ?? makeCityList(places);
  lists.set(places, list);
  return list;
}

function makeCityList(places: Places): CityList {
  const entries = readCities(places);
  const codes = new Map(entries.map((entry) => [entry.city, entry]));
  const byName = new Map<string, CityEntry[]>();
  for (const entry of entries) for (const key of entry.keys) push(byName, key, entry);
  const territories = readTerritories(entries, places, byName);
  for (const [alias, target] of Object.entries({ ...places.misheard, ...places.aliases })) {
    const entry = resolve(target);
    if (entry === undefined) throw invalid(`aliases: ${alias}: there is no city ${target}`);
    const key = nameKey(alias);
    byName.set(key, [entry, ...(byName.get(key) ?? []).filter((other) => other !== entry)]);
  }
  const sounding = new Map<string, Sounding[]>();
  for (const [key, [entry]] of byName) {
    if (entry === undefined || entry.city.population < leastPopulationForSounds) continue;
    const sounds = soundsOf(key);
    if (sounds.length >= shortestSounds)
      push(sounding, firstSound(sounds), {
        sounds: encodeSounds(sounds),
        city: entry.city,
        handicap: Math.max(0, 0.03 * (6.3 - Math.log10(entry.city.population))),
      });
  }
  const firstWords = new Set([...byName.keys(), ...territories.keys()].map((key) => key.split(' ')[0] ?? ''));
  const named = new Map([...byName].map(([key, list]) => [key, list.map((entry) => entry.city)]));

  return {
    cities: entries.map((entry) => entry.city),
    longestName: Math.max(...[...byName.keys(), ...territories.keys()].map((key) => key.split(' ').length)),
    begins: (word) => firstWords.has(word),
    named: (key) => named.get(key) ?? [],
    territories: (key) => territories.get(key) ?? [],
    within: (city, territory) => {
      const entry = codes.get(city);
      return entry !== undefined && lies(entry, territory);
    },
    alike,
    capitals: () =>
      Object.values(places.countries).flatMap(({ capital }) => {
        const city = capital === undefined ? undefined : named.get(nameKey(capital))?.[0];
        return city === undefined ? [] : [city];
      }),
  };

  function alike(key: string, limit = 0.14): ReturnType<CityList['alike']> {
    const sounds = soundsOf(key);
    if (sounds.length < shortestSounds) return undefined;
    const encoded = encodeSounds(sounds);
    let best: { city: City; distance: number } | undefined;
    let least = limit;
    for (const { city, sounds: candidate, handicap } of sounding.get(firstSound(sounds)) ?? []) {
      if (handicap >= least) continue;
      const distance = soundDistance(encoded, candidate, least - handicap);
      if (distance + handicap < least) {
        best = { city, distance };
        least = distance + handicap;
      }
    }
    return best;
  }

  // "Name", "Name/Region" or "Name/Country".
  function resolve(target: string): CityEntry | undefined {
    const [name = '', where] = target.split('/');
    const list = byName.get(nameKey(name)) ?? [];
    if (where === undefined) return list[0];
    const within = territories.get(nameKey(where)) ?? [];
    return list.find((entry) => within.some((territory) => lies(entry, territory)));
  }
}

function readTerritories(
  entries: readonly CityEntry[],
  places: Places,
  byName: ReadonlyMap<string, readonly CityEntry[]>,
): Map<string, Territory[]> {
  const territories = new Map<string, Territory[]>();
  const largestIn = new Map<string, City>();
  const regionNames = new Map<string, { code: string; name: string }>();
  for (const { city, countryCode } of entries) {
    if (!largestIn.has(countryCode)) largestIn.set(countryCode, city);
    const region = nameKey(city.region);
    const id = `${countryCode}/${region}`;
    if (region === '' || largestIn.has(id)) continue;
    largestIn.set(id, city);
    regionNames.set(id, { code: countryCode, name: region });
  }
  // French Guiana is listed as France, with a code of its own: the name is that of the code with the largest city.
  const countries = new Map<string, string>();
  for (const { city, countryCode } of entries)
    if (!countries.has(city.country)) countries.set(city.country, countryCode);
  for (const [country, code] of countries) {
    const more = places.countries[code];
    const capital = more?.capital;
    const alone =
      capital === undefined
        ? largestIn.get(code)
        : byName.get(nameKey(capital))?.find((entry) => entry.countryCode === code)?.city;
    if (alone === undefined) throw invalid(`countries: ${code}: there is no city ${capital ?? ''} in it`);
    for (const name of [country, ...(more?.names ?? [])]) add(name, { countryCode: code, alone });
  }
  for (const { code, name } of regionNames.values()) add(name, regionOf(code, name));
  for (const [code, regions] of Object.entries(places.regions)) {
    for (const [region, names] of Object.entries(regions)) {
      for (const name of names) {
        // "*" is the whole country under a name that only tells cities apart, such as England.
        add(name, region === '*' ? { countryCode: code, alone: undefined } : regionOf(code, nameKey(region)));
      }
    }
  }
  return territories;

  function regionOf(code: string, region: string): Territory {
    const alone = places.regionsAlone.includes(code) ? largestIn.get(`${code}/${region}`) : undefined;
    return { countryCode: code, region, alone };
  }

  function add(name: string, territory: Territory): void {
    push(territories, nameKey(name), territory);
  }
}

function lies(entry: CityEntry, territory: Territory): boolean {
  if (entry.countryCode !== territory.countryCode) return false;
  return territory.region === undefined || nameKey(entry.city.region) === territory.region;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function invalid(reason: string): ParleyError {
  return new ParleyError('bot-content-invalid', { file: 'places.yaml', reason });
}
