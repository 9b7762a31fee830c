import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  confidenceOf,
  saysNothing,
  takesPhraseOverText,
  type Candidate,
} from '../../../app/speech/local/moonshine/choose.ts';

function free(text: string, logProbability: number, tokens: number): Candidate {
  return { text, phrase: -1, logProbability, tokens: Array.from({ length: tokens }, () => 0) };
}

function phrase(text: string, logProbability: number, tokens: number): Candidate {
  return { ...free(text, logProbability, tokens), phrase: 1 };
}

/** Measured: what was heard freely, the likeliest phrase, and whether that is what was said. */
const table: readonly (readonly [heard: Candidate, phrase: Candidate, isPhrase: boolean])[] = [
  [free('What the weather in London?', -1.1, 6), phrase("what's the weather in London", -2.5, 8), true],
  [free('Whether in terror.', -2.2, 4), phrase('weather in Paris', -7.1, 5), true],
  [free('One, ten.', -3.2, 4), phrase('London', -2.0, 2), true],
  [free('Turn on to.', -3.3, 4), phrase('Toronto', -3.9, 2), true],
  [free('My bread.', -1.7, 3), phrase('Madrid', -4.5, 2), true],
  [free('Whatsoever.', -1.1, 4), phrase("what's the weather", -2.8, 6), true],
  [free('Bread me the news.', -1.6, 6), phrase('read me the news', -4.6, 5), true],
  [free('Good-by.', -1.5, 4), phrase('goodbye', -4.1, 3), true],
  [free('Whether,', -0.8, 2), phrase('weather', -5.1, 3), true],
  [free('Call 6003.', -2.0, 5), phrase('call six zero zero two', -6.5, 6), true],
  [free('November.', -0.3, 2), phrase('no', -3.2, 2), false],
  [free('Number.', -0.4, 2), phrase('no', -6.0, 2), false],
  [free('July.', -0.6, 3), phrase('goodbye', -6.8, 3), false],
  [free('How long old is the president?', -2.3, 7), phrase('how many', -10.8, 3), false],
  [free('Green line, metaphyamuilp.', -11.5, 11), phrase('Birmingham', -14.6, 3), false],
  [free('What time is it in the yellow cat?', -8.2, 16), phrase('what time is it', -9.6, 5), false],
  [free('Will it rain in Dublin on Friday?', -1.2, 8), phrase('will it rain in Dublin', -9.3, 6), false],
  [free('No.', -2, 2), phrase('no thank you very much', -4, 6), false],
];

for (const [heard, candidate, isPhrase] of table) {
  test(`“${heard.text}” ${isPhrase ? 'was' : 'was not'} “${candidate.text}”`, () => {
    assert.equal(takesPhraseOverText(heard, candidate), isPhrase);
  });
}

test('where the end is the likeliest beginning, probably nothing was said', () => {
  assert.ok(saysNothing(-0.1) && !saysNothing(-1));
});

test('confidence lies between 0 and 1, and grows with what the model thinks of itself', () => {
  for (const candidate of [free, phrase]) {
    const confidences = [-40, -8, -2, -0.5, 0].map((sure) => confidenceOf(candidate('some words', sure, 5)));
    assert.deepEqual(
      confidences,
      confidences.toSorted((a, b) => a - b),
    );
    assert.ok(confidences.every((one) => one >= 0 && one <= 1));
  }
});
