import type { CityList } from '../cities.ts';
import type { OwnEntity } from '../own/spec.ts';
import { cityNamed } from '../remote/city.ts';
import { writeTimex } from '../remote/timex.ts';
import type { BuiltInSlot, City, Day, Understanding } from '../spec.ts';

/** How an understanding is told in the terms of LUIS. */
export interface LuisTerms {
  /** Names of intents and entities there, where they are others than here. */
  readonly was: Readonly<Record<string, string>>;
  readonly entities: readonly OwnEntity[];
  readonly cities: CityList;
  /** IANA name of the zone whose today counts. */
  readonly timeZone: string;
}

/** One mention as both versions of the interface tell it. */
export interface LuisEntity {
  readonly name: string;
  /** Such as `builtin.geographyV2.city`; the entity's own name where it is not prebuilt. */
  readonly type: string;
  readonly modelTypeId: number;
  readonly modelType: string;
  /** The value in the shape of v3. */
  readonly value: unknown;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const models = {
  learned: [1, 'Entity Extractor'],
  prebuilt: [2, 'Prebuilt Entity Extractor'],
  parts: [4, 'Composite Entity Extractor'],
  list: [5, 'List Entity Extractor'],
  regex: [8, 'Regex Entity Extractor'],
} as const;

/** The name and the score of each intent, the likeliest first. */
export function luisIntents(
  { intent, confidence, ranking }: Understanding,
  { was }: LuisTerms,
): { name: string; score: number }[] {
  const top = {
    intent,
    confidence: ranking.find((each) => each.intent === intent)?.confidence ?? confidence,
  };
  return [top, ...ranking.filter((each) => each.intent !== intent)].map((each) => ({
    name: was[each.intent] ?? each.intent,
    score: each.confidence,
  }));
}

/** Every mention, in the order of the words. */
export function luisEntities(understanding: Understanding, now: Date, terms: LuisTerms): LuisEntity[] {
  const { text, mentions, entities = {}, slots } = understanding;
  const own = Object.entries(entities).flatMap(([name, values]) => {
    const entity = terms.entities.find((each) => each.name === name);
    return values.map((each) => ({
      name: terms.was[name] ?? name,
      ...shapeOf(entity, each.value, terms),
      text: each.text,
      start: each.start,
      end: each.end,
    }));
  });
  const builtIn = mentions.flatMap(({ slot, start, end }): LuisEntity[] => {
    if (slot.startsWith('@')) return [];
    const said = text.slice(start, end);
    const name = prebuilt[slot as BuiltInSlot];
    const value = prebuiltValue(slot as BuiltInSlot, slots, said, now, terms);
    const [modelTypeId, modelType] = models.prebuilt;
    const type = `builtin.${name}${suffixOf(name, value)}`;
    return [{ name, type, modelTypeId, modelType, value, text: said, start, end }];
  });
  return [...own, ...builtIn].sort((a, b) => a.start - b.start);
}

type Shape = Pick<LuisEntity, 'type' | 'modelTypeId' | 'modelType' | 'value'>;

function shapeOf(entity: OwnEntity | undefined, value: string, terms: LuisTerms): Shape {
  const type = entity === undefined ? '' : (terms.was[entity.name] ?? entity.name);
  const of = (kind: keyof typeof models, shaped: unknown): Shape => {
    const [modelTypeId, modelType] = models[kind];
    return { type, modelTypeId, modelType, value: shaped };
  };
  switch (entity?.kind) {
    case 'list':
      return of('list', [value]);
    case 'regex':
      return of('regex', value);
    case 'parts':
      return of('parts', value);
    case 'is': {
      // A role is told with the type of what it is a role of.
      if (entity.of === 'city')
        return { ...of('prebuilt', { value, type: 'city' }), type: 'builtin.geographyV2.city' };
      const base = terms.entities.find(({ name }) => name === entity.of);
      return base === undefined ? of('prebuilt', value) : shapeOf(base, value, terms);
    }
    case 'learned':
    case undefined:
      return of('learned', value);
  }
}

const prebuilt: Readonly<Record<BuiltInSlot, string>> = {
  city: 'geographyV2',
  unknownPlace: 'geographyV2',
  day: 'datetimeV2',
  count: 'number',
  extension: 'phonenumber',
  name: 'personName',
  unknownName: 'personName',
};

function prebuiltValue(
  slot: BuiltInSlot,
  { city, day, count, extension, name }: Understanding['slots'],
  said: string,
  now: Date,
  terms: LuisTerms,
): unknown {
  if (slot === 'city' && city !== undefined) return { value: placeOf(city, terms.cities), type: 'city' };
  if (slot === 'unknownPlace') return { value: said, type: 'poi' };
  if (slot === 'day' && day !== undefined) return dateOf(day, now, terms.timeZone);
  if (slot === 'count') return count;
  if (slot === 'extension') return extension;
  return slot === 'name' ? name : said;
}

function suffixOf(name: string, value: unknown): string {
  if (name === 'geographyV2' || name === 'datetimeV2') return `.${(value as { type: string }).type}`;
  return '';
}

/** Its name, with its region or country where the name alone means another. */
function placeOf(city: City, cities: CityList): string {
  const names = [city.name, `${city.name}, ${city.region}`, `${city.name}, ${city.country}`];
  return names.find((name) => cityNamed(name, cities) === city) ?? city.name;
}

function dateOf(day: Day, now: Date, timeZone: string): object {
  const { timex, start, end } = writeTimex(day, now, timeZone);
  const single = day.days === 1;
  return {
    type: day.part === undefined ? (single ? 'date' : 'daterange') : 'datetimerange',
    values: [{ timex, resolution: [single && day.part === undefined ? { value: start } : { start, end }] }],
  };
}
