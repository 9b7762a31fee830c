import type { CityList } from '../cities.ts';
import type { City } from '../spec.ts';
import { nameWord } from '../text.ts';
import type { Entity, Findings } from './entities.ts';
import type { Lexicon } from './lexicon.ts';
import { keyOf, qualify } from './qualifiers.ts';
import type { Token } from './tokens.ts';

export interface PlaceFinder {
  readonly cities: CityList;
  readonly lexicon: Lexicon;
}

// A village outside a place position is more likely an ordinary word.
const leastPopulationAnywhere = 15_000;
// All words being ordinary ones, only the very same sound makes them a city ("see at all").
const limitForOrdinaryWords = 0.04;
const longestSpan = 4;
// In a long utterance, not every word is compared with every city.
const mostTries = 12;

/** How surely a place is named at a word. */
type Position = 'sure' | 'likely' | 'none';

/** Finds the places among the words that are not taken yet. */
export function findPlaces(
  tokens: readonly Token[],
  findings: Findings,
  finder: PlaceFinder,
  expected: boolean,
): void {
  const words = tokens.map((token) => token.word);
  let tries = 0;
  for (let at = 0; at < words.length; at++) {
    if (findings.at(at) !== undefined) continue;
    const position = positionOf(words, at, findings, finder.lexicon, expected);
    const exact = exactAt(tokens, words, at, findings, finder, position, expected);
    // "the city of Lagos" is named where Lagos is.
    const lead = exact === undefined ? finder.lexicon.beforePlace.at(words, at) : undefined;
    if (lead !== undefined) {
      at += lead.length - 1;
      continue;
    }
    // "San Antonyo" is not San: a strange word behind the name may belong to it.
    const complete = exact !== undefined && !isStrange(words[exact.to], finder.lexicon);
    if (complete || position === 'none' || isStop(words, at, finder.lexicon) || tries >= mostTries) {
      findings.add(exact);
      continue;
    }
    tries++;
    const misheard = misheardAt(tokens, words, at, findings, finder, position, expected);
    const better = exact === undefined || (misheard?.kind === 'city' && misheard.to > exact.to);
    findings.add(better ? misheard : exact);
  }
}

/** The places whose names have several words: so sure that they come before people ("Saint John's", "San Jose"). */
export function findLongPlaces(tokens: readonly Token[], findings: Findings, finder: PlaceFinder): void {
  const words = tokens.map((token) => token.word);
  for (let at = 0; at < words.length; at++) {
    if (findings.at(at) !== undefined || !finder.cities.begins(nameWord(words[at] ?? ''))) continue;
    const position = positionOf(words, at, findings, finder.lexicon, false);
    const exact = exactAt(tokens, words, at, findings, finder, position, false);
    if (exact !== undefined && exact.to - exact.from > 1) findings.add(exact);
  }
}

function positionOf(
  words: readonly string[],
  at: number,
  findings: Findings,
  lexicon: Lexicon,
  expected: boolean,
): Position {
  let before = at;
  for (;;) {
    const lead = lexicon.beforePlace.before(words, before);
    if (lead === undefined) break;
    before -= lead.length;
  }
  const previous = words[before - 1];
  if (previous !== undefined && lexicon.placeWords.has(previous)) return 'sure';
  if (expected) return 'likely';
  if (previous === undefined) {
    // "Seattle weather", "Seattle, what's the forecast"
    return 'likely';
  }
  if (lexicon.placeTopics.has(previous)) return 'likely';
  if (lexicon.followUps.has(previous) && before <= 4) return 'likely';
  return findings.at(before - 1)?.kind === 'day' ? 'likely' : 'none';
}

function exactAt(
  tokens: readonly Token[],
  words: readonly string[],
  at: number,
  findings: Findings,
  { cities, lexicon }: PlaceFinder,
  position: Position,
  expected: boolean,
): Entity | undefined {
  if (!cities.begins(nameWord(words[at] ?? ''))) return undefined;
  for (let length = Math.min(cities.longestName, words.length - at); length > 0; length--) {
    const to = at + length;
    if (findings.overlaps(at, to)) continue;
    const key = keyOf(tokens, at, to);
    const named = cities.named(key);
    const best = named[0];
    if (best !== undefined) {
      const inside = words.slice(at, to);
      const ordinary = inside.every((word) => lexicon.common.has(word) || lexicon.firstNames.has(word));
      const qualified = qualify(tokens, words, to, findings, cities, lexicon);
      const chosen = qualified && named.find((city) => qualified.fits(city));
      if (chosen !== undefined && qualified !== undefined)
        return { kind: 'city', city: chosen, from: at, to: qualified.to };
      if (accepts(best, ordinary, position, expected, words, at, to, lexicon)) {
        // "Paris, Oklahoma" is no Paris that is known.
        if (qualified?.close === true) return { kind: 'place', from: at, to: qualified.to };
        return { kind: 'city', city: best, from: at, to };
      }
    }
    const territory = cities.territories(key).findLast((each) => each.alone !== undefined);
    if (territory?.alone !== undefined && (position !== 'none' || length > 1)) {
      const short = key.length < 3 && tokens[at]?.upper !== true && length === 1;
      const ordinary = words
        .slice(at, to)
        .every((word) => lexicon.common.has(word) || lexicon.firstNames.has(word));
      if (!short && (position === 'sure' || !ordinary))
        return { kind: 'city', city: territory.alone, from: at, to };
    }
  }
  return undefined;
}

function accepts(
  city: City,
  ordinary: boolean,
  position: Position,
  expected: boolean,
  words: readonly string[],
  at: number,
  to: number,
  lexicon: Lexicon,
): boolean {
  if (!ordinary) return position !== 'none' || city.population >= leastPopulationAnywhere;
  if (position === 'none') return false;
  // An ordinary word is a place only when nothing follows that makes it part of a sentence ("in reading about").
  const next = words[to];
  const ends = next === undefined || lexicon.endings.at(words, to) !== undefined;
  if (!ends && lexicon.common.has(next) && !isTime(next, lexicon)) return false;
  if (at > 0) return !expected || position === 'sure' || at <= 2;
  return (expected && ends) || (next !== undefined && lexicon.placeTopics.has(next));
}

function isTime(word: string, lexicon: Lexicon): boolean {
  return (
    lexicon.placeWords.has(word) ||
    lexicon.weekdays.has(word) ||
    lexicon.days.at([word], 0) !== undefined ||
    lexicon.onAfterPlace.has(word)
  );
}

/** A city that the recogniser misheard, or a place that nobody knows. */
function misheardAt(
  tokens: readonly Token[],
  words: readonly string[],
  at: number,
  findings: Findings,
  { cities, lexicon }: PlaceFinder,
  position: Position,
  expected: boolean,
): Entity | undefined {
  let end = at;
  while (end < words.length && findings.at(end) === undefined) {
    if (isStop(words, end, lexicon) || (end > at && tokens[end]?.pause === true)) break;
    end++;
  }
  const strange = (index: number): boolean => isStrange(words[index], lexicon);
  let best: { city: City; to: number; cost: number } | undefined;
  for (let to = at + 1; to <= Math.min(end, at + longestSpan); to++) {
    const ordinary = !words.slice(at, to).some((_, offset) => strange(at + offset));
    if (ordinary && position !== 'sure' && !expected) continue;
    const key = keyOf(tokens, at, to);
    // At the beginning, anything may stand: it must be followed by "weather" or a comma.
    const next = tokens[to];
    const begins =
      at === 0 && !expected && next !== undefined && !next.pause && !lexicon.placeTopics.has(next.word);
    if (begins || (at === 0 && !expected && next === undefined)) continue;
    const found = cities.alike(key, ordinary ? limitForOrdinaryWords : undefined);
    // "Let's say Vienna" is not Savannah: what is misheard must be likelier than the cities that were named.
    if (found === undefined || found.city.population <= largestNamed(tokens, at, to, cities)) continue;
    if (found.distance < (best?.cost ?? 1)) best = { city: found.city, to, cost: found.distance };
  }
  if (best !== undefined) {
    const to =
      words[best.to] !== undefined && lexicon.afterPlace.has(words[best.to] ?? '') ? best.to + 1 : best.to;
    const qualified = qualify(tokens, words, best.to, findings, cities, lexicon);
    return {
      kind: 'city',
      city: best.city,
      from: at,
      to: qualified?.fits(best.city) === true ? qualified.to : to,
    };
  }
  // No such city: everything up to the last strange word is its name.
  const strangeAt = [...words.keys()].slice(at, end).filter(strange);
  const last = strangeAt.at(-1);
  if (last === undefined || last - at >= longestSpan) return undefined;
  if (strangeAt[0] !== at && (position !== 'sure' || tokens[at]?.capital !== true)) return undefined;
  if (position !== 'sure' && !expected && (at === 0 || tokens[at]?.capital !== true)) return undefined;
  const capitals = words
    .slice(last + 1, end)
    .findIndex((_, offset) => tokens[last + 1 + offset]?.capital !== true);
  const to = last + 1 + (capitals === -1 ? Math.max(0, end - last - 1) : capitals);
  const after = lexicon.afterPlace.has(words[to] ?? '') && to < end ? 1 : 0;
  // Without a word like "in", a strange word is a place only where the utterance ends or goes on with the weather.
  if (position !== 'sure' && to + after < words.length && findings.at(to + after) === undefined) {
    const next = words[to + after] ?? '';
    if (!lexicon.placeTopics.has(next) && lexicon.endings.at(words, to + after) === undefined)
      return undefined;
  }
  return { kind: 'place', from: at, to: to + after };
}

function largestNamed(tokens: readonly Token[], from: number, to: number, cities: CityList): number {
  let largest = 0;
  for (let at = from; at < to; at++) {
    largest = Math.max(largest, cities.named(keyOf(tokens, at, at + 1))[0]?.population ?? 0);
  }
  return largest;
}

function isStrange(word: string | undefined, lexicon: Lexicon): boolean {
  return (
    word !== undefined && !lexicon.common.has(word) && !lexicon.firstNames.has(word) && !/^\d/.test(word)
  );
}

function isStop(words: readonly string[], at: number, lexicon: Lexicon): boolean {
  const word = words[at] ?? '';
  return (
    lexicon.placeWords.has(word) || lexicon.endings.at(words, at) !== undefined || lexicon.notPlaces.has(word)
  );
}
