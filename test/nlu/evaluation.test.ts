import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { builtInContent } from '../../app/nlu/content.ts';
import { evaluate, readUtterances } from '../../app/nlu/evaluation.ts';
import {
  evaluationDirectories,
  evaluationMoment,
  isKnown,
  shortfalls,
} from '../../app/nlu/evaluation-set.ts';
import { createUnderstander } from '../../app/nlu/registry.ts';
import type { Understander } from '../../app/nlu/spec.ts';

/** The annotated utterances of each language, how many there must be, and how many may be a sample word for word. */
const sets = [
  { language: 'en-US', family: 'en', file: './utterances.tsv', least: 350, known: 0.1 },
  // Half of them are short: "Repítalo", "Hasta luego".
  { language: 'es-ES', family: 'es', file: './es/utterances.tsv', least: 200, known: 0.2 },
].map((set) => ({
  ...set,
  utterances: readUtterances(readFileSync(new URL(set.file, import.meta.url), 'utf8')),
}));
const options = { now: evaluationMoment, signal: new AbortController().signal };

for (const { language, family, utterances, least, known } of sets) {
  test(`${language}: utterances that the bot was not trained on are understood as well as promised`, async () => {
    const directory = evaluationDirectories[family] ?? {};
    const understander = createUnderstander('local', { language, directory, timeZone: 'UTC' });
    const result = await evaluate(understander, utterances, { ...options, language });
    assert.deepEqual(shortfalls(result), []);
    assert.ok(
      result.falseAcceptance <= 0.1,
      `${result.falseAcceptance} of the out-of-scope talk was acted upon`,
    );
    assert.ok(result.calibrationError <= 0.05, `confidence is off by ${result.calibrationError}`);
  });

  test(`${language}: the evaluation set is large, a fifth of it is out of scope, and it is not copied from the samples`, () => {
    assert.ok(utterances.length >= least);
    const outOfScope = utterances.filter(({ intent }) => intent === 'None').length;
    assert.ok(outOfScope / utterances.length > 0.2);
    // "Help." and "Goodbye." cannot be said in other words.
    const copied = utterances.filter((utterance) => isKnown(utterance, builtInContent(language)));
    assert.ok(copied.length / utterances.length < known, copied.map(({ text }) => text).join(' | '));
  });
}

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
