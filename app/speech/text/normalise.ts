import type { Language } from '../spec.ts';
import { cleanText } from './clean.ts';
import { normaliseEnglish } from './en/normalise.ts';
import { normaliseSpanish } from './es/normalise.ts';

/** How each language writes out what is not a word; by the first part of its tag. Another language is one more folder. */
const languages: Readonly<Record<string, (text: string) => string>> = {
  en: normaliseEnglish,
  es: normaliseSpanish,
};

/**
 * Writes text as it is spoken, for any synthesiser: numbers, units, temperatures, dates, times, currency, abbreviations and
 * symbols as words; emoji and control characters dropped. Text that is written out already stays as it is.
 * Of a language that is not known only what no language can speak is dropped.
 */
export function normaliseForSpeech(text: string, language: Language): string {
  const [family = ''] = language.toLowerCase().split('-', 1);
  const writeOut = Object.hasOwn(languages, family) ? languages[family] : undefined;
  const clean = cleanText(text);
  return tidy(writeOut ? writeOut(clean) : clean);
}

/** Spaces and punctuation as they should be after words have been put in and taken out. */
function tidy(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/\s+(?=[,.;:!?])/g, '')
    .replace(/([,;:])(?:\s*[,;:])+/g, '$1')
    .replace(/[,;:]+(?=[.!?])/g, '')
    .replace(/^[\s,;:.]+/, '')
    .replace(/[\s,;:]+$/, '')
    .trim();
}
