import type { Day } from '../spec.ts';
import { dateOf, dayNumberOf, isDate, type CivilDate } from './calendar.ts';
import type { PatternMatch } from './day-patterns.ts';
import type { Lexicon } from './lexicon.ts';

export type Part = NonNullable<Day['part']>;

/** A day as it was said, before anybody knows what today is. */
export type DaySpec = { readonly part?: Part } & (
  | { readonly kind: 'offset'; readonly from: number; readonly days: number }
  | { readonly kind: 'weekday'; readonly weekday: number; readonly which: Which }
  | { readonly kind: 'weekend'; readonly which: Which }
  | { readonly kind: 'week'; readonly which: Which }
  /** Without a month: the next such day. */
  | { readonly kind: 'date'; readonly day: number; readonly month?: number }
);

/**
 * `coming` is the first from today on, `following` the first after today, `next` the one in the next week (from Monday
 * on), `last` the one before today.
 */
type Which = 'coming' | 'following' | 'next' | 'last';

export interface FoundDay {
  /** The words of the day itself. */
  readonly from: number;
  readonly to: number;
  readonly spec: DaySpec;
}

/**
 * The day that begins at `words[index]`, the longest reading of it: "next Monday morning", "the 25th", "in three days".
 * Which words name a day is content (`days` and `dayPatterns` in words.yaml).
 */
export function dayAt(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const phrase = lexicon.days.at(words, index);
  let longest: FoundDay | undefined = phrase && {
    from: index,
    to: index + phrase.length,
    spec: phrase.value,
  };
  for (const found of lexicon.dayPatterns.at(words, index, lexicon)) {
    if (found.to <= (longest?.to ?? index)) continue;
    const spec = specOf(found);
    // "the first headline" is no date.
    const counts = spec?.kind === 'date' && spec.month === undefined;
    if (spec === undefined || (counts && lexicon.countedThings.has(words[found.to] ?? ''))) continue;
    longest = { from: index, to: found.to, spec };
  }
  return longest && withPart(words, longest, lexicon);
}

function specOf({ meaning, weekday, day, month, number = 1, part }: PatternMatch): DaySpec | undefined {
  const { is, which = 'coming', days = 1 } = meaning;
  const count = number * days;
  switch (is) {
    case 'weekday':
      return weekday === undefined ? undefined : { kind: 'weekday', weekday, which };
    case 'weekend':
    case 'week':
      return { kind: is, which };
    case 'after':
      return { kind: 'offset', from: count, days: 1 };
    case 'ago':
      return { kind: 'offset', from: -count, days: 1 };
    case 'next':
      return { kind: 'offset', from: 1, days: count };
    case 'first':
      return { kind: 'offset', from: 0, days: count };
    case 'today':
      return part === undefined ? undefined : { kind: 'offset', from: 0, days: 1, part };
    case 'date':
      if (day === undefined) return undefined;
      return { kind: 'date', day, ...(month !== undefined && { month }) };
  }
}

function withPart(words: readonly string[], found: FoundDay, lexicon: Lexicon): FoundDay {
  if (found.spec.part !== undefined) return found;
  const lead = lexicon.partLeads.at(words, found.to)?.length ?? 0;
  for (const at of [found.to + lead, found.to]) {
    const part = lexicon.parts.get(words[at] ?? '');
    if (part !== undefined) return { ...found, to: at + 1, spec: { ...found.spec, part } };
  }
  return found;
}

/** What a day that was said comes to, seen from `today`; undefined when there is no such date. */
export function resolveDay(spec: DaySpec, today: CivilDate): Day | undefined {
  const part = spec.part === undefined ? {} : { part: spec.part };
  switch (spec.kind) {
    case 'offset':
      return { daysFromToday: spec.from, days: spec.days, ...part };
    case 'weekday':
      return named(toWeekday(spec.weekday, spec.which, today), 1);
    case 'weekend': {
      // On a Sunday, "the weekend" is what is left of it.
      if (spec.which === 'coming' && today.weekday === 0) return named(0, 1);
      return named(toWeekday(6, spec.which, today), 2);
    }
    case 'week': {
      const untilSunday = 7 - fromMonday(today.weekday);
      if (spec.which === 'coming') return { daysFromToday: 0, days: untilSunday, ...part };
      return { daysFromToday: untilSunday - (spec.which === 'last' ? 14 : 0), days: 7, ...part };
    }
    case 'date': {
      const from = nextDate(spec, today);
      return from === undefined ? undefined : named(from - today.dayNumber, 1);
    }
  }

  function named(daysFromToday: number, days: number): Day {
    return { daysFromToday, days, weekday: dateOf(today.dayNumber + daysFromToday).weekday, ...part };
  }
}

function fromMonday(weekday: number): number {
  return (weekday + 6) % 7;
}

function toWeekday(weekday: number, which: Which, today: CivilDate): number {
  const ahead = (weekday - today.weekday + 7) % 7;
  if (which === 'coming') return ahead;
  if (which === 'following') return ahead === 0 ? 7 : ahead;
  if (which === 'last') return ahead - 7;
  return 7 - fromMonday(today.weekday) + fromMonday(weekday);
}

function nextDate(
  spec: { readonly day: number; readonly month?: number },
  today: CivilDate,
): number | undefined {
  // A leap day is at most eight years away.
  for (let ahead = 0; ahead < 12 * 9; ahead++) {
    const year = today.year + Math.floor((today.month - 1 + ahead) / 12);
    const month = ((today.month - 1 + ahead) % 12) + 1;
    if (spec.month !== undefined && spec.month !== month) continue;
    if (!isDate(year, month, spec.day)) continue;
    const found = dayNumberOf(year, month, spec.day);
    if (found >= today.dayNumber) return found;
  }
  return undefined;
}
