import type { OwnEntity } from '../../own/spec.ts';
import { encodeSounds, firstSound, soundDistance, soundsOf, type Sounds } from '../../sounds.ts';
import { nameKey } from '../../text.ts';
import type { Entity, Findings } from '../entities.ts';
import type { Lexicon } from '../lexicon.ts';
import { numeralAt } from '../numbers.ts';
import { PhraseBook } from '../phrase-book.ts';
import { phraseKey } from '../tokens.ts';

/** A value of a list, and every other list that holds the same words. */
type Listed = readonly { readonly name: string; readonly value: string }[];

interface Sounding {
  readonly name: string;
  readonly value: string;
  readonly words: number;
  readonly sounds: Sounds;
}

/** Finds the values of lists, as they are written or as a telephone makes them sound, and what fits a pattern. */
export interface ListFinder {
  exact(words: readonly string[], findings: Findings): void;
  /** @param asked the entity that the bot has just asked for: then the sounds may lie further apart. */
  alike(words: readonly string[], findings: Findings, asked: string | undefined): void;
}

// As for the names of people (people.ts); to a question, hardly anything else can be meant.
const soundLimit = 0.13;
const askedLimit = 0.24;
const shortestSounds = 3;
// A pattern is looked for in so many words at a time, and no further than here: its cost grows with both.
const longestPattern = 12;
const furthestWord = 60;
const joins = ['', ' ', '-'];

export function createListFinder(entities: readonly OwnEntity[], lexicon: Lexicon): ListFinder {
  const phrases = new Map<string, { name: string; value: string }[]>();
  const sounding = new Map<string, Sounding[]>();
  for (const entity of entities) {
    if (entity.kind !== 'list') continue;
    for (const [value, synonyms] of Object.entries(entity.values)) {
      for (const phrase of [value, ...synonyms]) add(entity.name, value, phraseKey(phrase));
    }
  }
  const book = new PhraseBook<Listed>(phrases);
  const longest = Math.max(0, ...[...phrases.keys()].map((key) => key.split(' ').length));
  const patterns = entities.flatMap((entity) =>
    entity.kind === 'regex'
      ? [
          {
            name: entity.name,
            loose: new RegExp(`^(?:${entity.pattern})$`, 'i'),
            strict: new RegExp(`^(?:${entity.pattern})$`),
          },
        ]
      : [],
  );

  return { exact, alike };

  function add(name: string, value: string, key: string): void {
    const known = phrases.get(key) ?? [];
    if (key === '' || known.some((each) => each.name === name)) return;
    phrases.set(key, [...known, { name, value }]);
    const sounds = soundsOf(nameKey(key));
    if (sounds.length < shortestSounds) return;
    const bucket = firstSound(sounds);
    const entry = { name, value, words: key.split(' ').length, sounds: encodeSounds(sounds) };
    sounding.set(bucket, [...(sounding.get(bucket) ?? []), entry]);
  }

  function exact(words: readonly string[], findings: Findings): void {
    findPatterns(words, findings);
    for (let at = 0; at < words.length; at++) {
      const found = book.at(words, at);
      const [first, ...others] = found?.value ?? [];
      if (found === undefined || first === undefined) continue;
      findings.add({ kind: 'own', ...first, others, from: at, to: at + found.length });
    }
  }

  function alike(words: readonly string[], findings: Findings, asked: string | undefined): void {
    if (sounding.size === 0) return;
    for (let from = 0; from < Math.min(words.length, furthestWord); from++) {
      let best: { entity: Entity; distance: number } | undefined;
      for (let to = from + 1; to <= Math.min(words.length, from + longest + 1); to++) {
        if (findings.overlaps(from, to)) break;
        const span = words.slice(from, to);
        const ordinary = span.every((word) => lexicon.common.has(word));
        if (ordinary && asked === undefined) continue;
        const found = soundsLike(span, ordinary ? asked : undefined, asked);
        if (found !== undefined && found.distance < (best?.distance ?? 1)) {
          const { name, value } = found;
          best = { distance: found.distance, entity: { kind: 'own', name, value, from, to } };
        }
      }
      findings.add(best?.entity);
    }
  }

  function soundsLike(
    span: readonly string[],
    only: string | undefined,
    asked: string | undefined,
  ): (Sounding & { readonly distance: number }) | undefined {
    const sounds = soundsOf(nameKey(span.join(' ')));
    if (sounds.length < shortestSounds) return undefined;
    const encoded = encodeSounds(sounds);
    let best: (Sounding & { distance: number }) | undefined;
    for (const candidate of sounding.get(firstSound(sounds)) ?? []) {
      if (only !== undefined && candidate.name !== only) continue;
      const limit = candidate.name === asked ? askedLimit : soundLimit;
      const distance = soundDistance(encoded, candidate.sounds, limit);
      if (distance <= limit && distance < (best?.distance ?? 1)) best = { ...candidate, distance };
    }
    return best;
  }

  // "ticket a b one two double three" fits [A-Z]{2}\d{4}: numbers are written as digits, and words run together.
  function findPatterns(words: readonly string[], findings: Findings): void {
    if (patterns.length === 0) return;
    const pieces: { text: string; from: number; to: number }[] = [];
    for (let at = 0; at < Math.min(words.length, furthestWord);) {
      const numeral = numeralAt(words, at, lexicon);
      const to = at + (numeral?.length ?? 1);
      pieces.push({ text: numeral?.digits ?? words[at] ?? '', from: at, to });
      at = to;
    }
    for (const [index, { from }] of pieces.entries()) {
      for (let length = Math.min(longestPattern, pieces.length - index); length > 0; length--) {
        const span = pieces.slice(index, index + length);
        const fit = fits(span.map((piece) => piece.text));
        if (fit !== undefined && findings.add({ kind: 'own', ...fit, from, to: span.at(-1)?.to ?? from + 1 }))
          break;
      }
    }
  }

  function fits(texts: readonly string[]): { name: string; value: string } | undefined {
    for (const join of texts.length === 1 ? [''] : joins) {
      const text = texts.join(join);
      for (const { name, loose, strict } of patterns) {
        if (!loose.test(text)) continue;
        return { name, value: strict.test(text.toUpperCase()) ? text.toUpperCase() : text };
      }
    }
    return undefined;
  }
}
