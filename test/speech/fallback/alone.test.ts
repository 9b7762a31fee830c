import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParleyError } from '../../../app/errors.ts';
import { createMetrics } from '../../../app/ops/metrics.ts';
import { countStt, countTts } from '../../../app/speech/fallback/alone.ts';
import { createScriptedStt } from '../../../app/speech/scripted/stt.ts';
import { createScriptedTts } from '../../../app/speech/scripted/tts.ts';

const sampleRateHz = 16_000;
const language = 'en-US';

test('an engine that has no other beside it has its failures counted, and nobody who hangs up is one', async () => {
  const metrics = createMetrics();
  const broken = {
    async *listen(): AsyncGenerator<never> {
      await Promise.resolve();
      throw new ParleyError('stt-unavailable', { provider: 'scripted', reason: 'it is broken' });
    },
  };
  const stt = countStt({ ...createScriptedStt(), ...broken }, metrics);
  const hungUp = new AbortController();
  const tts = countTts(createScriptedTts(), metrics);
  async function* silence(): AsyncGenerator<Int16Array<ArrayBuffer>> {
    yield await Promise.resolve(new Int16Array(160));
  }
  const hear = async (signal: AbortSignal): Promise<void> => {
    for await (const heard of stt.listen(silence(), { language, sampleRateHz, signal })) assert.ok(heard);
  };
  await assert.rejects(hear(new AbortController().signal), { code: 'stt-unavailable' });
  hungUp.abort(new ParleyError('line-hung-up'));
  await assert.rejects(hear(hungUp.signal));
  await assert.rejects(async () => {
    for await (const pcm of tts.speak('hello', { language, sampleRateHz, signal: hungUp.signal }))
      assert.ok(pcm);
  });
  const text = await metrics.text();
  assert.match(
    text,
    /^parley_provider_failures_total\{kind="stt",provider="scripted",code="stt-unavailable"\} 1$/m,
  );
  assert.doesNotMatch(text, /provider_failures_total\{kind="tts"/);
  assert.match(text, /^parley_provider_up\{kind="tts",provider="scripted"\} 1$/m);
});
