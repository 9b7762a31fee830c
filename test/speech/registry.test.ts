import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../../app/config/schema.ts';
import { hasCode } from '../../app/errors.ts';
import { checkSpeech, createTts } from '../../app/speech/registry.ts';
import { createScriptedStt } from '../../app/speech/scripted/stt.ts';
import { createScriptedTts } from '../../app/speech/scripted/tts.ts';

const german = { languages: ['de-DE'] };
const needs = { stt: createScriptedStt(), tts: createScriptedTts(), language: 'en-US', sampleRateHz: 16_000 };

test('what fits is let through', () => {
  checkSpeech(needs);
});

const misfits: readonly (readonly [
  what: string,
  change: Partial<Parameters<typeof checkSpeech>[0]>,
  says: RegExp,
])[] = [
  ['a recogniser of another language', { stt: createScriptedStt(german) }, /stt provider .*de-DE.*en-US/],
  ['a synthesiser of another language', { tts: createScriptedTts(german) }, /tts provider .*de-DE.*en-US/],
  ['a sample rate that nobody has', { sampleRateHz: 44_100 }, /44100 Hz/],
];

for (const [what, change, says] of misfits) {
  test(`${what} is refused before any call`, () => {
    assert.throws(
      () => checkSpeech({ ...needs, ...change }),
      (error) => hasCode(error, 'provider-mismatch') && says.test(error.message),
    );
  });
}

test('Spanish with the own engines, which know English alone, is refused with what to do about it', (t) => {
  const { speech } = configSchema.parse({});
  const tts = createTts('local', { config: speech });
  t.after(() => tts.close());
  const stt = createScriptedStt({ languages: ['es-ES'] });
  assert.throws(
    () => checkSpeech({ ...needs, stt, tts, language: 'es-ES' }),
    (error) =>
      hasCode(error, 'provider-mismatch') &&
      /local.*es-ES.*put an engine that does into speech\.tts.*calls\.languages/.test(error.message),
  );
});

test('a voice that the own synthesiser does not have is refused before any call', () => {
  const { speech } = configSchema.parse({ speech: { voice: 'nobody' } });
  assert.throws(
    () => createTts('local', { config: speech }),
    (error) => hasCode(error, 'provider-mismatch') && /slt, rms.*nobody/.test(error.message),
  );
});
