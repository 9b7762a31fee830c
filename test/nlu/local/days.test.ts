import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dateIn } from '../../../app/nlu/local/calendar.ts';
import { dayAt, resolveDay } from '../../../app/nlu/local/days.ts';
import { tokenise } from '../../../app/nlu/local/tokens.ts';
import type { Day } from '../../../app/nlu/spec.ts';
import { lexicon } from './support.ts';

const wednesday = dateIn('UTC', new Date('2026-03-11T10:00:00Z'));

function heard(text: string, today = wednesday): string | undefined {
  const words = tokenise(text).map((token) => token.word);
  for (let at = 0; at < words.length; at++) {
    const found = dayAt(words, at, lexicon);
    const day: Day | undefined = found && resolveDay(found.spec, today);
    if (day !== undefined) return written(day);
  }
  return undefined;
}

function written({ daysFromToday, days, part }: Day): string {
  return `${daysFromToday}${days === 1 ? '' : `x${days}`}${part === undefined ? '' : ` ${part}`}`;
}

const said: readonly (readonly [string, string])[] = [
  ['today', '0'],
  ['tonight', '0 night'],
  ['tomorrow', '1'],
  ["tomorrow's weather", '1'],
  ['tomorrow morning', '1 morning'],
  ['tomorrow in the afternoon', '1 afternoon'],
  ['the day after tomorrow', '2'],
  ['yesterday', '-1'],
  ['this evening', '0 evening'],
  ['in the morning', '0 morning'],
  ['on Wednesday', '0'],
  ['on Friday', '2'],
  ['this Friday', '2'],
  ['Friday night', '2 night'],
  ['on Tuesday', '6'],
  ['next Monday', '5'],
  ['next Friday', '9'],
  ['Friday next week', '9'],
  ['next week on Friday', '9'],
  ['last Monday', '-2'],
  ['this weekend', '3x2'],
  ['at the weekend', '3x2'],
  ['next weekend', '10x2'],
  ['this week', '0x5'],
  ['next week', '5x7'],
  ['in three days', '3'],
  ['in a week', '7'],
  ['in two weeks', '14'],
  ['two days from now', '2'],
  ['the next three days', '1x3'],
  ['the next few days', '1x3'],
  ['five day forecast', '0x5'],
  ['on the 25th', '14'],
  ['on the twenty fifth', '14'],
  ['on the first', '21'],
  ['the 10th', '30'],
  ['December first', '265'],
  ['December 25', '289'],
  ['the third of April', '23'],
  ['March 11th', '0'],
  ['March 10th', '364'],
  ['on the 30th of February', ''],
  ['Christmas Eve', '288'],
  ['Friday the 13th', '2'],
  ['February 29th', '720'],
];
for (const [text, expected] of said) {
  test(`on a Wednesday, "${text}" is ${expected === '' ? 'no date' : expected}`, () => {
    assert.equal(heard(text) ?? '', expected);
  });
}

for (const text of [
  'the first headline',
  'one second',
  'in March',
  'the one',
  'a week',
  'what may I say',
  'good morning',
]) {
  test(`"${text}" names no day`, () => {
    assert.equal(heard(text), undefined);
  });
}

test('on a Sunday, the weekend is what is left of it', () => {
  assert.equal(heard('this weekend', dateIn('UTC', new Date('2026-03-15T10:00:00Z'))), '0');
});

test('a weekday that was named is told, so that it holds in another calendar', () => {
  const spec = dayAt(['friday'], 0, lexicon)?.spec;
  assert.equal(spec && resolveDay(spec, wednesday)?.weekday, 5);
});
