import type { CityList } from './cities.ts';
import type { BotContent, Phrases } from './content.ts';
import { nameKey } from './text.ts';

// Callers ask for capitals, and for cities where their language is spoken, before others of the same size.
const capitalWeight = 8;

/** The names of cities as callers say them, the likeliest first, further names such as "NYC" among them. */
export function spokenCities(cities: CityList, { places, phrases }: BotContent): string[] {
  const capitals = new Set(cities.capitals());
  const ranked = cities.cities
    .map((city) => ({
      city,
      score:
        city.population *
        Math.max(phrases.likelyCountries[city.country] ?? 1, capitals.has(city) ? capitalWeight : 0),
    }))
    .sort((a, b) => b.score - a.score);
  const further = new Map<string, string[]>();
  for (const alias of Object.keys(places.aliases)) {
    const city = cities.named(nameKey(alias))[0];
    const short = alias.split(' ').some((word) => word.length === 1);
    if (city === undefined || short || nameKey(alias) === nameKey(city.name)) continue;
    further.set(city.name, [
      ...(further.get(city.name) ?? []),
      alias.length <= 3 ? alias.toUpperCase() : titled(alias, phrases.smallWords),
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

/** The countries that the content names, and the states of some of them: "the weather in Texas". */
export function spokenTerritories(cities: CityList, { phrases }: BotContent): string[] {
  const countries = cities.capitals().map((city) => city.country);
  const states = cities.cities
    .filter((city) => phrases.statesOf.includes(city.country))
    .map((city) => city.region);
  return [...new Set([...countries, ...states])].filter(
    (name) => name !== '' && name !== 'District of Columbia',
  );
}

function titled(name: string, smallWords: readonly string[]): string {
  return name
    .split(' ')
    .map((word) => (smallWords.includes(word) ? word : capitalised(word)))
    .join(' ');
}

/** How an extension is read out: "6002", "six zero zero two", "six oh oh two", "sixty oh two", "six double zero two". */
export function spellExtension(extension: string, { spelling }: Phrases): string[] {
  const { digits: digitWords, tens, zeroToo, double } = spelling;
  const digits = Array.from(extension, Number);
  const words = digits.map((digit) => digitWords[digit] ?? '');
  const [zero = ''] = digitWords;
  const zeros = zeroToo === undefined ? [zero] : [zero, zeroToo];
  const spelled = [extension, words.join(' ')];
  if (zeroToo !== undefined && digits.includes(0))
    spelled.push(words.map((word) => (word === zero ? zeroToo : word)).join(' '));
  const [first = 0, second, third, fourth] = digits;
  if (digits.length === 4 && second === 0) {
    const end = [third, fourth].map((digit) => (digit === 0 ? zeros.at(-1) : digitWords[digit ?? 0]) ?? '');
    if (first > 1) spelled.push(`${tens[first] ?? ''} ${end.join(' ')}`);
    if (third === 0)
      spelled.push(...zeros.map((each) => `${words[0] ?? ''} ${double} ${each} ${words[3] ?? ''}`));
  }
  return [...new Set(spelled)];
}

/** A phrase as a recogniser writes it: "what's the weather in Seattle" becomes "What's the weather in Seattle?". */
export function createWriter({ capitals, question, questionMarks }: Phrases): (phrase: string) => string {
  const names = new Set(capitals);
  const questions = new RegExp(question, 'iu');
  const [opening, closing] = questionMarks;
  return (phrase) => {
    const words = phrase
      .split(' ')
      .map((word) => (names.has(word.split("'", 1)[0] ?? '') ? capitalised(word) : word))
      .join(' ');
    if (/[.?!]$/.test(words)) return capitalised(words);
    return questions.test(words) ? `${opening}${capitalised(words)}${closing}` : `${capitalised(words)}.`;
  };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
