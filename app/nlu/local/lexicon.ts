import type { Words } from '../content.ts';
import { fold } from '../text.ts';
import { DayPatterns } from './day-patterns.ts';
import type { DaySpec, Part } from './days.ts';
import { PhraseBook } from './phrase-book.ts';
import { phraseKey } from './tokens.ts';

/** The words of the content, made ready for looking up. */
export interface Lexicon {
  readonly fillers: ReadonlySet<string>;
  readonly leadIns: PhraseBook<true>;
  readonly endings: PhraseBook<true>;
  readonly heardAs: PhraseBook<readonly string[]>;
  readonly heardFirst: PhraseBook<readonly string[]>;
  readonly heardLast: PhraseBook<readonly string[]>;
  readonly numbers: ReadonlyMap<string, number>;
  readonly hundred: string | undefined;
  readonly thousand: string;
  readonly andAfterHundred: string | undefined;
  readonly andAfterTens: string | undefined;
  readonly counts: PhraseBook<number>;
  readonly digits: ReadonlyMap<string, number>;
  readonly repeats: ReadonlyMap<string, number>;
  readonly heardAsNumber: ReadonlyMap<string, number>;
  readonly ordinals: ReadonlyMap<string, number>;
  readonly weekdays: ReadonlyMap<string, number>;
  readonly months: ReadonlyMap<string, number>;
  readonly ordinalEndings: ReadonlySet<string>;
  readonly parts: ReadonlyMap<string, Part>;
  readonly partLeads: PhraseBook<true>;
  /** Single phrases for a day: "tomorrow", "Christmas Eve". */
  readonly days: PhraseBook<DaySpec>;
  readonly dayPatterns: DayPatterns;
  readonly beforeDay: ReadonlySet<string>;
  readonly placeWords: ReadonlySet<string>;
  readonly followUps: ReadonlySet<string>;
  readonly placeTopics: ReadonlySet<string>;
  readonly beforePlace: PhraseBook<true>;
  readonly afterPlace: ReadonlySet<string>;
  readonly placeLinks: ReadonlySet<string>;
  readonly notPlaces: ReadonlySet<string>;
  readonly onAfterPlace: ReadonlySet<string>;
  readonly callWords: PhraseBook<'strong' | 'weak'>;
  readonly afterName: PhraseBook<true>;
  readonly beforeName: PhraseBook<true>;
  readonly titles: ReadonlySet<string>;
  readonly notNames: ReadonlySet<string>;
  readonly extensionWords: ReadonlySet<string>;
  readonly notNumbers: PhraseBook<true>;
  readonly countedThings: ReadonlySet<string>;
  readonly beforeCount: ReadonlySet<string>;
  readonly firstNames: ReadonlySet<string>;
  /** Ordinary words; those of the samples are added by whoever reads them. */
  readonly common: ReadonlySet<string>;
}

export function createLexicon(words: Words, sampleWords: Iterable<string>): Lexicon {
  const common = new Set([...set(words.common.split(/\s+/)), ...sampleWords]);
  for (const record of [words.numbers, words.ordinals, words.weekdays, words.months, words.parts]) {
    for (const word of Object.keys(record)) common.add(fold(word));
  }
  const days: [string, DaySpec][] = [
    ...Object.entries(words.days).map(([phrase, { from, days, part }]): [string, DaySpec] => [
      phraseKey(phrase),
      { kind: 'offset', from, days: days ?? 1, ...(part && { part }) },
    ]),
    ...Object.entries(words.feasts).map(([phrase, date]): [string, DaySpec] => [
      phraseKey(phrase),
      { kind: 'date', month: Number(date.slice(0, 2)), day: Number(date.slice(3)) },
    ]),
  ];
  return {
    fillers: set(words.fillers),
    leadIns: book(words.leadIns),
    endings: book(words.endings),
    heardAs: corrections(words.heardAs),
    heardFirst: corrections(words.heardFirst),
    heardLast: corrections(words.heardLast),
    numbers: map(words.numbers),
    hundred: words.hundred,
    thousand: words.thousand,
    andAfterHundred: words.andAfterHundred,
    andAfterTens: words.andAfterTens,
    counts: new PhraseBook(Object.entries(words.counts).map(([phrase, value]) => [phraseKey(phrase), value])),
    digits: map(words.digits),
    repeats: map(words.repeats),
    heardAsNumber: map(words.heardAsNumber),
    ordinals: map(words.ordinals),
    weekdays: map(words.weekdays),
    months: map(words.months),
    ordinalEndings: set(words.ordinalEndings),
    parts: map(words.parts),
    partLeads: book(words.partLeads),
    days: new PhraseBook(days),
    dayPatterns: new DayPatterns(words.dayPatterns),
    beforeDay: set(words.beforeDay),
    placeWords: set(words.placeWords),
    followUps: set(words.followUps),
    placeTopics: set(words.placeTopics),
    beforePlace: book(words.beforePlace),
    afterPlace: set(words.afterPlace),
    placeLinks: set(words.placeLinks),
    notPlaces: set(words.notPlaces),
    onAfterPlace: set(words.onAfterPlace),
    callWords: new PhraseBook<'strong' | 'weak'>([
      ...words.weakCallWords.map((phrase) => [phraseKey(phrase), 'weak'] as const),
      ...words.callWords.map((phrase) => [phraseKey(phrase), 'strong'] as const),
    ]),
    afterName: book(words.afterName),
    beforeName: book(words.beforeName),
    titles: set(words.titles),
    notNames: set(words.notNames),
    extensionWords: set(words.extensionWords),
    notNumbers: book(words.notNumbers),
    countedThings: set(words.countedThings),
    beforeCount: set(words.beforeCount),
    firstNames: set(words.firstNames.split(/\s+/)),
    common,
  };
}

// Accents and capitals do not matter.
function set(words: readonly string[]): Set<string> {
  return new Set(words.map(fold));
}

function map<T>(record: Readonly<Record<string, T>>): Map<string, T> {
  return new Map(Object.entries(record).map(([word, value]) => [fold(word), value]));
}

function book(phrases: readonly string[]): PhraseBook<true> {
  return new PhraseBook(phrases.map((phrase) => [phraseKey(phrase), true as const]));
}

function corrections(heardAs: Readonly<Record<string, string>>): PhraseBook<readonly string[]> {
  return new PhraseBook(
    Object.entries(heardAs).map(([heard, meant]) => [phraseKey(heard), phraseKey(meant).split(' ')]),
  );
}
