import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDirectory } from '../../../app/nlu/local/people.ts';
import { understand } from './support.ts';

async function called(text: string): Promise<string> {
  const { intent, fragment, slots } = await understand(text);
  assert.ok(intent === 'Call' || fragment, `${text} is ${intent}`);
  return slots.name ?? (slots.unknownName === undefined ? '' : `? ${slots.unknownName}`);
}

for (const [text, expected] of [
  ['Call Alice.', 'Alice'],
  ['could you put me through to alice please', 'Alice'],
  ["I'd like to talk to Maria", 'Maria Garcia'],
  ['Connect me to Mister Garcia', 'Maria Garcia'],
  ['get me the front desk', 'Front Desk'],
  ['call the front desk', 'Front Desk'],
  ['is Alice there', 'Alice'],
  ['give John a ring', 'John Smith'],
  ['um call uh Alice', 'Alice'],
] as const) {
  test(`"${text}" asks for ${expected}`, async () => {
    assert.equal(await called(text), expected);
  });
}

for (const [text, expected] of [
  ['Call Ellis.', 'Alice'],
  ['call catherine', 'Katherine'],
  ['call kathryn please', 'Katherine'],
  ['Call Jon Smyth.', 'John Smith'],
] as const) {
  test(`a name that sounds alike, "${text}", is ${expected}`, async () => {
    assert.equal(await called(text), expected);
  });
}

for (const [text, expected] of [
  ['Call Bob.', '? Bob'],
  ['could you call Susan please', '? Susan'],
  ['phone Peter Parker', '? Peter Parker'],
  ['call John Miller', '? John Miller'],
  ['call the pharmacy', '? pharmacy'],
  ['Put me through to Mr. Henderson please', '? Mr. Henderson'],
] as const) {
  test(`nobody of that name is in the directory: "${text}"`, async () => {
    assert.equal(await called(text), expected);
  });
}

for (const text of ['I want to make a phone call', 'connect me', 'call somebody', 'place a call for me']) {
  test(`"${text}" names nobody`, async () => {
    assert.equal(await called(text), '');
  });
}

test('a first name that two people share is nobody’s', () => {
  const directory = createDirectory(['John Smith', 'John Miller']);
  assert.equal(directory.at(['john'], 0), undefined);
  assert.equal(directory.at(['john', 'miller'], 0)?.name, 'John Miller');
  assert.equal(directory.at(['miller'], 0)?.name, 'John Miller');
});

test('names of different beginnings are never taken for each other', () => {
  const directory = createDirectory(['Rob', 'Dave']);
  assert.equal(directory.alike(['bob']), undefined);
  assert.equal(directory.alike(['mave']), undefined);
});

test('with an empty directory everybody is unknown', () => {
  assert.equal(createDirectory([]).alike(['alice']), undefined);
});
