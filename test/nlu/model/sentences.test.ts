import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SentenceCutter } from '../../../app/nlu/model/sentences.ts';

/** All sentences of a text that comes in pieces of so many characters. */
function cut(text: string, size: number): string[] {
  const cutter = new SentenceCutter();
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
  return [...pieces.flatMap((piece) => cutter.add(piece)), ...cutter.end()];
}

describe('what a model writes is spoken', () => {
  const table: readonly [string, string, readonly string[]][] = [
    ['one sentence', 'Hello there.', ['Hello there.']],
    ['several', 'Hello. How are you? Fine!', ['Hello.', 'How are you?', 'Fine!']],
    ['abbreviations', 'Dr. Smith is in at 5 p.m. today.', ['Dr. Smith is in at 5 p.m. today.']],
    ['bold and code', 'Say **help**, _please_, or `goodbye`.', ['Say help, please, or goodbye.']],
    ['bold over sentences', '**Hello. How are you?**', ['Hello.', 'How are you?']],
    [
      'a heading and a list',
      '# Services\n\n- Weather\n- News\n1. Time',
      ['Services', 'Weather', 'News', 'Time'],
    ],
    ['a link', 'Ask [the office](https://example.com/a_b) now.', ['Ask the office now.']],
    ['a bare address', 'See https://example.com/a?b=c. Then call.', ['See.', 'Then call.']],
    ['emoji', 'Sunny! ☀️😀 Really.', ['Sunny!', 'Really.']],
    ['tags', 'It is <b>warm</b>.<br>', ['It is warm.']],
    ['a fence', '```\nx = 1\n```\nDone.', ['x = 1', 'Done.']],
    ['nothing to hear', '---\n\n***\n🙂', []],
    ['words with underscores', 'The snake_case word.', ['The snake_case word.']],
    ['Spanish', '¿Qué tal? ¡Bien!', ['¿Qué tal?', '¡Bien!']],
  ];
  for (const [name, text, sentences] of table) {
    test(`${name}, in whatever pieces it comes`, () => {
      for (const size of [1, 3, 1_000]) assert.deepEqual(cut(text, size), sentences, `${size}`);
    });
  }
});

test('a sentence is given out as soon as the next one begins', () => {
  const cutter = new SentenceCutter();
  assert.deepEqual(cutter.add('Hello'), []);
  assert.deepEqual(cutter.add('.'), []);
  assert.deepEqual(cutter.add(' H'), ['Hello.']);
  assert.deepEqual(cutter.add('ow are you?\n'), ['How are you?']);
  assert.deepEqual(cutter.end(), []);
});
