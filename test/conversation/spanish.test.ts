import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCityList } from '../../app/nlu/cities.ts';
import { botFolder, builtInContent } from '../../app/nlu/content.ts';
import { createUnderstander } from '../../app/nlu/registry.ts';
import { loadAnswers } from '../../app/skills/answers.ts';
import { createSkills } from '../../app/skills/registry.ts';
import { manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';
import { skillsConfig } from '../skills/support.ts';
import { stage } from './stage.ts';

const language = 'es-ES';

test('a whole call in Spanish: greeting, question back, answer, a yes or a no, farewell', async (t) => {
  const { places } = builtInContent(language);
  const { skills } = createSkills({
    config: skillsConfig({}),
    answers: await loadAnswers(`${botFolder(language)}/answers.yaml`, language),
    clock: manualClock('2026-11-05T13:05:00Z'),
    log: recordingLog(),
    cities: createCityList(places).cities,
    byRegion: places.byRegion,
    timeZone: 'Europe/Madrid',
  });
  const understander = createUnderstander('local', { language, directory: {}, timeZone: 'UTC' });
  const call = await stage(t, { language, understander, skills: [...skills.values()] });

  // No file: the engine that answers speaks it.
  assert.match(await call.hear(), /^Hola, soy Parley\./);
  call.utter('¿Qué tiempo hace?');
  assert.match(await call.hear(), /^¿(Para qué ciudad|Qué ciudad, por favor)\?$/);
  call.utter('déjelo');
  assert.match(await call.hear(), /^(De acuerdo|Muy bien)\.$/);
  call.utter('perdone, ¿qué hora es en Tokio?');
  assert.match(await call.hear(), /(son las|es la) .* en Tokio\.$|^En Tokio (son las|es la) /i);
  call.utter('me encanta pasear por Barcelona');
  assert.match(await call.hear(), /entendido/);
  assert.match(await call.hear(), /¿Puede /);
  call.utter('eso es todo, muchas gracias');
  assert.match(await call.hear(), /^¡(Adiós|Hasta luego)/);
  const { endedBy, turns } = await call.done;
  assert.deepEqual([endedBy, turns], ['bot', 5]);
});

test('a mere "ajá" while the bot speaks is no interruption', async (t) => {
  const call = await stage(t, { language, skills: [] });
  const greeting = await call.listen();
  call.utter('Ajá.');
  await call.clock.advance(0);
  assert.match((await call.listen()).text, /^Hola, soy Parley\./);
  greeting.finish();
});
