/** A bot of one's own: its folder, its intents and its entities. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { builtInContent } from '../../../app/nlu/content.ts';
import { ownBotFor } from '../../../app/nlu/own/bot.ts';
import { loadOwnBot } from '../../../app/nlu/own/load.ts';
import { overlay } from '../../../app/nlu/own/overlay.ts';
import { labelled, parseSample, sampleFrom, templateOf, writeSample } from '../../../app/nlu/own/sample.ts';
import { phraseSets } from '../../../app/nlu/phrases.ts';
import { createUnderstander } from '../../../app/nlu/registry.ts';
import type { Understanding, UnderstandOptions } from '../../../app/nlu/spec.ts';

const root = mkdtempSync(join(tmpdir(), 'parley-own-'));
after(() => rmSync(root, { recursive: true }));

function folderWith(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

const pizzeria = folderWith('pizzeria', {
  'bot.yaml': 'without: [GetNews]\nphrases: [quattro formaggi]\n',
  'entities.yaml': `
size: { list: { small: [little], medium: [regular], large: [big, family size] } }
topping: { list: { ham: , mushrooms: [mushroom], pepperoni: , pineapple: , extra cheese: [double cheese] } }
orderNumber: { regex: '[A-Z]{2}\\d{4}' }
payee: { learned: [] }
origin: { is: city }
destination: { is: city }
pizza: { parts: [size, topping] }
`,
  'intents/order.yaml': `
intent: OrderPizza
samples:
  - I'd like a {size} pizza with {topping}
  - 'can I get a {size: large} {topping: ham} pizza'
  - a {topping} pizza
  - order a pizza
needs: { size: 'What size would you like?', topping: 'What would you like on it?' }
say: A {size} pizza with {topping} is on its way.
`,
  'intents/track.yaml': `
intent: TrackOrder
samples:
  - where is my order {orderNumber}
  - track order number {orderNumber}
  - what happened to order {orderNumber}
needs: { orderNumber: What is its number? }
say: Order {orderNumber} is in the oven.
`,
  'intents/pay.yaml': `
intent: Transfer
samples:
  - 'transfer {count: fifty} dollars to {payee: my mother}'
  - 'send {count: twenty} euros to {payee: the landlord}'
  - 'pay {payee: John Miller} {count: thirty} dollars'
  - 'I want to send money to {payee: aunt Mary} {day: tomorrow}'
  - transfer money to {payee}
needs: { payee: Who should get it? }
say: Sent to {payee}.
`,
  'intents/train.yaml': `
intent: BookTrain
samples:
  - 'a ticket from {origin: Paris} to {destination: Berlin}'
  - book a train to {destination} {day}
  - I want to go from {origin} to {destination}
needs: { destination: 'Where to?', origin: 'From where?' }
say: From {origin} to {destination}.
`,
});

const own = loadOwnBot(pizzeria);
const understander = createUnderstander('local', { directory: { Alice: '6002' }, timeZone: 'UTC', own });
after(() => understander.close());

function understand(text: string, expecting?: UnderstandOptions['expecting']): Promise<Understanding> {
  const { signal } = new AbortController();
  const now = new Date('2026-03-11T10:00:00Z');
  return understander.understand(text, { language: 'en-US', signal, now, ...(expecting && { expecting }) });
}

const heard: [string, string, Understanding['slots']][] = [
  [
    'I would like a big pizza with mushrooms',
    'OrderPizza',
    { '@size': 'large', '@topping': 'mushrooms', '@pizza': 'big pizza with mushrooms' },
  ],
  // A list is known by its sound, too.
  [
    'a large pepperony pizza',
    'OrderPizza',
    { '@size': 'large', '@topping': 'pepperoni', '@pizza': 'large pepperony' },
  ],
  // A pattern is known however it is read out.
  ['track order number a b one two three four', 'TrackOrder', { '@orderNumber': 'AB1234' }],
  ['track order number AB1234', 'TrackOrder', { '@orderNumber': 'AB1234' }],
  // What is no list is known by the words around it.
  ['pay Alice twenty dollars', 'Transfer', { '@payee': 'Alice', count: 20 }],
  // Roles are told apart by the words around them.
  ['a train ticket from London to Paris', 'BookTrain', { '@origin': 'London', '@destination': 'Paris' }],
  ['call Alice', 'Call', { name: 'Alice' }],
];
for (const [text, intent, slots] of heard) {
  test(`“${text}” is ${intent}`, async () => {
    const got = await understand(text);
    assert.equal(got.intent, intent);
    assert.deepEqual(got.slots, slots);
  });
}

test('every mention is told, not the first alone', async () => {
  const { entities } = await understand('a big pizza with mushrooms and extra cheese');
  assert.deepEqual(
    entities?.['topping']?.map(({ value }) => value),
    ['mushrooms', 'extra cheese'],
  );
  assert.deepEqual(entities?.['size'], [{ value: 'large', text: 'big', start: 2, end: 5 }]);
});

test('to a question, a bare value is an answer', async () => {
  const cases: [string, UnderstandOptions['expecting'], string][] = [
    ['a big one please', '@size', 'large'],
    ['petty roni', '@topping', 'pepperoni'],
    ['my grandmother', '@payee', 'my grandmother'],
    ['Berlin', '@destination', 'Berlin'],
    ['it is a b 1 2 3 4', '@orderNumber', 'AB1234'],
  ];
  for (const [text, expecting, value] of cases) {
    const got = await understand(text, expecting);
    assert.ok(got.fragment, text);
    assert.equal(expecting?.startsWith('@') && got.slots[expecting as '@size'], value, text);
  }
});

test('what the bot does not have is not understood', async () => {
  assert.ok(!(await understand("what's the news")).ranking.some(({ intent }) => intent === 'GetNews'));
  assert.equal((await understand("what's the weather in Seattle")).slots.city?.name, 'Seattle');
});

test('the recogniser is told the samples and the values', () => {
  const content = overlay(builtInContent(), own);
  const sets = phraseSets({ language: 'en-US', content, directory: {} });
  for (const phrase of ['Can I get a large ham pizza?', 'Quattro formaggi.', 'Family size.'])
    assert.ok(sets.general.phrases.includes(phrase), phrase);
  assert.ok(sets['@size']?.phrases.includes('Big please.'));
});

test('a sample is read and written, nested values too', () => {
  const source = 'two {pizza: {size: large} {topping: ham} ones} for {count}';
  const sample = parseSample(source);
  assert.equal(writeSample(sample), source);
  assert.equal(
    templateOf(sample, (name) => name !== 'pizza'),
    'two {size} {topping} ones for {count}',
  );
  assert.equal(labelled(sample), undefined);
  const whole = labelled(parseSample('a {size: large} one'));
  assert.deepEqual(whole, { text: 'a large one', labels: [{ entity: 'size', start: 2, end: 7 }] });
  assert.equal(writeSample(sampleFrom(whole.text, whole.labels).sample), 'a {size: large} one');
  for (const wrong of ['a {size', 'a size}', 'a {} b', '{two words}'])
    assert.throws(() => parseSample(wrong), Error, wrong);
});

test('a folder may hold a bot for each language', () => {
  const both = folderWith('both', {
    'en/entities.yaml': 'drink: { list: { tea: } }',
    'es/entities.yaml': 'bebida: { list: { té: } }',
  });
  assert.deepEqual(ownBotFor(both, 'es-ES')?.entities[0]?.name, 'bebida');
  assert.deepEqual(ownBotFor(both, 'en-GB')?.entities[0]?.name, 'drink');
  assert.equal(ownBotFor(pizzeria, 'es-ES'), undefined);
  assert.equal(ownBotFor(undefined, 'en-US'), undefined);
});

test('what is wrong in a folder is told with its place', () => {
  let count = 0;
  const refused = (files: Readonly<Record<string, string>>, reason: RegExp) => {
    const folder = folderWith(`wrong-${count++}`, files);
    assert.throws(
      () => overlay(builtInContent(), loadOwnBot(folder)),
      (error) => hasCode(error, 'bot-content-invalid') && reason.test(error.message),
      String(reason),
    );
  };
  refused({ 'entities.yaml': 'city: { list: { a: } }' }, /city: Parley has an entity/);
  refused({ 'entities.yaml': 'a: { is: b }' }, /no other entity b/);
  refused({ 'entities.yaml': "a: { regex: '[' }" }, /no regular expression/);
  refused({ 'bot.yaml': 'without: [Dance]' }, /Dance is none of/);
  refused(
    { 'intents/a.yaml': 'intent: A\nsamples:\n  - a {b}\nsay: yes indeed' },
    /samples\[0\]: there is no entity b/,
  );
  refused({ 'intents/a.yaml': 'intent: A\nsamples: [a]' }, /needs an answer/);
  refused({ 'intents/a.yaml': 'intent: A\nsay: indeed' }, /samples: there are none/);
  refused(
    { 'intents/a.yaml': 'intent: A\nsamples: [a]\nsay: x\nwebhook: http://127.0.0.1/' },
    /say or webhook/,
  );
  refused({ 'intents/a.yaml': "intent: A\nsamples: [a]\nsay: 'in {city}'" }, /when city was not named/);
  assert.throws(() => loadOwnBot(join(root, 'nowhere')), { code: 'bot-content-invalid' });
});
