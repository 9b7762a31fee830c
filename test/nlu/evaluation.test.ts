import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { builtInContent } from '../../app/nlu/content.ts';
import { evaluate, readUtterances } from '../../app/nlu/evaluation.ts';
import { evaluationDirectory, evaluationMoment, isKnown, shortfalls } from '../../app/nlu/evaluation-set.ts';
import { createUnderstander } from '../../app/nlu/registry.ts';
import type { Understander } from '../../app/nlu/spec.ts';

const utterances = readUtterances(readFileSync(new URL('./utterances.tsv', import.meta.url), 'utf8'));
const options = { now: evaluationMoment, signal: new AbortController().signal };

test('utterances that the bot was not trained on are understood as well as promised', async () => {
  const understander = createUnderstander('local', { directory: evaluationDirectory, timeZone: 'UTC' });
  const result = await evaluate(understander, utterances, options);
  assert.deepEqual(shortfalls(result), []);
  assert.ok(
    result.falseAcceptance <= 0.1,
    `${result.falseAcceptance} of the out-of-scope talk was acted upon`,
  );
  assert.ok(result.calibrationError <= 0.05, `confidence is off by ${result.calibrationError}`);
});

test('the evaluation set is large, a quarter of it is out of scope, and it is not copied from the samples', () => {
  assert.ok(utterances.length >= 350);
  const outOfScope = utterances.filter(({ intent }) => intent === 'None').length;
  assert.ok(outOfScope / utterances.length > 0.2);
  // "Help." and "Goodbye." cannot be said in other words.
  const known = utterances.filter((utterance) => isKnown(utterance, builtInContent()));
  assert.ok(known.length / utterances.length < 0.1, known.map(({ text }) => text).join(' | '));
});

test('an understander that knows nothing falls short, and the figures say how', async () => {
  const ignorant: Understander = {
    name: 'ignorant',
    can: { languages: ['en-US'] },
    understand: (text) =>
      Promise.resolve({
        text,
        intent: 'None',
        confidence: 0.9,
        slots: {},
        mentions: [],
        ranking: [],
        fragment: false,
      }),
    close: () => Promise.resolve(),
  };
  const few = readUtterances(
    [
      'tell me a joke\tNone',
      'call Alice\tCall\tname=Alice',
      '# a comment',
      '',
      'Rome\t(fragment)\tcity=Rome\tcity',
    ].join('\n'),
  );
  const result = await evaluate(ignorant, few, options);
  assert.equal(result.utterances, 3);
  assert.equal(result.intentAccuracy, 1 / 3);
  assert.equal(result.entities.missed, 2);
  assert.equal(result.entities.f1, 0);
  assert.ok(Math.abs(result.calibrationError - (0.9 - 1 / 3)) < 1e-9);
  assert.deepEqual(
    result.confusions.map(({ intent, got }) => `${intent}>${got}`),
    ['Call>None', '(fragment)>None'],
  );
  assert.deepEqual(
    shortfalls(result).map(({ what }) => what),
    ['intent accuracy', 'entity F1'],
  );
});
