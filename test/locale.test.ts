import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from '../app/config/schema.ts';
import { hasCode, type ErrorCode } from '../app/errors.ts';
import { buildLocale, languagesOf, type LocaleParts } from '../app/locale.ts';
import { createMetrics } from '../app/ops/metrics.ts';
import { createOpenMeteo } from '../app/skills/weather/open-meteo.ts';
import { createScriptedStt } from '../app/speech/scripted/stt.ts';
import { createScriptedTts } from '../app/speech/scripted/tts.ts';
import { manualClock } from './fakes/clock.ts';
import { recordingLog } from './fakes/log.ts';

function parts(settings: object, languages: readonly string[]): LocaleParts {
  const config = configSchema.parse(settings);
  const clock = manualClock('2026-11-05T13:05:00Z');
  return {
    config,
    stt: createScriptedStt({ languages }),
    tts: createScriptedTts({ languages }),
    sampleRateHz: 16_000,
    weather: createOpenMeteo({ config: config.skills.weather, fetch: globalThis.fetch, clock }),
    clock,
    log: recordingLog(),
    metrics: createMetrics(),
  };
}

const signal = new AbortController().signal;

test('calls may use the usual language and all others that are configured, each once', () => {
  const calls = (settings: object) => languagesOf(configSchema.parse({ calls: settings }).calls);
  assert.deepEqual(calls({}), ['en-US']);
  assert.deepEqual(calls({ languages: ['es-ES', 'en-US'] }), ['en-US', 'es-ES']);
});

test('all of a call is in its language: what is understood, expected, answered, and the feeds', async () => {
  const settings = { skills: { news: { feeds: [{ name: 'Daily', url: 'http://127.0.0.1:9/en' }] } } };
  const locale = await buildLocale('es-ES', parts(settings, ['es-ES']));
  assert.equal(locale.language, 'es-ES');
  assert.equal(locale.mind.answers.say('goodbye', 0), '¡Adiós!');
  assert.equal(locale.words.keys['3'], 'qué hora es');
  assert.equal(locale.mind.phrasesFor('confirmation').language, 'es-ES');
  assert.ok(locale.mind.phrasesFor('confirmation').phrases.includes('Sí.'));
  const { intent, slots } = await locale.understander.understand('¿qué hora es en Múnich?', {
    language: 'es-ES',
    now: new Date('2026-11-05T13:05:00Z'),
    signal,
  });
  assert.deepEqual([intent, slots.city?.timeZone], ['GetTime', 'Europe/Berlin']);
  assert.deepEqual(locale.jobs, [], 'headlines in English are not read to those who speak Spanish');
  await locale.understander.close();
});

for (const [what, language, languages, code] of [
  ['that no engine serves', 'es-ES', ['en-US'], 'provider-mismatch'],
  ['in which the bot has no content', 'fr-FR', ['fr-FR'], 'language-unknown'],
] as const) {
  test(`a language ${what} is refused before any call`, async () => {
    const expected: ErrorCode = code;
    await assert.rejects(buildLocale(language, parts({}, languages)), (error) => hasCode(error, expected));
  });
}
