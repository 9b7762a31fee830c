import assert from 'node:assert/strict';
import { test } from 'node:test';
import { understand } from './support.ts';

async function place(text: string, expecting?: 'city'): Promise<string> {
  const { slots } = await understand(text, expecting && { expecting });
  const { city, unknownPlace } = slots;
  if (city === undefined) return unknownPlace === undefined ? '' : `? ${unknownPlace}`;
  return `${city.name}, ${city.region === '' || city.country !== 'United States' ? city.country : city.region}`;
}

const places: readonly (readonly [string, string])[] = [
  ["What's the weather in Paris?", 'Paris, France'],
  ["what's the weather in paris texas", 'Paris, Texas'],
  ["What's the weather in Paris, Texas?", 'Paris, Texas'],
  ['weather in London, Ontario', 'London, Canada'],
  ['weather in london in canada', 'London, Canada'],
  ['Weather in Portland, Oregon?', 'Portland, Oregon'],
  ['weather in portland maine tomorrow', 'Portland, Maine'],
  ['Weather in Portland, ME', 'Portland, Maine'],
  ['weather in Springfield IL', 'Springfield, Illinois'],
  ['weather in birmingham', 'Birmingham, United Kingdom'],
  ['weather in birmingham alabama', 'Birmingham, Alabama'],
  ['weather in new york city', 'New York, New York'],
  ["how's the weather in NYC", 'New York, New York'],
  ['weather in L.A. today', 'Los Angeles, California'],
  ['weather in Frisco', 'San Francisco, California'],
  ['weather in frisco texas', 'Frisco, Texas'],
  ['weather in saint louis', 'St. Louis, Missouri'],
  ['weather in St. Louis', 'St. Louis, Missouri'],
  ["weather in Saint John's Newfoundland", "St. John's, Canada"],
  ['weather in Washington DC', 'Washington, D.C., District of Columbia'],
  ['weather in São Paulo', 'Sao Paulo, Brazil'],
  ['weather in zürich', 'Zurich, Switzerland'],
  ['weather in Koln', 'Cologne, Germany'],
  ['weather in Copenhagen', 'Copenhagen, Denmark'],
  ['weather in Japan', 'Tokyo, Japan'],
  ['weather in the United Kingdom', 'London, United Kingdom'],
  ['weather in Texas', 'Houston, Texas'],
  ["Seattle's weather", 'Seattle, Washington'],
  ['Seattle weather', 'Seattle, Washington'],
  ['weather in the city of Lagos', 'Lagos, Nigeria'],
  ['weather in downtown Detroit', 'Detroit, Michigan'],
];
for (const [text, expected] of places) {
  test(`"${text}" is about ${expected}`, async () => {
    assert.equal(await place(text), expected);
  });
}

const misheard: readonly (readonly [string, string])[] = [
  ["What's the weather in Sea Attle?", 'Seattle, Washington'],
  ['Will it rain in sea at all tomorrow?', 'Seattle, Washington'],
  ["What's the weather in Sea Adle?", 'Seattle, Washington'],
  ['weather in tokio', 'Tokyo, Japan'],
  ['weather in Mosco', 'Moscow, Russia'],
  ['weather in burlin', 'Berlin, Germany'],
  ['weather in Los Angel is', 'Los Angeles, California'],
  ['weather in las angeles', 'Los Angeles, California'],
  ['weather in new yolk', 'New York, New York'],
  ['weather in Sin Sinnati', 'Cincinnati, Ohio'],
  ['weather in San Antonyo', 'San Antonio, Texas'],
  ['weather in Edinboro', 'Edinburgh, United Kingdom'],
];
for (const [text, expected] of misheard) {
  test(`what a recogniser makes of it, "${text}", still means ${expected}`, async () => {
    assert.equal(await place(text), expected);
  });
}

for (const [text, expected] of [
  ["What's the weather in Hogsmeade?", '? Hogsmeade'],
  ['weather in hogwarts tomorrow', '? hogwarts'],
  ["How's the weather in Middlewich Falls?", '? Middlewich Falls'],
  ["What's the weather in Paris, Oklahoma?", '? Paris, Oklahoma'],
] as const) {
  test(`"${text}" names a place that nobody knows, and no city that sounds like it`, async () => {
    assert.equal(await place(text), expected);
  });
}

for (const [text, expected] of [
  ['Is it going to be nice in Nice?', 'Nice, France'],
  ['is it nice outside', ''],
  ["what's the weather in reading", 'Reading, United Kingdom'],
  ['weather in bath', 'Bath, United Kingdom'],
  ['weather in mobile alabama', 'Mobile, Alabama'],
  ["what's the weather like in general", ''],
  ["what's the weather here", ''],
  ['will the date of the storm change', ''],
] as const) {
  test(`an ordinary word is a city only where one is named: "${text}"`, async () => {
    assert.equal(await place(text), expected);
  });
}

for (const [text, expected] of [
  ['Seattle', 'Seattle, Washington'],
  ['in Seattle please', 'Seattle, Washington'],
  ['um, Boston, Massachusetts', 'Boston, Massachusetts'],
  ['Nice', 'Nice, France'],
  ['Reading, please', 'Reading, United Kingdom'],
  ['Sint Louis', 'St. Louis, Missouri'],
  ['I meant Portland, Maine', 'Portland, Maine'],
  ['Blorptown', '? Blorptown'],
  ['in Frogmorton please', '? Frogmorton'],
] as const) {
  test(`asked for a city, "${text}" is an answer`, async () => {
    assert.equal(await place(text, 'city'), expected);
    assert.equal((await understand(text, { expecting: 'city' })).fragment, true);
  });
}

for (const text of ['I have no idea', 'help', 'what do you mean', 'somewhere else']) {
  test(`asked for a city, "${text}" names none`, async () => {
    assert.equal(await place(text, 'city'), '');
  });
}
