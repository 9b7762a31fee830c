import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allCities, createCityList } from '../../app/nlu/cities.ts';
import { builtInContent } from '../../app/nlu/content.ts';
import { nameKey } from '../../app/nlu/text.ts';
import { ParleyError } from '../../app/errors.ts';

const { places } = builtInContent();
const cities = createCityList(places);

test('every city has a time zone that exists and a place on the globe', () => {
  const zones = new Set(allCities().map((city) => city.timeZone));
  for (const zone of zones)
    assert.doesNotThrow(() => new Intl.DateTimeFormat('en', { timeZone: zone }), zone);
  assert.ok(allCities().length > 7_000);
  assert.ok(
    allCities().every(({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180),
  );
});

test('names are written in letters that an English voice reads', () => {
  assert.deepEqual(
    allCities()
      .filter(({ name }) => /[^ -~–]/.test(name))
      .map(({ name }) => name),
    [],
  );
});

test('of cities with one name, the largest comes first, except where another is meant', () => {
  assert.equal(cities.named('london')[0]?.country, 'United Kingdom');
  assert.equal(cities.named('portland')[0]?.region, 'Oregon');
  assert.equal(cities.named('san jose')[0]?.region, 'California');
  assert.equal(cities.named('santiago')[0]?.country, 'Chile');
});

test('a city that the list holds twice is there once', () => {
  assert.equal(cities.named('copenhagen').filter(({ country }) => country === 'Denmark').length, 1);
  assert.equal(cities.named(nameKey('København'))[0]?.name, 'Copenhagen');
});

test('every further name in the content leads to a city', () => {
  for (const alias of Object.keys({ ...places.aliases, ...places.misheard })) {
    assert.ok(cities.named(nameKey(alias)).length > 0, alias);
  }
});

test('a country stands for its capital, a state for its largest city, a state elsewhere for none', () => {
  assert.equal(cities.territories('france')[0]?.alone?.name, 'Paris');
  assert.equal(cities.territories('brazil')[0]?.alone?.name, 'Brasilia');
  assert.equal(cities.territories('california')[0]?.alone?.name, 'Los Angeles');
  assert.equal(cities.territories('bayern')[0]?.alone, undefined);
});

test('a city lies in its state and in its country, and in no other', () => {
  const [oregon] = cities.named('portland');
  assert.ok(oregon);
  const inside = (name: string): boolean =>
    cities.territories(name).some((each) => cities.within(oregon, each));
  assert.deepEqual(['oregon', 'america', 'maine', 'canada'].map(inside), [true, true, false, false]);
});

test('a sound that is no city’s is none, however it is written', () => {
  for (const name of ['hogwarts', 'narnia', 'gotham', 'zanthrup', 'atlantis', 'mushroom', 'my kitchen']) {
    assert.equal(cities.alike(name)?.city.name, undefined, name);
  }
});

test('content with an alias for a city that does not exist is refused', () => {
  const broken = { ...places, aliases: { gotham: 'Gotham City' } };
  assert.throws(
    () => createCityList(broken),
    (error) =>
      error instanceof ParleyError &&
      error.code === 'bot-content-invalid' &&
      error.message.includes('gotham'),
  );
});

test('content with a capital that lies in another country is refused', () => {
  const broken = { ...places, countries: { ...places.countries, FR: { capital: 'Berlin' } } };
  assert.throws(() => createCityList(broken), /FR/);
});
