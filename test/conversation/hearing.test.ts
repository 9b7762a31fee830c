import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hearing } from '../../app/conversation/hearing.ts';
import type { SpeechToText } from '../../app/speech/spec.ts';

const options = { language: 'en-US' };
const audio = (sample: number) => ({ samples: Int16Array.of(sample), sampleRateHz: 16_000 });

/** Follows what is said, writes each sample as a word, and counts how many it listens to. */
function follower() {
  const open = { count: 0 };
  const stt: SpeechToText = {
    name: 'fake',
    can: { interim: true, phrases: false, languages: ['en-US'], sampleRatesHz: [16_000] },
    async *listen(pieces, { signal }) {
      open.count += 1;
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
      const all: number[] = [];
      const words = (async () => {
        for await (const piece of pieces) all.push(...piece);
        return all.join(' ');
      })();
      try {
        yield { kind: 'final', text: await Promise.race([words, aborted]), confidence: 1 };
      } finally {
        open.count -= 1;
      }
    },
    warmUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { stt, open };
}

test('what is said as it is spoken is one text', async (t) => {
  const { stt, open } = follower();
  const hearing = new Hearing(stt, () => undefined);
  hearing.follow(options);
  for (const sample of [1, 2, 3]) hearing.push(audio(sample));
  assert.equal(await hearing.text(options, t.signal), '1 2 3');
  assert.equal(open.count, 0);
});

test('a caller who goes on while the first half is recognised is heard as one, and nothing keeps listening', async () => {
  const { stt, open } = follower();
  const hearing = new Hearing(stt, () => undefined);
  const thinking = new AbortController();
  hearing.follow(options);
  hearing.push(audio(1));
  const first = hearing.text(options, thinking.signal);
  thinking.abort();
  hearing.follow(options);
  await assert.rejects(first);
  hearing.push(audio(2));
  assert.equal(open.count, 1);
  assert.equal(await hearing.text(options, new AbortController().signal), '1 2');
  assert.equal(open.count, 0);
});
