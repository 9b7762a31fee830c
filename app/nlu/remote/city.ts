import type { CityList } from '../cities.ts';
import type { City } from '../spec.ts';
import { nameKey } from '../text.ts';

/** The city of a name as services give it: `seattle`, `Portland, Maine`, `Japan` (then its capital, or largest city). */
export function cityNamed(name: string, cities: CityList): City | undefined {
  const [place = '', ...areas] = name.split(/,| in /);
  const named = cities.named(nameKey(place));
  const territories = areas.flatMap((area) => cities.territories(nameKey(area)));
  const inside = named.find((city) => territories.some((territory) => cities.within(city, territory)));
  if (inside !== undefined) return inside;
  // "Portland Maine", without a comma.
  const words = name.split(/[\s,]+/);
  for (let length = words.length - 1; territories.length === 0 && length > 0; length--) {
    const area = cities.territories(nameKey(words.slice(length).join(' ')));
    const first = cities
      .named(nameKey(words.slice(0, length).join(' ')))
      .find((city) => area.some((territory) => cities.within(city, territory)));
    if (first !== undefined) return first;
  }
  return named[0] ?? cities.territories(nameKey(name)).find(({ alone }) => alone !== undefined)?.alone;
}
