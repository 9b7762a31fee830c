import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normaliseForSpeech } from '../../../app/speech/text/normalise.ts';
import { splitSentences } from '../../../app/speech/text/sentences.ts';

/** What is written, and what is said. */
const table: Readonly<Record<string, readonly (readonly [written: string, said: string])[]>> = {
  'whole numbers, in the gender of what is counted': [
    ['0', 'cero'],
    ['1', 'uno'],
    ['1 noticia', 'una noticia'],
    ['1 titular', 'un titular'],
    ['16', 'dieciséis'],
    ['21', 'veintiuno'],
    ['21 días', 'veintiún días'],
    ['21 personas', 'veintiuna personas'],
    ['31 casas', 'treinta y una casas'],
    ['42', 'cuarenta y dos'],
    ['100 personas', 'cien personas'],
    ['101 hoteles', 'ciento un hoteles'],
    ['200 personas', 'doscientas personas'],
    ['500 kilos', 'quinientos kilos'],
    ['500 casas', 'quinientas casas'],
    ['1.000', 'mil'],
    ['1000 soldados', 'mil soldados'],
    ['12.345 votos', 'doce mil trescientos cuarenta y cinco votos'],
    ['21.000 euros', 'veintiún mil euros'],
    ['1.234.567', 'un millón doscientos treinta y cuatro mil quinientos sesenta y siete'],
    ['2.000.000 personas', 'dos millones de personas'],
    ['7.000.000.000', 'siete mil millones'],
    ['Nº 5', 'número cinco'],
    ['B52', 'B cincuenta y dos'],
    ['Son 5.', 'Son cinco.'],
    ['8 o 10', 'ocho o diez'],
    ['7 o 8', 'siete u ocho'],
  ],
  'negative, decimal and mixed numbers': [
    ['-4', 'menos cuatro'],
    ['de -4 a +3', 'de menos cuatro a más tres'],
    ['3,14', 'tres coma catorce'],
    ['3.14', 'tres coma catorce'],
    ['0,5', 'cero coma cinco'],
    ['0,05', 'cero coma cero cinco'],
    ['1.234,5', 'mil doscientos treinta y cuatro coma cinco'],
    ['versión 2.10.3', 'versión dos punto diez punto tres'],
    ['1/2', 'un medio'],
    ['2½ horas', 'dos y media horas'],
    ['24/7', 'veinticuatro siete'],
    ['5-10 minutos', 'cinco a diez minutos'],
    ['Ganaron 3-1.', 'Ganaron tres a uno.'],
    ['8/10', 'ocho de diez'],
  ],
  ordinals: [
    ['1.º', 'primero'],
    ['el 1er día', 'el primer día'],
    ['la 2ª vez', 'la segunda vez'],
    ['3º', 'tercero'],
    ['el 7.º piso', 'el séptimo piso'],
    ['la 10ª', 'la décima'],
  ],
  'temperatures, units, money': [
    ['21 °C', 'veintiún grados'],
    ['1 °C', 'un grado'],
    ['-3°C', 'menos tres grados'],
    ['21 grados', 'veintiún grados'],
    ['entre 8 y 21 grados', 'entre ocho y veintiún grados'],
    ['15-20 °C', 'quince a veinte grados'],
    ['menos 1 grado', 'menos un grado'],
    ['50 %', 'cincuenta por ciento'],
    ['12,5%', 'doce coma cinco por ciento'],
    ['21%', 'veintiuno por ciento'],
    ['60 km/h', 'sesenta kilómetros por hora'],
    ['21 millas por hora', 'veintiuna millas por hora'],
    ['NO 12 km/h', 'noroeste doce kilómetros por hora'],
    ['viento del SE', 'viento del sureste'],
    ['5 km', 'cinco kilómetros'],
    ['1 h', 'una hora'],
    ['30 min', 'treinta minutos'],
    ['1.013 hPa', 'mil trece hectopascales'],
    ['10 l/m²', 'diez litros por metro cuadrado'],
    ['25 €', 'veinticinco euros'],
    ['1 €', 'un euro'],
    ['3,50 €', 'tres euros con cincuenta céntimos'],
    ['$20', 'veinte dólares'],
    ['£21', 'veintiuna libras'],
    ['3 millones de euros', 'tres millones de euros'],
    ['12 M€', 'doce millones de euros'],
    ['1.000.000 €', 'un millón de euros'],
  ],
  dates: [
    ['2026-03-14', 'catorce de marzo de dos mil veintiséis'],
    ['14/3/2026', 'catorce de marzo de dos mil veintiséis'],
    ['1/5/2026', 'primero de mayo de dos mil veintiséis'],
    ['el jueves, 12 de noviembre', 'el jueves, doce de noviembre'],
    ['el 22 de noviembre de 2026', 'el veintidós de noviembre de dos mil veintiséis'],
    ['22 nov. 2026', 'veintidós de noviembre de dos mil veintiséis'],
    ['del 10 al 12 de mayo', 'del diez al doce de mayo'],
    ['noviembre de 1995', 'noviembre de mil novecientos noventa y cinco'],
    ['en 1984', 'en mil novecientos ochenta y cuatro'],
    ['el 31', 'el treinta y uno'],
    ['los años 80', 'los años ochenta'],
    ['vie. 5', 'viernes cinco'],
  ],
  'times of day': [
    ['Son las 2:05 p. m.', 'Son las dos y cinco de la tarde.'],
    ['Son las 1:05 a. m. en Madrid.', 'Es la una y cinco de la madrugada en Madrid.'],
    ['es la 1:00 p.m.', 'es la una de la tarde.'],
    ['En Tokio son las 9:30 p. m. del martes.', 'En Tokio son las nueve y media de la noche del martes.'],
    ['Son las 12:15 p. m.', 'Son las doce y cuarto de la tarde.'],
    ['Son las 12:30 a. m.', 'Son las doce y media de la noche.'],
    ['a las 14:05', 'a las dos y cinco de la tarde'],
    ['a las 9:45', 'a las nueve y cuarenta y cinco'],
    ['a las 8:00', 'a las ocho en punto'],
    ['a las 20.30 horas', 'a las ocho y media de la noche'],
    ['14:05 h', 'dos y cinco de la tarde'],
    ['de 9:00 a 14:00', 'de las nueve en punto a las dos de la tarde'],
    ['a las 3 de la tarde', 'a las tres de la tarde'],
    ['las 3 noticias', 'las tres noticias'],
  ],
  'telephone numbers': [
    ['la extensión 6 0 0 2', 'la extensión seis cero cero dos'],
    ['la extensión 6002', 'la extensión seis cero cero dos'],
    ['Llame al 6002.', 'Llame al seis cero cero dos.'],
    ['912 345 678', 'nueve uno dos, tres cuatro cinco, seis siete ocho'],
    ['+34 612 34 56 78', 'más tres cuatro, seis uno dos, tres cuatro, cinco seis, siete ocho'],
    ['el número 4711', 'el número cuatro siete uno uno'],
  ],
  'abbreviations, acronyms, symbols': [
    ['el Sr. García y la Sra. López', 'el señor García y la señora López'],
    ['Dra. Pérez', 'doctora Pérez'],
    ['Avda. de América', 'Avda. de América'],
    ['Av. Libertador', 'avenida Libertador'],
    ['pan, leche, etc.', 'pan, leche, etcétera.'],
    ['EE. UU.', 'Estados Unidos'],
    ['la UE', 'la u e'],
    ['la ONU', 'la ONU'],
    ['el PSOE', 'el PSOE'],
    ['Juan & Hijos', 'Juan y Hijos'],
    ['Madrid / Barcelona', 'Madrid o Barcelona'],
    ['hola@ejemplo.es', 'hola arroba ejemplo punto es'],
    ['www.ejemplo.com/clima', 'ejemplo punto com barra clima'],
    ['¿Qué tiempo hace?', '¿Qué tiempo hace?'],
    ['¡Adiós!', '¡Adiós!'],
    ['Diga «ayuda».', 'Diga ayuda.'],
  ],
  'what the bot says stays as it is': [
    ['No le he entendido. ¿Puede repetirlo?', 'No le he entendido. ¿Puede repetirlo?'],
    [
      'O pulse 1 para el tiempo, 2 para las noticias, 3 para la hora.',
      'O pulse uno para el tiempo, dos para las noticias, tres para la hora.',
    ],
    [
      'La probabilidad de lluvia es del 40 por ciento.',
      'La probabilidad de lluvia es del cuarenta por ciento.',
    ],
    ['Solo puedo ver los próximos 16 días.', 'Solo puedo ver los próximos dieciséis días.'],
    ['Se espera lluvia en 4 de los 7 días.', 'Se espera lluvia en cuatro de los siete días.'],
  ],
};

for (const [group, rows] of Object.entries(table)) {
  test(`${group} are said in Spanish as people say them`, () => {
    assert.deepEqual(
      rows.map(([written]) => [written, normaliseForSpeech(written, 'es-ES')]),
      rows.map(([written, said]) => [written, said]),
    );
  });
}

test('what is written out already stays as it is', () => {
  for (const rows of Object.values(table)) {
    for (const [, said] of rows) assert.equal(normaliseForSpeech(said, 'es-MX'), said);
  }
});

test('a Spanish sentence begins with its question mark, and "Sr." ends none', () => {
  assert.deepEqual(splitSentences('No le oigo. ¿Sigue ahí? El Sr. García no está. ¡Adiós!'), [
    'No le oigo.',
    '¿Sigue ahí?',
    'El Sr. García no está.',
    '¡Adiós!',
  ]);
});
