import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCityList } from '../../app/nlu/cities.ts';
import { botFolder, builtInContent } from '../../app/nlu/content.ts';
import type { Slots } from '../../app/nlu/spec.ts';
import { answerTable, type AnswerKey } from '../../app/skills/answer-table.ts';
import { loadAnswers } from '../../app/skills/answers.ts';
import { createSkills } from '../../app/skills/registry.ts';
import type { WeatherService } from '../../app/skills/weather/forecast.ts';
import { normaliseForSpeech } from '../../app/speech/text/normalise.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';
import { run, skillsConfig } from './support.ts';

const now = '2026-11-05T13:05:00Z';
const { places } = builtInContent('es-ES');
const cities = createCityList(places);
const answers = await loadAnswers(`${botFolder('es-ES')}/answers.yaml`, 'es-ES');

/** Each day of the forecast has a code, its lowest and its highest temperature. */
const days = [
  [3, 8, 13],
  [61, 1, 21],
  [71, -3, 1],
  [0, 5, 5],
] as const;
const weather: WeatherService = {
  forecast: () =>
    Promise.resolve({
      current: { code: 2, isDay: true, temperature: 21 },
      days: days.map(([code, low, high], at) => ({
        date: `2026-11-0${5 + at}`,
        code,
        low,
        high,
        rainChance: 60,
        windSpeed: 10,
      })),
      hours: [],
    }),
};

async function said(intent: string, slots: Slots): Promise<string> {
  const { skills } = createSkills({
    config: skillsConfig({}),
    answers,
    weather,
    clock: manualClock(now),
    log: recordingLog(),
    cities: cities.cities,
    byRegion: places.byRegion,
    timeZone: 'Europe/Madrid',
  });
  const skill = skills.get(intent);
  assert.ok(skill);
  const { say } = await run(skill, slots, now);
  return say.map((sentence) => normaliseForSpeech(sentence, 'es-ES')).join(' ');
}

function city(name: string): NonNullable<Slots['city']> {
  const [found] = cities.named(name);
  assert.ok(found, name);
  return found;
}

test('the time is told as people tell it, one o’clock in the singular', async () => {
  assert.match(await said('GetTime', {}), /(Son|Ahora son) las dos y cinco de la tarde\.$/);
  assert.match(await said('GetTime', { city: city('londres') }), /[Ee]s la una y cinco de la tarde/);
  assert.match(await said('GetTime', { city: city('tokio') }), /las diez y cinco de la noche/);
  assert.match(await said('GetTime', { city: city('sidney') }), /las doce y cinco de la noche del viernes/);
});

test('the weather is told with the days and numbers of the language', async () => {
  const sevilla = city('sevilla');
  assert.match(await said('GetWeather', { city: sevilla }), /Sevilla.*veintiún grados/);
  const of = (daysFromToday: number, count = 1): Slots => ({
    city: sevilla,
    day: { daysFromToday, days: count },
  });
  assert.match(
    await said('GetWeather', of(1)),
    /[Mm]añana.*lluvia débil, entre uno y veintiún grados\. La probabilidad de lluvia es del sesenta por ciento\./,
  );
  assert.match(await said('GetWeather', of(2)), /[Ee]l sábado.*nieve débil, entre menos tres y un grado\./);
  assert.match(await said('GetWeather', of(3)), /[Ee]l domingo.*sol, alrededor de cinco grados\./);
  assert.match(
    await said('GetWeather', of(0, 4)),
    /[Ee]n los próximos cuatro días en Sevilla tendremos entre menos tres y veintiún grados\. Se espera lluvia o nieve el viernes y sábado\./,
  );
});

test('an extension is read digit by digit, and a name is listed with "o"', async () => {
  assert.match(await said('Call', { extension: '6002' }), /la extensión seis cero cero dos/);
  assert.equal(answers.list(['Alicia', 'Juan', 'Pedro'], 'or'), 'Alicia, Juan o Pedro');
});

test('every sentence is there in Spanish, and none is left in English', async () => {
  const english = await loadAnswers();
  const same = Object.entries(answerTable).flatMap(([key, names]) => {
    const values = Object.fromEntries(names.map((name) => [name, `<${name}>`]));
    const word = (from: typeof english): string => from.word(key as AnswerKey, values as never);
    return word(answers) === word(english) ? [key] : [];
  });
  // A name with its area needs no words.
  assert.deepEqual(same, ['place-in']);
});
