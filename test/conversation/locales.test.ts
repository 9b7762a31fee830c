import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallLanguage, Locale } from '../../app/conversation/locales.ts';
import { localeOf } from '../../app/conversation/locales.ts';
import type { ParleyError } from '../../app/errors.ts';

const locales = ['en-US', 'es-ES', 'de-DE'].map((language) => ({ language })) as unknown as [
  Locale,
  ...Locale[],
];

function languageOf(call: Partial<CallLanguage>, of = locales): [string, ParleyError | undefined] {
  let warned: ParleyError | undefined;
  const { language } = localeOf(of, { args: [], channelLanguage: 'en', ...call }, (error) => {
    warned = error;
  });
  return [language, warned];
}

for (const [what, call, language] of [
  ['a dialplan that names no language', {}, 'en-US'],
  ['lang=es-ES', { args: ['lang=es-ES'] }, 'es-ES'],
  ['lang=es', { args: ['lang=es'] }, 'es-ES'],
  ['lang=es-MX, of which there is only another variant', { args: ['lang=es-MX'] }, 'es-ES'],
  ['lang=ES_es', { args: ['lang=ES_es'] }, 'es-ES'],
  ['an empty lang=', { args: ['lang='] }, 'en-US'],
  ['a channel in Spanish', { channelLanguage: 'es' }, 'es-ES'],
  ['a channel in Spanish and lang=de-DE', { args: ['lang=de-DE'], channelLanguage: 'es' }, 'de-DE'],
  ['a channel in a language that no call may use', { channelLanguage: 'fr' }, 'en-US'],
] as const) {
  test(`${what}: the call is led in ${language}, and nobody is warned`, () => {
    assert.deepEqual(languageOf(call), [language, undefined]);
  });
}

test('a language that no call may use is told with a code, and the call goes on in the usual one', () => {
  const [language, warned] = languageOf({ args: ['lang=fr-FR'] });
  assert.equal(language, 'en-US');
  assert.equal(warned?.code, 'call-language-unknown');
  assert.match(warned.explain(), /fr-FR.*en-US, es-ES, de-DE.*calls\.languages/s);
});

test('a channel says nothing by the language that every channel has', () => {
  const [english, spanish, german] = locales;
  assert.ok(spanish && german);
  assert.deepEqual(languageOf({ channelLanguage: 'en' }, [spanish, english, german]), ['es-ES', undefined]);
});
