import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renewed } from './renewed.ts';

const head = '| Figure | Target | Measured |\n| --- | --- | --- |';

test('what was measured again takes the place of what it was, and all else stays', () => {
  const old = `# B\n\nMade then.\n\n## Targets\n\n${head}\n| a | 1 | 9 |\n| b | 2 | 8 |\n\n## A\n\nold a\n\n## B\n\nold b\n`;
  const fresh = `# B\n\nMade now.\n\n## Targets\n\n${head}\n| b | 2 | 1 |\n\n## B\n\nnew b\n`;
  assert.equal(
    renewed(old, fresh),
    `# B\n\nMade then.\n\n## Targets\n\n${head}\n| a | 1 | 9 |\n| b | 2 | 1 |\n\n## A\n\nold a\n\n## B\n\nnew b`,
  );
});

test('what was never measured before is added', () => {
  const text = renewed(
    `# B\n\n## Targets\n\n${head}\n`,
    `# B\n\n## Targets\n\n${head}\n| a | 1 | 9 |\n\n## A\n\nnew a\n`,
  );
  assert.equal(text, `# B\n\n## Targets\n\n${head}\n| a | 1 | 9 |\n\n## A\n\nnew a`);
});
