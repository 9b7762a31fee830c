import type { City } from '../nlu/spec.ts';
import type { Answers } from './answers.ts';

/** Says a place back: `Seattle`, or `Portland, Maine` where the name alone would leave doubt. */
export type SayPlace = (city: City) => string;

/** A namesake with at least this share of a city's people makes its name ambiguous. */
const rivalShare = 0.1;

/** Countries whose cities are told apart by state or province rather than by country. */
const countriesWithStates = [
  'United States of America',
  'United States',
  'Canada',
  'Australia',
  'Brazil',
  'Mexico',
  'India',
];

/**
 * @param cities all cities that a caller may name; a city is ambiguous when another of the same name is about as large or larger.
 * @param byRegion countries, as the cities name them, whose cities are told apart by state or province.
 */
export function createSayPlace(
  answers: Answers,
  cities: Iterable<City> = [],
  byRegion: readonly string[] = countriesWithStates,
): SayPlace {
  const namesakes = new Map<string, City[]>();
  for (const city of cities) {
    const name = city.name.toLowerCase();
    const known = namesakes.get(name);
    if (known === undefined) namesakes.set(name, [city]);
    else known.push(city);
  }

  return (city) => {
    const rivals = (namesakes.get(city.name.toLowerCase()) ?? []).filter(
      (other) =>
        (other.region !== city.region || other.country !== city.country) &&
        other.population >= city.population * rivalShare,
    );
    if (rivals.length === 0) return city.name;
    const region =
      city.region !== '' &&
      city.region !== city.name &&
      (byRegion.includes(city.country) || rivals.some(({ country }) => country === city.country));
    return answers.word('place-in', { city: city.name, area: region ? city.region : city.country });
  };
}
