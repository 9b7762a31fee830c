import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInContent } from '../../app/nlu/content.ts';
import { phraseSets } from '../../app/nlu/phrases.ts';
import { createWriter, spellExtension } from '../../app/nlu/phrase-values.ts';

const { phrases } = builtInContent();
const written = createWriter(phrases);
const sets = phraseSets({ directory: { Alice: '6002', 'John Smith': '6001' } });

test('the recogniser is told what callers say, with cities, days, names and extensions', () => {
  const general = new Set(sets.general.phrases);
  for (const phrase of [
    "What's the weather in Seattle?",
    "What's the weather like in Washington, D.C.",
    "What's the weather in Texas?",
    'What time is it in Tokyo?',
    'What time is it in Japan?',
    "What's the weather in Portland, Maine?",
    'Call Alice.',
    'Call 6002.',
    'Call six zero zero two.',
    'And in Paris?',
    'What about Rome?',
    'Tell me the news.',
    'Help.',
    'Goodbye.',
    'Stop.',
    'Say that again.',
  ]) {
    assert.ok(general.has(phrase), phrase);
  }
});

test('no set is larger than the recogniser can use', () => {
  for (const [name, { phrases }] of Object.entries(sets)) {
    assert.ok(phrases.length > 100 && phrases.length <= 55_000, `${name} has ${phrases.length}`);
    assert.equal(new Set(phrases).size, phrases.length, `${name} says something twice`);
  }
});

test('a directory of a hundred people does not make it too large either', () => {
  const directory = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`Person${index} Surname`, String(6000 + index)]),
  );
  for (const { phrases } of Object.values(phraseSets({ directory }))) assert.ok(phrases.length <= 55_000);
});

test('asked for a city, callers say its name or change their mind', () => {
  const city = new Set(sets.city?.phrases);
  for (const phrase of [
    'Oslo.',
    'In Orlando.',
    'Seattle please.',
    'In Boston please.',
    'Portland, Oregon.',
    'NYC.',
    'Never mind.',
    'Help.',
  ]) {
    assert.ok(city.has(phrase), phrase);
  }
});

test('asked for a yes or a no, asked for a name, there are phrases for it', () => {
  assert.ok(sets.confirmation?.phrases.includes('Yes please.'));
  assert.ok(sets.confirmation?.phrases.includes('No thank you.'));
  assert.ok(sets.name?.phrases.includes('John Smith please.'));
  assert.ok(sets.extension?.phrases.includes('Sixty oh two.'));
});

test('every phrase is written as a recogniser writes: a capital, an end, no placeholder', () => {
  for (const { phrases } of Object.values(sets)) {
    for (const phrase of phrases) assert.match(phrase, /^[A-Z\d'][^{}]*[.?!]$/);
  }
});

test('an id stands for the same phrases, and for no others', () => {
  const again = phraseSets({ directory: { Alice: '6002', 'John Smith': '6001' } });
  const other = phraseSets({ directory: { Bob: '6002' } });
  assert.equal(again.general.id, sets.general.id);
  assert.notEqual(other.general.id, sets.general.id);
  assert.equal(other.city?.id, sets.city?.id);
});

test('an extension is read out in every usual way', () => {
  assert.deepEqual(spellExtension('6002', phrases), [
    '6002',
    'six zero zero two',
    'six oh oh two',
    'sixty oh two',
    'six double zero two',
    'six double oh two',
  ]);
  assert.deepEqual(spellExtension('123', phrases), ['123', 'one two three']);
});

test('questions end with a question mark, names of days and "I" are written large', () => {
  assert.equal(written("what's it like on friday"), "What's it like on Friday?");
  assert.equal(written("i'm in Rome"), "I'm in Rome.");
  assert.equal(written('and in Rome'), 'And in Rome?');
});
