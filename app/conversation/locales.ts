import { ParleyError } from '../errors.ts';
import type { Language } from '../speech/spec.ts';
import type { Speaker } from './speaker.ts';
import type { Mind } from './think.ts';
import type { TurnWords } from './turn-taking/words.ts';

/** A language, and all that a call needs in it. */
export interface Locale {
  readonly language: Language;
  readonly mind: Mind;
  readonly words: TurnWords;
  readonly speaker: Speaker;
}

/** What a call comes with that tells its language. */
export interface CallLanguage {
  /** Arguments of Stasis in the dialplan; `lang=es-ES` asks for a language. */
  readonly args: readonly string[];
  /** The channel's, `CHANNEL(language)`. */
  readonly channelLanguage: string;
}

/** Asterisk gives it to every channel of which nobody says otherwise, so it says nothing. */
const everyChannels = 'en';

/**
 * The locale of a call: what `lang=` asks for, else the channel's language where calls may use it, else the first. A tag
 * of which there is only another variant gets that one: `es` and `es-MX` are served by `es-ES`.
 * @param locales those that calls may use, the default first.
 * @param onUnknown told when a language was asked for that no call may use.
 */
export function localeOf(
  locales: readonly [Locale, ...Locale[]],
  { args, channelLanguage }: CallLanguage,
  onUnknown: (error: ParleyError) => void = () => undefined,
): Locale {
  const [usual] = locales;
  const asked = args.find((arg) => arg.startsWith('lang='))?.slice('lang='.length) ?? '';
  if (asked === '')
    return (channelLanguage === everyChannels ? undefined : find(locales, channelLanguage)) ?? usual;
  const found = find(locales, asked);
  if (found === undefined) {
    const known = locales.map(({ language }) => language).join(', ');
    onUnknown(new ParleyError('call-language-unknown', { language: asked, known, taken: usual.language }));
  }
  return found ?? usual;
}

function find(locales: readonly Locale[], asked: string): Locale | undefined {
  const tag = asked.toLowerCase().replace('_', '-');
  return (
    locales.find(({ language }) => language.toLowerCase() === tag) ??
    locales.find(({ language }) => familyOf(language) === familyOf(tag))
  );
}

function familyOf(language: string): string {
  return language.toLowerCase().split('-', 1)[0] ?? language;
}
