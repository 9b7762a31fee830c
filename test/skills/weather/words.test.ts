import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  degrees,
  isRain,
  isSnow,
  range,
  skyWords,
  whenWords,
  type PartOfDay,
} from '../../../app/skills/weather/words.ts';
import { answers } from '../support.ts';

/** Every code that Open-Meteo documents. */
const codes: readonly (readonly [number, string, 'dry' | 'rain' | 'snow'])[] = [
  [0, 'sunshine', 'dry'],
  [1, 'mostly clear skies', 'dry'],
  [2, 'some clouds', 'dry'],
  [3, 'cloudy skies', 'dry'],
  [45, 'fog', 'dry'],
  [48, 'freezing fog', 'dry'],
  [51, 'light drizzle', 'rain'],
  [53, 'drizzle', 'rain'],
  [55, 'heavy drizzle', 'rain'],
  [56, 'light freezing drizzle', 'rain'],
  [57, 'freezing drizzle', 'rain'],
  [61, 'light rain', 'rain'],
  [63, 'rain', 'rain'],
  [65, 'heavy rain', 'rain'],
  [66, 'light freezing rain', 'rain'],
  [67, 'freezing rain', 'rain'],
  [71, 'light snow', 'snow'],
  [73, 'snow', 'snow'],
  [75, 'heavy snow', 'snow'],
  [77, 'snow grains', 'snow'],
  [80, 'light showers', 'rain'],
  [81, 'showers', 'rain'],
  [82, 'heavy showers', 'rain'],
  [85, 'snow showers', 'snow'],
  [86, 'heavy snow showers', 'snow'],
  [95, 'thunderstorms', 'rain'],
  [96, 'thunderstorms with some hail', 'rain'],
  [99, 'thunderstorms with heavy hail', 'rain'],
  [42, 'mixed weather', 'dry'],
  [0.5, 'mixed weather', 'dry'],
];

test('every weather code has words of its own', () => {
  for (const [code, says, kind] of codes) {
    assert.equal(skyWords(answers, code, true), says);
    assert.equal(isRain(code) ? 'rain' : isSnow(code) ? 'snow' : 'dry', kind, `code ${code}`);
  }
});

test('the sun does not shine at night', () => {
  assert.equal(skyWords(answers, 0, false), 'clear skies');
});

test('temperatures are said in whole degrees, minus as a word', () => {
  const said = [12.4, 1, 0.6, 0.4, 0, -0.2, -1, -12.6].map((value) => degrees(answers, value));
  assert.deepEqual(said, [
    '12 degrees',
    '1 degree',
    '1 degree',
    '0 degrees',
    '0 degrees',
    '0 degrees',
    'minus 1 degree',
    'minus 13 degrees',
  ]);
  assert.equal(range(answers, 7.6, 13.4), 'between 8 and 13 degrees');
  assert.equal(range(answers, -5, 1), 'between minus 5 and 1 degree');
  assert.equal(range(answers, 8.4, 7.6), 'around 8 degrees');
});

const days: readonly (readonly [string, PartOfDay | undefined, string])[] = [
  ['2026-11-05', undefined, 'today'],
  ['2026-11-06', undefined, 'tomorrow'],
  ['2026-11-07', undefined, 'on Saturday'],
  ['2026-11-11', undefined, 'on Wednesday'],
  ['2026-11-12', undefined, 'on Thursday, November 12'],
  ['2026-11-05', 'morning', 'this morning'],
  ['2026-11-05', 'afternoon', 'this afternoon'],
  ['2026-11-05', 'evening', 'this evening'],
  ['2026-11-05', 'night', 'tonight'],
  ['2026-11-06', 'night', 'tomorrow night'],
  ['2026-11-07', 'evening', 'on Saturday evening'],
  ['2026-11-12', 'morning', 'on the morning of Thursday, November 12'],
];

test('days are said as a person says them on Thursday, November 5', () => {
  for (const [date, part, says] of days) assert.equal(whenWords(answers, '2026-11-05', date, part), says);
});
