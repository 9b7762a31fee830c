import type { CityList } from './cities.ts';
import type { Places } from './content.ts';
import { nameKey } from './text.ts';

// Callers ask for capitals and for cities where their language is spoken before they ask for others of the same size.
const englishSpeaking: Readonly<Record<string, number>> = {
  'United States': 6,
  'United Kingdom': 6,
  Canada: 6,
  Australia: 5,
  Ireland: 8,
  'New Zealand': 8,
  China: 0.25,
  India: 0.6,
};
const capitalWeight = 8;

/** The names of cities as callers say them, the likeliest first, further names such as "NYC" among them. */
export function spokenCities(cities: CityList, places: Places): string[] {
  const capitals = new Set(cities.capitals());
  const ranked = cities.cities
    .map((city) => ({
      city,
      score:
        city.population *
        Math.max(englishSpeaking[city.country] ?? 1, capitals.has(city) ? capitalWeight : 0),
    }))
    .sort((a, b) => b.score - a.score);
  const further = new Map<string, string[]>();
  for (const alias of Object.keys(places.aliases)) {
    const city = cities.named(nameKey(alias))[0];
    const short = alias.split(' ').some((word) => word.length === 1);
    if (city === undefined || short || nameKey(alias) === nameKey(city.name)) continue;
    further.set(city.name, [
      ...(further.get(city.name) ?? []),
      alias.length <= 3 ? alias.toUpperCase() : titled(alias),
    ]);
  }
  const names = new Set<string>();
  for (const { city } of ranked) {
    // A name stands for its likeliest city only.
    if (names.has(city.name)) continue;
    names.add(city.name);
    for (const name of further.get(city.name) ?? []) names.add(name);
    further.delete(city.name);
  }
  return [...names];
}

/** The countries that the content names, and the states of the United States: "the weather in Texas". */
export function spokenTerritories(cities: CityList): string[] {
  const countries = cities.capitals().map((city) => city.country);
  const states = cities.cities.filter((city) => city.country === 'United States').map((city) => city.region);
  return [...new Set([...countries, ...states])].filter(
    (name) => name !== '' && name !== 'District of Columbia',
  );
}

function titled(name: string): string {
  return name
    .split(' ')
    .map((word) => (['the', 'de', 'of', 'am', 'upon'].includes(word) ? word : capitalised(word)))
    .join(' ');
}

const digitWords = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const tens = ['', 'ten', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];

/** How an extension is read out: "6002", "six zero zero two", "six oh oh two", "sixty oh two", "six double zero two". */
export function spellExtension(extension: string): string[] {
  const digits = Array.from(extension, Number);
  const words = digits.map((digit) => digitWords[digit] ?? '');
  const spelled = [extension, words.join(' ')];
  if (digits.includes(0)) spelled.push(words.map((word) => (word === 'zero' ? 'oh' : word)).join(' '));
  const [first = 0, second, third, fourth] = digits;
  if (digits.length === 4 && second === 0) {
    const end = [third, fourth].map((digit) => (digit === 0 ? 'oh' : (digitWords[digit ?? 0] ?? '')));
    if (first > 1) spelled.push(`${tens[first]} ${end.join(' ')}`);
    if (third === 0) spelled.push(`${words[0]} double zero ${words[3]}`, `${words[0]} double oh ${words[3]}`);
  }
  return [...new Set(spelled)];
}

const capitalWords = new Set(
  (
    'monday tuesday wednesday thursday friday saturday sunday january february april june july august september ' +
    'october november december christmas english french german spanish italian'
  ).split(' '),
);
const questions =
  /^(?:(?:and |so |then )?(?:what|how|who|where|when|why|which|is|are|will|can|could|would|should|do|does|did|may|have you|am|any)\b|and (?:in|on|for|tomorrow|today|tonight)\b)/i;

/** A phrase as a recogniser writes it: "what's the weather in Seattle" becomes "What's the weather in Seattle?". */
export function written(phrase: string): string {
  const words = phrase
    .split(' ')
    .map((word) =>
      /^i(?:$|')/.test(word) ? capitalised(word) : capitalWords.has(word) ? capitalised(word) : word,
    )
    .join(' ');
  const end = /[.?!]$/.test(words) ? '' : questions.test(words) ? '?' : '.';
  return `${capitalised(words)}${end}`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
