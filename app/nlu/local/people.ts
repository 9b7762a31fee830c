import { encodeSounds, firstSound, soundDistance, soundsOf, type Sounds } from '../sounds.ts';
import { nameKey } from '../text.ts';
import type { Entity } from './entities.ts';
import type { Lexicon } from './lexicon.ts';
import { PhraseBook } from './phrase-book.ts';
import { phraseKey } from './tokens.ts';

/** The people, and other telephones, that callers may ask for by name. */
export interface Directory {
  /** The longest name, or unmistakable part of one, that begins at `words[index]`. */
  at(words: readonly string[], index: number): { readonly length: number; readonly name: string } | undefined;
  /** The name that sounds most like the words. */
  alike(words: readonly string[]): { readonly name: string; readonly distance: number } | undefined;
}

interface Spoken {
  readonly sounds: Sounds;
  readonly first: string;
  readonly name: string;
}

// A wrong connection is worse than a question: two names must sound closer than two cities.
const soundLimit = 0.13;

/** @param names as configured, such as "Alice" or "Maria Garcia". */
export function createDirectory(names: readonly string[]): Directory {
  const spoken = new Map<string, string>();
  const parts = new Map<string, string[]>();
  for (const name of names) {
    const key = phraseKey(name);
    if (key === '') continue;
    spoken.set(key, name);
    const words = key.split(' ');
    if (words.length > 1) {
      for (const word of [words[0] ?? '', words.at(-1) ?? ''])
        parts.set(word, [...(parts.get(word) ?? []), name]);
    }
  }
  // "John" is John Smith as long as there is no other John; "desk" is not the front desk, yet asking for it does no harm.
  for (const [word, owners] of parts) {
    const [owner] = owners;
    if (owner !== undefined && owners.length === 1 && !spoken.has(word)) spoken.set(word, owner);
  }
  const book = new PhraseBook(spoken);
  const heard: Spoken[] = [...spoken].map(([key, name]) => {
    const sounds = soundsOf(nameKey(key));
    return { sounds: encodeSounds(sounds), first: firstSound(sounds), name };
  });

  return {
    at: (words, index) => {
      const found = book.at(words, index);
      return found && { length: found.length, name: found.value };
    },
    alike: (words) => {
      const sounds = soundsOf(nameKey(words.join(' ')));
      const encoded = encodeSounds(sounds);
      const first = firstSound(sounds);
      let best: { name: string; distance: number } | undefined;
      for (const candidate of heard) {
        if (candidate.first !== first) continue;
        const distance = soundDistance(encoded, candidate.sounds, soundLimit);
        if (distance <= soundLimit && distance < (best?.distance ?? 1))
          best = { name: candidate.name, distance };
      }
      return best;
    },
  };
}

export interface People {
  readonly directory: Directory;
  readonly lexicon: Lexicon;
}

/** The words after "call", "put me through to" and the like, up to "please" and the like. */
export function calledRegion(
  words: readonly string[],
  from: number,
  { lexicon }: People,
): { readonly from: number; readonly to: number } {
  let start = from;
  for (;;) {
    if (lexicon.fillers.has(words[start] ?? '')) start++;
    else {
      const lead = lexicon.beforeName.at(words, start);
      // "the" of "the front desk" goes too; what is left must be something.
      if (lead === undefined || start + lead.length >= words.length) break;
      start += lead.length;
    }
  }
  let end = start;
  while (end < words.length && lexicon.afterName.at(words, end) === undefined) end++;
  return { from: start, to: end };
}

/**
 * Whom the words between two places name: somebody in the directory, or somebody else.
 * @param sure the caller surely names somebody here, so that an unknown word is a name.
 */
export function personIn(
  words: readonly string[],
  region: { readonly from: number; readonly to: number },
  people: People,
  sure: boolean,
): Entity | undefined {
  const { directory, lexicon } = people;
  if (region.from >= region.to) return undefined;
  for (let at = region.from; at < region.to; at++) {
    const exact = directory.at(words, at);
    if (exact !== undefined && at + exact.length <= region.to) {
      // "John Miller" is not John Smith.
      const next = words[at + exact.length];
      const wholeName = at + exact.length === region.to || next === undefined || lexicon.common.has(next);
      if (wholeName) return { kind: 'name', name: exact.name, from: at, to: at + exact.length };
    }
  }
  const inside = words.slice(region.from, region.to);
  const alike = inside.length <= 4 ? directory.alike(inside) : undefined;
  if (alike !== undefined) return { kind: 'name', name: alike.name, ...region };
  const titled = inside.length > 1 && lexicon.titles.has(inside[0] ?? '');
  const strange =
    titled ||
    inside.some((word) => (!lexicon.common.has(word) && !/^\d/.test(word)) || lexicon.firstNames.has(word));
  if (!sure && !strange) return undefined;
  if (inside.length > 5 || lexicon.notNames.has(inside.join(' ')) || lexicon.notNames.has(inside[0] ?? '')) {
    return undefined;
  }
  return { kind: 'person', ...region };
}
