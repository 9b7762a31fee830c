import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeText } from '../../../app/speech/local/moonshine/tokens.ts';
import { compilePhrases } from '../../../app/speech/local/phrases/compile.ts';
import { buildSpellingIndex, findSpelling, squash } from '../../../app/speech/local/phrases/spelling.ts';
import { PhraseStore } from '../../../app/speech/local/phrases/store.ts';
import { TrieBuilder, type Trie } from '../../../app/speech/local/phrases/trie.ts';
import { commands } from './commands.ts';

function childrenOf(trie: Trie, node: number): number[] {
  const [from = 0, to = from] = trie.firstChild.subarray(node, node + 2);
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** The phrase that a sequence of tokens ends in, -1 for none. */
function follow(trie: Trie, sequence: readonly number[]): number {
  let node: number | undefined = 0;
  for (const token of sequence) {
    node = childrenOf(trie, node).find((child) => trie.token[child] === token);
    if (node === undefined) return -1;
  }
  return trie.phrase[node] ?? -1;
}

test('a trie knows its sequences, their beginnings alone not, and nothing else', () => {
  const builder = new TrieBuilder();
  builder.add([1, 2, 3], 0);
  builder.add([1, 2], 1);
  builder.add([7], 2);
  builder.add([1, 2], 3);
  builder.add([], 4);
  const trie = builder.build();
  assert.deepEqual(
    [[1, 2, 3], [1, 2], [7], [1], [2], [], [1, 2, 3, 4]].map((sequence) => follow(trie, sequence)),
    [0, 1, 2, -1, -1, -1, -1],
  );
  assert.equal(trie.token.length, 5);
});

test('phrases are found however the recogniser ends and capitalises them', () => {
  const { trie } = compilePhrases(commands);
  for (const written of ['Goodbye', 'Goodbye.', 'Goodbye!', "What's the weather in New York?", 'Stop.']) {
    const phrase = commands[follow(trie, encodeText(written))] ?? '';
    assert.equal(phrase.toLowerCase(), written.toLowerCase().replace(/[.?!]$/, ''));
  }
  for (const unknown of ['Good', "What's the weather in", 'Stop it.'])
    assert.equal(follow(trie, encodeText(unknown)), -1);
});

test('tokens made word by word are those of the whole phrase', () => {
  const { trie } = compilePhrases(commands);
  commands.forEach((command, index) => {
    const whole = encodeText(`${command.charAt(0).toUpperCase()}${command.slice(1)}?`);
    assert.equal(follow(trie, whole), index, command);
  });
});

test('spelling, punctuation, digits and where words are parted make no difference', () => {
  const phrases = ['goodbye', 'give me three headlines', 'call six zero zero two', 'São Paulo', "what's up"];
  const index = buildSpellingIndex(phrases);
  for (const [written, phrase] of [
    ['Good-bye.', 'goodbye'],
    ['Give me 3 head lines', 'give me three headlines'],
    ['Call 6 0 0 2.', 'call six zero zero two'],
    ['sao paulo!', 'São Paulo'],
    ['Whats up?', "what's up"],
    ['good', undefined],
    ['call 6003', undefined],
    ['...', undefined],
    ['', undefined],
  ] as const)
    assert.equal(phrases[findSpelling(index, written)], phrase, written);
  assert.equal(squash("It's 5 p.m."), 'itsfivepm');
});

test('of thousands of phrases each is found as itself', () => {
  const phrases = Array.from({ length: 5_000 }, (_, i) => `phrase ${i}`);
  const index = buildSpellingIndex(phrases);
  phrases.forEach((phrase, i) => assert.equal(findSpelling(index, phrase), i));
});

test('no phrases, empty phrases and phrases of stops are no phrases', () => {
  const { trie, spellings } = compilePhrases(['', '  ', '...', '?!']);
  assert.deepEqual(childrenOf(trie, 0), []);
  assert.equal(findSpelling(spellings, ''), -1);
});

test('a set is compiled once, however many ask for it', async (t) => {
  const store = new PhraseStore('local');
  t.after(() => store.close());
  const set = { id: 'all', phrases: commands };
  const [one, other] = await Promise.all([store.get(set), store.get(set)]);
  assert.equal(one, other);
  assert.equal(await store.get(set), one);
  assert.notEqual(await store.get({ id: 'few', phrases: ['yes'] }), one);
  assert.ok(one.trie.token.buffer instanceof SharedArrayBuffer);
});
