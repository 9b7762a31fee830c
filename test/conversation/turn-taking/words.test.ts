import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isBackChannel } from '../../../app/conversation/turn-taking/back-channel.ts';
import { isComplete, textOf } from '../../../app/conversation/turn-taking/keys.ts';
import { loadTurnWords } from '../../../app/conversation/turn-taking/words.ts';

const words = await loadTurnWords();

test('what only means "I am listening" is told apart from what means something', () => {
  for (const text of ['Mm-hmm.', 'Okay.', 'uh huh', 'Right,', 'I see.'])
    assert.equal(isBackChannel(text, false, words), true, text);
  for (const text of ['Stop.', 'Help!', 'okay stop', 'no', ''])
    assert.equal(isBackChannel(text, false, words), false, text);
});

test('an "okay" to a question is an answer', () => {
  assert.equal(isBackChannel('Okay.', true, words), false);
});

test('keys', async (t) => {
  const table = [
    ['1', undefined, true, "what's the weather"],
    ['0', undefined, true, 'help'],
    ['6', undefined, false, 'call 6'],
    ['6001', undefined, false, 'call 6001'],
    ['6001#', undefined, true, 'call 6001'],
    ['#', undefined, true, undefined],
    ['1', 'confirmation', true, 'yes'],
    ['2', 'confirmation', true, 'no'],
    ['1', 'extension', false, '1'],
    ['6002#', 'extension', true, '6002'],
    ['3', 'count', false, '3'],
  ] as const;
  for (const [keys, expecting, complete, text] of table) {
    await t.test(`${keys}, asked for ${expecting ?? 'nothing'}: ${text ?? 'nothing'}`, () => {
      assert.equal(isComplete(keys, expecting, words), complete);
      assert.equal(textOf(keys, expecting, words), text);
    });
  }
});

test('content that is wrong is named with its file', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'turn-taking.yaml');
  await writeFile(file, 'backChannels: [mhm]\nkeys: { x: help }\n');
  await assert.rejects(loadTurnWords(file), { code: 'bot-content-invalid', message: /turn-taking\.yaml/ });
});
