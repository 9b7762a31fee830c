import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { hasCode } from '../../app/errors.ts';
import { answerTable } from '../../app/skills/answer-table.ts';
import { createAnswers, loadAnswers } from '../../app/skills/answers.ts';
import { answers } from './support.ts';

const file = fileURLToPath(new URL('../../app/bot/en/answers.yaml', import.meta.url));
const content = parse(await readFile(file, 'utf8')) as Record<string, string | string[]>;

test('the same turn gives the same words, the next turn other ones', () => {
  assert.equal(answers.say('ask-city', 0), 'For which city?');
  assert.equal(answers.say('ask-city', 0), 'For which city?');
  assert.equal(answers.say('ask-city', 1), 'Which city, please?');
  assert.equal(answers.say('ask-city', 2), 'For which city?');
  assert.equal(answers.say('ask-city', -1), 'Which city, please?');
});

test('a sentence opens with a capital, a word inside one does not', () => {
  const values = { place: 'Oslo', when: 'tomorrow', sky: 'fog', range: 'around 3 degrees' };
  assert.equal(answers.say('weather-day', 0, values), 'Tomorrow in Oslo, expect fog, around 3 degrees.');
  assert.equal(answers.word('when-tomorrow'), 'tomorrow');
  assert.equal(answers.list(['Alice', 'Bob'], 'or'), 'Alice or Bob');
  assert.equal(answers.list(['Monday', 'Friday'], 'and'), 'Monday and Friday');
});

test('what is filled in may hold anything', () => {
  assert.equal(
    answers.say('news-item', 0, { source: '$&', headline: 'A {source} of $1' }),
    'From $&: A {source} of $1',
  );
});

test('a value that ends in a full stop does not make two', () => {
  assert.equal(
    answers.say('time-in', 0, { time: '2:05 PM', place: 'Washington, D.C.' }),
    "It's 2:05 PM in Washington, D.C.",
  );
  assert.equal(answers.say('news-item', 0, { source: 'X', headline: 'And then...' }), 'From X: And then...');
});

for (const { wrong, change, says } of [
  {
    wrong: 'a missing key',
    change: { 'ask-city': undefined },
    says: /ask-city: give a sentence or a list/,
  },
  { wrong: 'a key that nobody says', change: { 'ask-citty': 'Which?' }, says: /ask-citty/ },
  { wrong: 'an empty sentence', change: { 'ask-city': ' ' }, says: /ask-city: Too small/ },
  { wrong: 'an empty list', change: { 'ask-city': [] }, says: /ask-city: Too small/ },
  { wrong: 'a number', change: { 'ask-city': 5 }, says: /ask-city: give a sentence/ },
  {
    wrong: 'a variant without its placeholder',
    change: { 'time-here': ["It's {time}.", "It's late."] },
    says: /time-here: \{time\} is missing \("It's late\."\)/,
  },
  {
    wrong: 'a placeholder that nobody fills',
    change: { 'time-here': "It's {time} in {town}." },
    says: /time-here: there is no \{town\} to fill in/,
  },
  {
    wrong: 'an open brace',
    change: { stopped: 'Okay {.' },
    says: /stopped: a brace is left open/,
  },
]) {
  test(`${wrong} in the answers is refused at start-up by file and key`, () => {
    const whole: Record<string, unknown> = { ...content, ...change };
    const changed = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
    assert.throws(
      () => createAnswers(changed, 'answers.yaml', 'en-US'),
      (error) =>
        hasCode(error, 'bot-content-invalid') &&
        says.test(error.message) &&
        error.message.includes('answers.yaml'),
    );
  });
}

test('a file of answers that is not there or not YAML is refused by its name', async () => {
  for (const path of ['/nowhere/answers.yaml', fileURLToPath(import.meta.url)]) {
    await assert.rejects(
      loadAnswers(path),
      (error) => hasCode(error, 'bot-content-invalid') && error.message.includes(path),
    );
  }
});

test('every answer in the table is said somewhere', async () => {
  const root = fileURLToPath(new URL('../../app/', import.meta.url));
  let source = '';
  for await (const path of glob('**/*.ts', { cwd: root })) {
    if (!path.endsWith('answer-table.ts')) source += await readFile(`${root}${path}`, 'utf8');
  }
  // `call-${outcome}` says all that begin so.
  const families = [...source.matchAll(/`([a-z]+-)\$\{/g)].map(([, prefix = '']) => prefix);
  const unused = Object.keys(answerTable).filter(
    (key) => !source.includes(`'${key}'`) && !families.some((prefix) => key.startsWith(prefix)),
  );
  assert.deepEqual(unused, []);
});

test('every sentence is written for the ear: short, no brackets, no abbreviations', () => {
  for (const [key, value] of Object.entries(content)) {
    for (const sentence of [value].flat()) {
      assert.ok(sentence.split(' ').length <= 24, `${key} is long: ${sentence}`);
      assert.doesNotMatch(sentence, /[()[\]<>*_#]|\b(?:e\.g|i\.e|etc|approx|km\/h|mph)\b/, key);
    }
  }
});

test('whatever goodbye is said, it says bye', () => {
  for (let seed = 0; seed < 6; seed++) assert.match(answers.say('goodbye', seed), /bye/i);
});
