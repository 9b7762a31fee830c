import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import { createUnderstander } from '../../app/nlu/registry.ts';

const options = { language: 'en-US', signal: new AbortController().signal, now: new Date(0) };

test('an understanding that does not exist is refused with those that do', () => {
  for (const name of ['telepathy', 'toString']) {
    assert.throws(
      () => createUnderstander(name, { directory: {} }),
      (error) =>
        error instanceof ParleyError &&
        error.code === 'provider-unknown' &&
        error.remedy.includes('local, scripted, luis, clu'),
    );
  }
});

test('the scripted one understands what it was told to, however it is written, and nothing else', async () => {
  const understander = createUnderstander('scripted', {
    directory: {},
    script: { "what's the news": { intent: 'GetNews', confidence: 0.5, slots: { count: 3 } } },
  });
  const known = await understander.understand("What's the news?", options);
  assert.deepEqual([known.intent, known.confidence, known.slots], ['GetNews', 0.5, { count: 3 }]);
  assert.equal(known.text, "What's the news?");
  assert.equal((await understander.understand('what else', options)).intent, 'None');
});
