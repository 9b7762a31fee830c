import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitSentences } from '../../../app/speech/text/sentences.ts';

/** Sentences, joined by a space to the text that is to be split. */
const table: readonly (readonly string[])[] = [
  ['Hello.', 'How are you?', 'Fine!'],
  ['One sentence without a stop'],
  ['Dr. Smith lives on Elm St. in Boston.', 'He is well.'],
  ['It is 3.5 degrees.', 'It will be 4.'],
  ['The U.S. economy grew.', 'The U.K. did not.'],
  ['She moved to the U.S.', 'The weather is better there.'],
  ['Mr. and Mrs. Jones vs. the state.', 'Next case.'],
  ['Bring apples, pears, etc.', 'Then leave.'],
  ['Bring fruit, e.g. apples or pears.', 'Bring none.'],
  ['J. R. Smith wrote it.', 'It sold well.'],
  ['It opens at 9 a.m. and closes at 5 p.m.', 'Come early.'],
  ['It is 2:05 p.m. in Tokyo.'],
  ['On Nov. 22 it rains.', 'On Dec. 1 it snows.'],
  ['He asked, “Why?”', 'Nobody knew.'],
  ['(It rained.)', 'We stayed in.'],
  ['What?!', 'No…', 'Yes.'],
  ['See open-meteo.com for more.', 'Thanks.'],
  ['Acme Inc. said no.', 'It was bought by Acme Corp.', 'Shares fell.'],
  ['I met Mr. T.', 'He laughed.'],
  ['So did I.', 'We agreed.'],
  ['Version 2.10.3 is out.', 'Update now.'],
  ['No. 5 is alive.'],
  ['The answer is no.', 'Sorry.'],
  ['Turn right on Main St.', 'The house is blue.'],
  ['Temperatures reach 20 °C.', 'Winds are light.'],
  ['"It is late." ', 'He left.'].map((sentence) => sentence.trim()),
];

for (const sentences of table) {
  test(`“${sentences.join(' ')}” is ${sentences.length === 1 ? 'one sentence' : `${sentences.length} sentences`}`, () => {
    assert.deepEqual(splitSentences(sentences.join(' ')), sentences);
  });
}

test('an empty line ends a sentence, a line break alone does not', () => {
  assert.deepEqual(splitSentences('Headlines\n\nIt rained\nall day.\n'), ['Headlines', 'It rained all day.']);
});

test('nothing has no sentences', () => {
  for (const text of ['', '  ', '\n\n']) assert.deepEqual(splitSentences(text), []);
});
