import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { hasCode, type ParleyError } from '../../../app/errors.ts';
import { parseScenario, readScenario } from '../../../app/phone/scenario/read.ts';

function refused(source: string): ParleyError {
  try {
    parseScenario(source, 'wrong.yaml');
  } catch (error) {
    if (hasCode(error, 'scenario-invalid')) return error;
    throw error;
  }
  return assert.fail('it was taken');
}

test('every scenario that comes with Parley can be read, and has a title of its own', async () => {
  const folder = path.resolve(import.meta.dirname, '../../scenarios');
  const files = globSync('*.yaml', { cwd: folder });
  const scenarios = await Promise.all(files.map((file) => readScenario(path.join(folder, file))));
  assert.ok(scenarios.length >= 15);
  assert.equal(new Set(scenarios.map(({ title }) => title)).size, scenarios.length);
});

test('what is left out has its default', () => {
  const { lines, to, endedBy, steps } = parseScenario(
    "title: short\nsteps: [{say: hello}, {press: '12'}]",
    'a.yaml',
  );
  assert.deepEqual(
    { lines, to, endedBy },
    { lines: ['streamed', 'recorded'], to: '1000', endedBy: 'caller' },
  );
  assert.deepEqual(steps, [{ say: 'hello', speed: 1, levelDb: 0 }, { press: '12' }]);
});

test('whoever made mistakes is told the file, the line of each, and where to read on', () => {
  const error = refused(`title: wrong
lines: [recorded]
steps:
  - say: hello
    spede: 2
  - hear: '('
  - sing: la
  - press: abc
  - say: '!'
network: { lossPercent: 200 }
`);
  assert.equal(error.details['file'], 'wrong.yaml');
  assert.match(error.explain(), /docs\/scenarios\.md/);
  for (const [line, what] of [
    [4, /spede/],
    [6, /regular expression/],
    [7, /one of: say, play, press/],
    [8, /keys/],
    [9, /nothing to say/],
    [10, /lossPercent/],
  ] as const)
    assert.match(error.message, new RegExp(`line ${line}: .*${what.source}`), String(line));
});

test('a step that is two things at once is refused', () => {
  assert.match(refused('title: two\nsteps:\n  - say: hello\n    hear: hello\n').message, /line 3: .*one of/);
});

test('whoever leaves a line out says why', () => {
  assert.match(refused('title: a\nlines: [streamed]\nsteps: [{say: hello}]\n').message, /line 2: .*because/);
});

test('what is not YAML, and a file that is not there, are told', async () => {
  assert.match(refused('title: "open\nsteps: [').message, /line \d+: /);
  await assert.rejects(readScenario('/nowhere/at-all.yaml'), (error) => hasCode(error, 'scenario-invalid'));
});
