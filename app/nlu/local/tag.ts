import type { SlotName } from '../spec.ts';
import { dayAt } from './days.ts';
import { Findings, maskOf } from './entities.ts';
import type { Lexicon } from './lexicon.ts';
import { numeralAt, type Slips } from './numbers.ts';
import type { OwnFinder } from './own/finder.ts';
import { calledRegion, personIn, type People } from './people.ts';
import { findLongPlaces, findPlaces, type PlaceFinder } from './places.ts';
import type { Token } from './tokens.ts';

export interface Tagger extends PlaceFinder, People {
  /** For the entities of the bot's own. */
  readonly own?: OwnFinder | undefined;
}

// Somebody called Paris is not meant by "what about Paris".
const largeCity = 300_000;

/** Finds what an utterance names: the bot's own entities, days, people, numbers, places. What is found first keeps its words. */
export function tag(
  tokens: readonly Token[],
  tagger: Tagger,
  expecting?: SlotName | 'confirmation',
): Findings {
  const words = tokens.map((token) => token.word);
  const findings = new Findings();
  const asked = tagger.own === undefined ? expecting : tagger.own.expectation(expecting);
  tagger.own?.begin(words, findings);
  findDays(words, tagger, findings);
  findCalled(words, tagger, findings, asked);
  findNumbers(words, tagger, findings, asked);
  findLongPlaces(tokens, findings, tagger);
  findListed(words, tagger, findings);
  findPlaces(tokens, findings, tagger, asked === 'city');
  findPeople(words, tagger, findings);
  return tagger.own === undefined ? findings : tagger.own.complete(words, findings, expecting);
}

function findDays(words: readonly string[], { lexicon }: Tagger, findings: Findings): void {
  for (let at = 0; at < words.length; at++) {
    if (findings.at(at) !== undefined) continue;
    const found = dayAt(words, at, lexicon);
    if (found !== undefined) findings.add({ kind: 'day', spec: found.spec, from: found.from, to: found.to });
  }
}

// Those whom "call", "put me through to" and the like name; where a name was asked for, everything may be one.
function findCalled(words: readonly string[], tagger: Tagger, findings: Findings, expecting?: string): void {
  for (let at = 0; at < words.length; at++) {
    const call = tagger.lexicon.callWords.at(words, at);
    if (call === undefined) continue;
    // "put a call through to": the last of several is what the name follows.
    if (tagger.lexicon.callWords.at(words, at + call.length)?.value === 'strong') continue;
    const region = calledRegion(words, at + call.length, tagger);
    const person = isNumber(words, region.from, tagger) ? undefined : personIn(words, region, tagger, false);
    const close = person?.kind === 'name' && person.from === region.from;
    if (person !== undefined && (call.value === 'strong' || close)) {
      if (findings.add(person)) return;
    }
    at += call.length - 1;
  }
  if (expecting !== 'name' && expecting !== 'unknownName') return;
  const region = calledRegion(words, 0, tagger);
  if (!isNumber(words, region.from, tagger)) findings.add(personIn(words, region, tagger, false));
}

function isNumber(words: readonly string[], at: number, { lexicon }: Tagger): boolean {
  return numeralAt(words, at, lexicon) !== undefined;
}

function findNumbers(
  words: readonly string[],
  { lexicon }: Tagger,
  findings: Findings,
  expecting?: string,
): void {
  let slips: Slips = expecting === 'extension' || expecting === 'count' ? 'anywhere' : 'none';
  for (let at = 0; at < words.length; at++) {
    if (findings.at(at) !== undefined) continue;
    const counted = lexicon.counts.at(words, at);
    if (counted !== undefined) {
      findings.add({ kind: 'count', value: counted.value, from: at, to: at + counted.length });
      continue;
    }
    // "the one in Oregon"
    if (lexicon.notNumbers.at(words, at - 1)?.length === 2 && !lexicon.countedThings.has(words[at + 1] ?? ''))
      continue;
    const dialled =
      lexicon.extensionWords.has(words[at - 1] ?? '') ||
      lexicon.callWords.before(words, at)?.value === 'strong';
    if (dialled && slips === 'none') slips = 'inside';
    const numeral = numeralAt(words, at, lexicon, slips);
    if (numeral !== undefined) {
      findings.add({ kind: 'number', numeral, from: at, to: at + numeral.length });
      at += numeral.length - 1;
      continue;
    }
    // "give me to headlines"
    const heard = lexicon.heardAsNumber.get(words[at] ?? '');
    const counts =
      lexicon.beforeCount.has(words[at - 1] ?? '') && lexicon.countedThings.has(words[at + 1] ?? '');
    if (heard !== undefined && counts) findings.add({ kind: 'count', value: heard, from: at, to: at + 1 });
  }
}

// The directory's people, wherever no place is named and the name is no ordinary word.
function findListed(
  words: readonly string[],
  { directory, lexicon, cities }: Tagger,
  findings: Findings,
): void {
  for (let at = 0; at < words.length; at++) {
    const exact = directory.at(words, at);
    if (exact === undefined || lexicon.placeWords.has(words[at - 1] ?? '')) continue;
    const to = at + exact.length;
    const next = words[to];
    const ordinary =
      words.slice(at, to).every((word) => lexicon.common.has(word)) && exact.length < words.length;
    const followed = next !== undefined && !lexicon.common.has(next);
    const [city] = cities.named(words.slice(at, to).join(' '));
    if (ordinary || followed || (city?.population ?? 0) > largeCity) continue;
    findings.add({ kind: 'name', name: exact.name, from: at, to });
  }
}

function findPeople(words: readonly string[], { lexicon }: Tagger, findings: Findings): void {
  for (let at = 0; at < words.length; at++) {
    if (findings.at(at) !== undefined) continue;
    const next = words[at + 1];
    if (lexicon.firstNames.has(words[at] ?? '') && !lexicon.common.has(words[at] ?? '')) {
      const surname =
        next !== undefined && !lexicon.common.has(next) && findings.at(at + 1) === undefined ? 1 : 0;
      findings.add({ kind: 'person', from: at, to: at + 1 + surname });
    }
  }
}

/** The words with a mask such as `_city` in place of each entity: what the classifier sees. */
export function mask(words: readonly string[], findings: Findings, { beforeDay }: Lexicon): string[] {
  const masked: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const entity = findings.at(at);
    if (entity === undefined) masked.push(words[at] ?? '');
    else {
      // "On Friday", "for tomorrow": such words belong to the day.
      if (entity.kind === 'day' && beforeDay.has(masked.at(-1) ?? '')) masked.pop();
      masked.push(maskOf(entity));
      at = entity.to - 1;
    }
  }
  return masked;
}
