import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepare } from '../../../app/nlu/local/prepare.ts';
import { tokenise } from '../../../app/nlu/local/tokens.ts';
import { lexicon } from './support.ts';

function words(text: string): string {
  return tokenise(text)
    .map((token) => token.word)
    .join(' ');
}

for (const [text, expected] of [
  ["What's the weather?", 'what is the weather'],
  ["I don't know, can't you?", 'i do not know can not you'],
  ['Washington, D.C. or U.S.', 'washington dc or us'],
  ['on the 25th, at 6002', 'on the 25th at 6002'],
  ['São Paulo, Zürich', 'sao paulo zurich'],
  ['What’s it like at eight o’clock?', 'what is it like at eight oclock'],
  ['555-123-4567', '555 123 4567'],
  ['', ''],
] as const) {
  test(`"${text}" has the words "${expected}"`, () => {
    assert.equal(words(text), expected);
  });
}

test('each word knows where it stands in the text', () => {
  const text = "Um, what's the weather in São Paulo?";
  for (const { start, end, word } of tokenise(text)) {
    if (word !== 'is')
      assert.ok(text.slice(start, end).toLowerCase().normalize('NFKD').startsWith(word.slice(0, 2)));
  }
});

test('fillers, a polite beginning and known slips are gone before anything is looked at', () => {
  const left = (text: string): string =>
    prepare(text, lexicon)
      .map((token) => token.word)
      .join(' ');
  assert.equal(
    left('uh hello could you please um tell me the wether to morrow'),
    'tell me the weather tomorrow',
  );
  assert.equal(left('hello'), 'hello');
  assert.equal(left('um'), '');
});
