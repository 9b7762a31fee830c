import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInContent } from '../../../app/nlu/content.ts';
import { evaluationMoment } from '../../../app/nlu/evaluation-set.ts';
import { dateIn } from '../../../app/nlu/local/calendar.ts';
import { dayAt, resolveDay } from '../../../app/nlu/local/days.ts';
import { createLexicon } from '../../../app/nlu/local/lexicon.ts';
import { numeralAt } from '../../../app/nlu/local/numbers.ts';
import { tokenise } from '../../../app/nlu/local/tokens.ts';
import { createUnderstander } from '../../../app/nlu/registry.ts';

const lexicon = createLexicon(builtInContent('es-ES').words, []);
const wednesday = dateIn('UTC', evaluationMoment);

function wordsOf(text: string): string[] {
  return tokenise(text).map((token) => token.word);
}

function day(text: string): string {
  const words = wordsOf(text);
  for (let at = 0; at < words.length; at++) {
    const found = dayAt(words, at, lexicon);
    const said = found && resolveDay(found.spec, wednesday);
    if (said === undefined) continue;
    const { daysFromToday, days, part } = said;
    return `${daysFromToday}${days === 1 ? '' : `x${days}`}${part === undefined ? '' : ` ${part}`}`;
  }
  return '';
}

for (const [text, expected] of [
  ['hoy', '0'],
  ['mañana', '1'],
  ['manana', '1'],
  ['mañana por la mañana', '1 morning'],
  ['mañana por la tarde', '1 afternoon'],
  ['pasado mañana', '2'],
  ['ayer', '-1'],
  ['hace dos días', '-2'],
  ['esta noche', '0 night'],
  ['esta mañana', '0 morning'],
  ['el viernes', '2'],
  ['el viernes por la noche', '2 night'],
  ['el sábado a la noche', '3 night'],
  ['el lunes que viene', '5'],
  ['el próximo miércoles', '7'],
  ['el miércoles', '0'],
  ['el lunes pasado', '-2'],
  ['el viernes de la semana que viene', '9'],
  ['la semana que viene', '5x7'],
  ['esta semana', '0x5'],
  ['este fin de semana', '3x2'],
  ['el finde', '3x2'],
  ['dentro de tres días', '3'],
  ['en una semana', '7'],
  ['de aquí a dos semanas', '14'],
  ['los próximos tres días', '1x3'],
  ['a cinco días', '0x5'],
  ['el 25', '14'],
  ['el día veinticinco', '14'],
  ['el 25 de diciembre', '289'],
  ['el primero de abril', '21'],
  ['1º de abril', '21'],
  ['el treinta y uno de marzo', '20'],
  ['el viernes 13', '2'],
  ['Nochebuena', '288'],
  ['Año Nuevo', '296'],
] as const) {
  test(`on a Wednesday, "${text}" is ${expected}`, () => {
    assert.equal(day(text), expected);
  });
}

for (const text of ['la primera noticia', 'un segundo', 'una semana', 'buenos días', 'marque el cinco']) {
  test(`"${text}" names no day`, () => {
    assert.equal(day(text), '');
  });
}

for (const [text, digits] of [
  ['seis cero cero dos', '6002'],
  ['sesenta cero dos', '6002'],
  ['seis mil dos', '6002'],
  ['seis doble cero dos', '6002'],
  ['seis mil doscientos treinta y uno', '6231'],
  ['sesenta treinta y un', '6031'],
  ['ciento cinco', '105'],
  ['mil', '1000'],
  ['veintidós', '22'],
  ['6002', '6002'],
] as const) {
  test(`"${text}" is dialled as ${digits}`, () => {
    const words = wordsOf(text);
    const found = numeralAt(words, 0, lexicon);
    assert.deepEqual([found?.digits, found?.length], [digits, words.length]);
  });
}

test('accents, question marks and capitals may be there or not', async () => {
  const understander = createUnderstander('local', { language: 'es-ES', directory: {}, timeZone: 'UTC' });
  const options = { language: 'es-ES', now: evaluationMoment, signal: new AbortController().signal };
  for (const text of ['¿Qué tiempo hará mañana en Múnich?', 'que tiempo hara manana en munich']) {
    const { intent, slots } = await understander.understand(text, options);
    assert.equal(intent, 'GetWeather');
    assert.equal(slots.city?.name, 'Múnich');
    assert.equal(slots.day?.daysFromToday, 1);
  }
});

test('a city is known by its Spanish name, and by its own', async () => {
  const understander = createUnderstander('local', { language: 'es-ES', directory: {}, timeZone: 'UTC' });
  const options = { language: 'es-ES', now: evaluationMoment, signal: new AbortController().signal };
  for (const [said, name] of [
    ['Londres', 'Londres'],
    ['London', 'Londres'],
    ['Nueva York', 'Nueva York'],
    ['Pekín', 'Pekín'],
    ['la abana', 'La Habana'],
    ['Alemania', 'Berlín'],
    ['Andalucía', 'Sevilla'],
  ] as const) {
    const { slots } = await understander.understand(`qué hora es en ${said}`, options);
    assert.equal(slots.city?.name, name, said);
  }
});
