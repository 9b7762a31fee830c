import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '../../../app/errors.ts';
import { expectation, listPhrases, respell } from '../../../app/phone/ears/expectation.ts';

for (const [pattern, text] of [
  ['Tokyo', "It's seven twenty in tokyo."],
  ['21 degrees', 'Around twenty-one degrees.'],
  ['twenty one', 'Around 21 degrees.'],
  ['twenty-one', 'Around twenty one degrees'],
  ['bye', 'Good-by and thanks for calling.'],
  ['goodbye', 'Good-bye'],
  ['7:20', "It's seven twenty."],
  ['tomorrow', 'To-morrow, expect rain.'],
  ['6009', 'extension 6 0 0 9'],
  ['6009', 'extension six zero zero nine'],
  ['60 percent', 'The chance of rain is sixty per cent.'],
  ['kilometers', 'forty-five kilometres an hour'],
  ["can't (hear|find)", "I can't hear anything"],
  ['london.*rain', 'In London tomorrow, expect rain.'],
  ['^hello', 'Hello, this is Parley.'],
  ['\\d+ degrees', "It's eighteen degrees"],
  ['headlines', 'Here are the head-lines.'],
] as const) {
  test(`/${pattern}/ fits "${text}"`, () => {
    assert.ok(expectation(pattern).matches(text));
  });
}

for (const [pattern, text] of [
  ['Tokyo', 'In Oslo it is seven.'],
  ['30', 'thirty three degrees'],
  ['16', 'sixty percent'],
  ['rome', 'From the Guardian'],
  ['6009', 'extension 6 0 0 5'],
  ['bye', ''],
] as const) {
  test(`/${pattern}/ does not fit "${text}"`, () => {
    assert.ok(!expectation(pattern).matches(text));
  });
}

test('a pattern that is no regular expression is refused before any call', () => {
  assert.throws(
    () => expectation('(unclosed'),
    (error) => hasCode(error, 'phone-usage'),
  );
});

for (const [pattern, phrases] of [
  ['Tokyo', ['tokyo']],
  ['(seven|7)( degrees)?', ['seven', 'seven degrees', '7', '7 degrees']],
  ['\\bcape\\s+town\\b', ['cape town']],
  ['gr[ae]y', ['gray', 'grey']],
  ['colou?r', ['color', 'colour']],
  ['a|b|c', ['a', 'b', 'c']],
  ['(?:good)?bye', ['bye', 'goodbye']],
  ["what's up\\?", ["what's up"]],
] as const) {
  test(`/${pattern}/ stands for ${phrases.join(', ')}`, () => {
    assert.deepEqual(listPhrases(pattern).toSorted(), [...phrases].toSorted());
  });
}

for (const pattern of [
  'london.*rain',
  '^hello',
  '\\d+',
  '[a-z]',
  'a*',
  'x{2}',
  '(?=a)b',
  'a?',
  '(a|b|c|d|e|f|g)(a|b|c|d|e|f|g)',
]) {
  test(`/${pattern}/ stands for too much to be listed`, () => {
    assert.deepEqual(listPhrases(pattern), []);
  });
}

test('old spellings become the usual ones', () => {
  assert.equal(respell('Good-bye to-morrow, sixty per cent'), 'Goodbye tomorrow, sixty percent');
});
