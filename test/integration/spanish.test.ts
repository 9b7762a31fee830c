import assert from 'node:assert/strict';
import { tone } from '../../app/audio/mix.ts';
import { startAzureSpeech } from '../fakes/azure-speech/server.ts';
import { logged, nothingRemains } from '../support/aftermath.ts';
import { azureSettings } from '../fakes/azure-speech/settings.ts';
import { startBot } from '../support/bot.ts';
import { callTest } from '../support/call-test.ts';

callTest(
  'who dials the extension for Spanish is led through the call in Spanish, all others in English',
  async (t) => {
    const fake = await startAzureSpeech({
      key: 'a key',
      hears: ({ isFinal }) => Promise.resolve(isFinal ? '¿Qué hora es en Tokio?' : ''),
      // As long as the words would take, about.
      speaks: ({ text, sampleRateHz }) => Promise.resolve(tone(440, 40 * text.length, sampleRateHz, -20)),
    });
    t.after(() => fake.close());
    const bot = await startBot(t, {
      settings: { PARLEY_CALLS_LANGUAGES: 'es-ES', ...azureSettings(fake) },
    });

    const call = await bot.phone.call('1034');
    await call.untilSpeaking();
    await call.say('what time is it in Tokyo');
    await logged(bot, 'a turn');
    await call.hangUp();
    const english = await bot.phone.call('1000');
    await english.untilSpeaking();
    await english.hangUp();
    await nothingRemains(t, bot);

    const said = (await bot.log()).flatMap((line) =>
      line['message'] === 'say' ? [String(line['said'])] : [],
    );
    assert.match(said.join('\n'), /^Hola, soy Parley\.[^]*en Tokio[^]*\nHello, this is Parley\./i);
    assert.deepEqual([...new Set(fake.utterances.map(({ language }) => language))], ['es-ES']);
    // Written as it is spoken, for a Spanish voice.
    const answers = fake.orders.filter(({ text }) =>
      /(son las|es la) [^\d]+ en Tokio|En Tokio (son las|es la) [^\d]+/i.test(text),
    );
    assert.deepEqual([...new Set(answers.map(({ language }) => language))], ['es-ES']);
  },
);
