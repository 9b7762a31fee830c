import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digitsToWords, wordsToDigits } from '../../../app/phone/ears/numbers.ts';

for (const [words, digits] of [
  ['twenty one degrees', '21 degrees'],
  ['seven twenty in the evening', '7 20 in the evening'],
  ['minus eight', 'minus 8'],
  ['one hundred and five', '105'],
  ['two thousand twenty six', '2026'],
  ['three thousand four hundred and fifty six', '3456'],
  ['six zero zero nine', '6 0 0 9'],
  ['nineteen eighty four', '19 84'],
  ['one moment please', '1 moment please'],
  ['no number at all', 'no number at all'],
  ['ten thousand', '10000'],
  ['', ''],
] as const) {
  test(`"${words}" in digits is "${digits}"`, () => {
    assert.equal(wordsToDigits(words), digits);
  });
}

for (const [digits, words] of [
  ['21 degrees', 'twenty one degrees'],
  ['7 20', 'seven twenty'],
  ['105', 'one hundred five'],
  ['2026', 'two thousand twenty six'],
  ['007', 'zero zero seven'],
  ['123456', 'one two three four five six'],
  ['40', 'forty'],
  ['300', 'three hundred'],
] as const) {
  test(`"${digits}" in words is "${words}"`, () => {
    assert.equal(digitsToWords(digits), words);
  });
}
