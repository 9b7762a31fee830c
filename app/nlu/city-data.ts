import { createRequire } from 'node:module';
import { z } from 'zod';
import { ParleyError } from '../errors.ts';
import type { Places } from './content.ts';
import type { City } from './spec.ts';
import { fold, nameKey, withoutAccents } from './text.ts';

/** A city with what tells it from others of its name. */
export interface CityEntry {
  readonly city: City;
  /** ISO 3166 code, such as `US`. */
  readonly countryCode: string;
  /** How the list and the content call it, as keys (`nameKey`). */
  readonly keys: readonly string[];
}

const rowSchema = z.object({
  city: z.string(),
  city_ascii: z.string(),
  lat: z.number(),
  lng: z.number(),
  pop: z.number(),
  country: z.string(),
  iso2: z.union([z.string(), z.number()]),
  province: z.string().nullish(),
  timezone: z.string().nullable(),
});
type Row = z.output<typeof rowSchema>;

// Where the list has -99, having no ISO code.
const ownCodes: Readonly<Record<string, string>> = { Kosovo: 'XK', Somaliland: 'XS' };

function codeOf(row: Row): string {
  return typeof row.iso2 === 'string' ? row.iso2 : (ownCodes[row.country] ?? 'XX');
}

/** The cities of npm `city-timezones` (7,329 of them) and those the content adds, the largest first. */
export function readCities(places: Places): readonly CityEntry[] {
  const data: unknown = createRequire(import.meta.url)('city-timezones/data/cityMap.json');
  const rows = z.array(rowSchema).parse(data);
  const zoned = Map.groupBy(
    rows.filter((row) => row.timezone !== null),
    (row) => row.country,
  );
  const renamed = new Map(places.rename.map(([from, country, to]) => [`${country}/${from}`, to]));
  const countryNames = new Map(
    rows.map((row) => [codeOf(row), places.countries[codeOf(row)]?.name ?? tidyCountry(row.country)]),
  );
  const entries = new Map<string, CityEntry>();
  for (const row of rows) {
    const countryCode = codeOf(row);
    const spelled = renamed.get(`${countryCode}/${row.city}`) ?? row.city;
    const name = places.keepAccents ? spelled.replace(/[’ʼ]/g, "'") : plainName(spelled);
    const region = row.province ?? '';
    add({
      city: {
        name,
        country: countryNames.get(countryCode) ?? row.country,
        region,
        latitude: row.lat,
        longitude: row.lng,
        timeZone: row.timezone ?? nearestZone(row, zoned.get(row.country) ?? []),
        population: Math.round(row.pop),
      },
      countryCode,
      keys: [...new Set([name, row.city, row.city_ascii].map(nameKey))],
    });
  }
  for (const { country, ...city } of places.extra) {
    const name = countryNames.get(country);
    if (name === undefined) {
      throw new ParleyError('bot-content-invalid', {
        file: 'places.yaml',
        reason: `extra: ${city.name} has the country code ${country}, which is unknown`,
      });
    }
    add({ city: { ...city, country: name }, countryCode: country, keys: [nameKey(city.name)] });
  }
  return [...entries.values()].sort((a, b) => b.city.population - a.city.population);

  // The list has some cities twice (København and Copenhagen): the larger figure counts.
  function add(entry: CityEntry): void {
    const { name, region, population } = entry.city;
    const id = `${nameKey(name)}/${fold(region)}/${entry.countryCode}`;
    const known = entries.get(id);
    if (known === undefined) entries.set(id, entry);
    else {
      const keys = [...new Set([...known.keys, ...entry.keys])];
      entries.set(id, { ...(known.city.population < population ? entry : known), keys });
    }
  }
}

/** Names as an English voice reads them. */
function plainName(name: string): string {
  return withoutAccents(name.replace(/[’ʼ]/g, "'"));
}

function tidyCountry(name: string): string {
  return name.replace(/ S\.A\.R\.?$/, '').replace(/ of America$/, '');
}

// 48 rows have no time zone.
function nearestZone(row: Row, zoned: readonly Row[]): string {
  let nearest = 'UTC';
  let least = Infinity;
  const eastward = Math.cos((row.lat * Math.PI) / 180);
  for (const other of zoned) {
    const east = (other.lng - row.lng) * eastward;
    const distance = (other.lat - row.lat) ** 2 + east ** 2;
    if (distance < least && other.timezone !== null) [nearest, least] = [other.timezone, distance];
  }
  return nearest;
}
