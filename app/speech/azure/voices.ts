import type { Language } from '../spec.ts';

/** The voice of a language where none is configured. */
const defaultVoices: Readonly<Record<Language, string>> = {
  'de-DE': 'de-DE-KatjaNeural',
  'en-AU': 'en-AU-NatashaNeural',
  'en-GB': 'en-GB-SoniaNeural',
  'en-IN': 'en-IN-NeerjaNeural',
  'en-US': 'en-US-JennyNeural',
  'es-ES': 'es-ES-ElviraNeural',
  'es-MX': 'es-MX-DaliaNeural',
  'fr-FR': 'fr-FR-DeniseNeural',
  'it-IT': 'it-IT-ElsaNeural',
  'nl-NL': 'nl-NL-ColetteNeural',
  'pl-PL': 'pl-PL-ZofiaNeural',
  'pt-BR': 'pt-BR-FranciscaNeural',
};

/** The voice of each language; undefined where there is none. */
export function voicesFor(
  languages: readonly Language[],
  configured: Readonly<Record<Language, string>>,
): ReadonlyMap<Language, string | undefined> {
  return new Map(languages.map((language) => [language, configured[language] ?? defaultVoices[language]]));
}
