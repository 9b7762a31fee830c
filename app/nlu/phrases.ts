import { createHash } from 'node:crypto';
import type { Language, PhraseSet } from '../speech/spec.ts';
import { builtInContent, placeholdersOf, type BotContent, type Phrases } from './content.ts';
import { createCityList, type CityList } from './cities.ts';
import { createWriter, spellExtension, spokenCities, spokenTerritories } from './phrase-values.ts';
import type { BuiltInSlot, OwnSlot } from './spec.ts';

/** What callers are likely to say, by what the bot has just asked for; `general` when it has asked for nothing. */
export type PhraseSets = { readonly general: PhraseSet } & Readonly<
  Partial<Record<BuiltInSlot | 'confirmation' | 'general', PhraseSet>> & Record<OwnSlot, PhraseSet>
>;

export interface PhraseParts {
  /** The first of the content's languages when absent. */
  readonly language?: Language;
  /** Names that callers may ask for, and the phone of each. */
  readonly directory: Readonly<Record<string, string>>;
  /** Phones that callers may ask for by number, beside 6000 to 6009. */
  readonly extensions?: readonly string[];
  /** The bot that comes with Parley when absent. */
  readonly content?: BotContent;
}

type Values = Readonly<Record<string, readonly string[]>>;

// How many cities: with the samples that are said most, with the others, and where a city was asked for. Each thousand phrases
// takes 20 ms of a start to prepare, and none later: with 50,000 in place of 25,000 "weather in Paris tomorrow" is heard 11 times
// of 12 and not never, and what is no phrase at all is heard as before.
const manyCities = 600;
const rotatingCities = 240;
const askedCities = 2_600;
const askedCitiesPolitely = 900;
const citiesWithEveryDay = 100;
const citiesToConfirm = 400;
const perSample = 14;
const fewExtensions = 20;
// Of an entity of the bot's own: in each of the samples that are said most, and alone.
const fewValues = 60;
const manyValues = 2_000;

/** The phrases for the recogniser, from the bot's samples and what their placeholders stand for. */
export function phraseSets(parts: PhraseParts): PhraseSets {
  const content = parts.content ?? builtInContent();
  const cities = createCityList(content.places);
  const { asked, confirmed, commonDays, counts, dayLead, qualified } = content.phrases;
  const write = createWriter(content.phrases);
  const spoken = spokenCities(cities, content);
  const territories = spokenTerritories(cities, content);
  const places = [...new Set([...spoken.slice(0, manyCities), ...territories])];
  const days = [...commonDays, ...content.phrases.days];
  const names = Object.keys(parts.directory);
  const near = [...new Set([...phones(10), ...(parts.extensions ?? []), ...Object.values(parts.directory)])];
  const far = [...new Set([...near, ...phones(100)])];
  const values: Values = {
    ...content.own?.values,
    city: spoken.slice(0, rotatingCities),
    day: days,
    count: counts,
    extension: near.flatMap((extension) => spellExtension(extension, content.phrases)),
    name: names,
  };
  const commands = commandsOf(content);
  // Numbers sound alike: a sentence is expected with all of them or, where they are many, with none.
  const filled = (sample: string, index: number): string[] => {
    if (!placeholdersOf(sample).includes('extension')) return someValues(sample, values, index);
    return near.length <= fewExtensions ? everyValue(sample, values, places, commonDays) : [];
  };

  const general = [...commands];
  for (const { intent, common, samples } of content.intents) {
    if (intent === 'None') {
      general.push(
        ...samples.filter((sample) => placeholdersOf(sample).length === 0 && sample.split(' ').length <= 4),
      );
      continue;
    }
    for (const sample of common) general.push(...everyValue(sample, values, places, commonDays));
    general.push(...samples.flatMap((sample, index) => filled(sample, index)));
  }
  general.push(
    ...content.fragments.common.flatMap((sample) => everyValue(sample, values, places, commonDays)),
  );
  general.push(...content.fragments.samples.flatMap((sample, index) => filled(sample, index)));
  const own = Object.entries(content.own?.values ?? {});
  general.push(
    ...Object.values(content.own?.texts ?? {}).flat(),
    ...(content.own?.phrases ?? []),
    ...own.flatMap(([, list]) => list.slice(0, manyValues)),
  );
  const twins = qualifiedCities(cities, content.phrases);
  general.push(...filledWith(qualified, 'city', twins));

  const city = [
    ...filledWith(asked.city, 'city', spoken.slice(0, askedCities)),
    ...filledWith(asked.cityPolitely, 'city', spoken.slice(0, askedCitiesPolitely)),
    ...filledWith(asked.city, 'city', [...twins, ...territories]),
    ...commands,
  ];
  const numbers = far.flatMap((extension) => spellExtension(extension, content.phrases));
  const whom = [
    ...filledWith(asked.extension, 'extension', numbers),
    ...filledWith(asked.name, 'name', names),
    ...commands,
  ];
  const confirmation = [
    ...filledWith(confirmed.yes, 'yes', content.affirmations.yes),
    ...filledWith(confirmed.no, 'no', content.affirmations.no),
    ...confirmed.further,
    ...filledWith(confirmed.city, 'city', spoken.slice(0, citiesToConfirm)),
    ...filledWith(confirmed.day, 'day', days),
    ...filledWith(confirmed.name, 'name', names),
    ...commands,
  ];
  const bare = (each: string): string =>
    each.startsWith(`${dayLead} `) ? each.slice(dayLead.length + 1) : each;
  const day = [
    ...days.flatMap((each) =>
      asked.day.map((phrase) => phrase.replace('{day}', each).replace('{bareDay}', bare(each))),
    ),
    ...commands,
  ];
  const count = [...filledWith(asked.count, 'count', counts), ...commands];
  const phraseSet = (name: string, phrases: readonly string[]): PhraseSet => {
    const all = [...new Set(phrases.map(write))];
    const hash = createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 12);
    return {
      id: `${name}-${hash}`,
      language: parts.language ?? content.words.languages[0] ?? '',
      phrases: all,
    };
  };
  return {
    ...Object.fromEntries(
      own.map(([name, list]) => {
        const answers = filledWith(asked.value, 'value', list.slice(0, manyValues));
        return [`@${name}`, phraseSet(name, [...answers, ...commands])];
      }),
    ),
    general: phraseSet('general', general),
    city: phraseSet('city', city),
    confirmation: phraseSet('confirmation', confirmation),
    extension: phraseSet('extension', whom),
    name: phraseSet('name', whom),
    day: phraseSet('day', day),
    count: phraseSet('count', count),
  };
}

/** Each phrase with each value: "{city} please". */
function filledWith(phrases: readonly string[], name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => phrases.map((phrase) => phrase.replace(`{${name}}`, value)));
}

// What may be said at any moment: everything without a placeholder of the intents that need none.
function commandsOf(content: BotContent): string[] {
  return content.intents
    .filter(({ intent, slots }) => intent !== 'None' && slots.length === 0)
    .flatMap(({ common, samples }) => [...common, ...samples])
    .filter((sample) => placeholdersOf(sample).length === 0);
}

// A sample with every place; with a day beside it, every day for the likeliest cities and the commonest for the others.
function everyValue(
  sample: string,
  values: Values,
  places: readonly string[],
  commonDays: readonly string[],
): string[] {
  const open = new Set(placeholdersOf(sample));
  let filled = [sample];
  for (const name of open) {
    if (name === 'city' || (name === 'day' && open.has('city'))) continue;
    filled = filled.flatMap((text) =>
      (values[name] ?? []).slice(0, fewValues).map((value) => text.replaceAll(`{${name}}`, value)),
    );
  }
  if (!open.has('city')) return filled;
  return filled.flatMap((text) =>
    places.flatMap((place, index) => {
      const placed = text.replaceAll('{city}', place);
      const chosen = index < citiesWithEveryDay ? (values['day'] ?? []) : commonDays;
      return open.has('day') ? chosen.map((day) => placed.replaceAll('{day}', day)) : [placed];
    }),
  );
}

// A sample with a few values, other ones from sample to sample.
function someValues(sample: string, values: Values, index: number): string[] {
  const open = placeholdersOf(sample);
  if (open.length === 0) return [sample];
  const listOf = (name: string): readonly string[] => values[name] ?? [];
  if (open.some((name) => listOf(name).length === 0)) return [];
  const most = Math.max(...open.map((name) => listOf(name).length));
  return Array.from({ length: Math.min(perSample, most) }, (_, round) => {
    const filled = open.reduce((text, name, place) => {
      const list = listOf(name);
      const value = list[(index * perSample + round * (place === 0 ? 1 : 3)) % list.length] ?? '';
      return text.replace(`{${name}}`, value);
    }, sample);
    return filled;
  });
}

function phones(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(6000 + index));
}

// Cities of one name are told apart by their state: "Portland, Maine".
function qualifiedCities(cities: CityList, { qualifiedIn }: Phrases): string[] {
  const large = cities.cities.filter(
    ({ country, population }) => qualifiedIn.includes(country) && population > 60_000,
  );
  const names = new Map<string, number>();
  for (const { name, population } of cities.cities) {
    if (population > 60_000) names.set(name, (names.get(name) ?? 0) + 1);
  }
  return large
    .filter(({ name }) => (names.get(name) ?? 0) > 1)
    .map(({ name, region }) => `${name}, ${region}`);
}
