import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSayPlace } from '../../app/skills/place.ts';
import { answers, cities } from './support.ts';

const sayPlace = createSayPlace(answers, Object.values(cities));

test('a place is said with its state or country only where its name leaves doubt', () => {
  const { london, londonOntario, portlandMaine, portlandOregon, seattle, tokyo } = cities;
  assert.equal(sayPlace(seattle), 'Seattle');
  assert.equal(sayPlace(tokyo), 'Tokyo');
  // Ontario's is far smaller: nobody means it by the bare name.
  assert.equal(sayPlace(london), 'London');
  assert.equal(sayPlace(londonOntario), 'London, Ontario');
  assert.equal(sayPlace(portlandMaine), 'Portland, Maine');
  assert.equal(sayPlace(portlandOregon), 'Portland, Oregon');
});

test('namesakes in countries without states are told apart by country, within one by region', () => {
  const valencia = { ...cities.tokyo, name: 'Valencia', region: 'Valencia', country: 'Spain' };
  const abroad = { ...valencia, region: 'Carabobo', country: 'Venezuela' };
  const nearby = { ...valencia, region: 'Murcia' };
  const nowhere = { ...valencia, region: '', country: 'Ecuador' };
  assert.equal(createSayPlace(answers, [valencia, abroad])(abroad), 'Valencia, Venezuela');
  assert.equal(createSayPlace(answers, [valencia, nearby])(nearby), 'Valencia, Murcia');
  assert.equal(createSayPlace(answers, [valencia, nearby])(valencia), 'Valencia, Spain');
  assert.equal(createSayPlace(answers, [valencia, nowhere])(nowhere), 'Valencia, Ecuador');
});
