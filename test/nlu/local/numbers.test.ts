import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numeralAt, type Slips } from '../../../app/nlu/local/numbers.ts';
import { lexicon } from './support.ts';

function heard(text: string, slips?: Slips): { digits: string; value: number | undefined; rest: string } {
  const words = text.split(' ');
  const found = numeralAt(words, 0, lexicon, slips);
  return {
    digits: found?.digits ?? '',
    value: found?.value,
    rest: words.slice(found?.length ?? 0).join(' '),
  };
}

const dialled: readonly (readonly [string, string])[] = [
  ['six zero zero two', '6002'],
  ['sixty oh two', '6002'],
  ['sixty zero two', '6002'],
  ['six double zero two', '6002'],
  ['six oh oh two', '6002'],
  ['6002', '6002'],
  ['6 0 0 2', '6002'],
  ['60 02', '6002'],
  ['six thousand two', '6002'],
  ['six thousand and two', '6002'],
  ['six hundred', '600'],
  ['one oh one', '101'],
  ['triple five one two', '55512'],
  ['twenty one', '21'],
  ['555 123 4567', '5551234567'],
];
for (const [text, digits] of dialled) {
  test(`"${text}" is dialled as ${digits}`, () => {
    assert.deepEqual([heard(text).digits, heard(text).rest], [digits, '']);
  });
}

test('a quantity has a value, a row of digits has none', () => {
  assert.equal(heard('three').value, 3);
  assert.equal(heard('twenty five').value, 25);
  assert.equal(heard('one hundred and five').value, 105);
  assert.equal(heard('six zero zero two').value, undefined);
});

test('"to" is a two inside a number that is dialled, and nowhere else', () => {
  assert.equal(heard('six zero zero to', 'inside').digits, '6002');
  assert.equal(heard('six to one four', 'inside').digits, '6214');
  assert.equal(heard('five to nine').rest, 'to nine');
  assert.equal(heard('to six zero', 'inside').digits, '');
});

test('"to" alone is a two when a number was asked for', () => {
  assert.deepEqual(heard('to', 'anywhere'), { digits: '2', value: 2, rest: '' });
});

test('"oh" alone is no zero', () => {
  assert.equal(heard('oh well').digits, '');
});
