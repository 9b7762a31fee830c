import type { Day } from '../spec.ts';
import { dateOf, dayNumberOf, isDate, type CivilDate } from './calendar.ts';
import type { Lexicon } from './lexicon.ts';
import { numeralAt } from './numbers.ts';

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

/** `coming` is the first from today on, `next` the one in the next week (from Monday on), `last` the one before today. */
type Which = 'coming' | 'next' | 'last';

export interface FoundDay {
  /** The words of the day itself. */
  readonly from: number;
  readonly to: number;
  readonly spec: DaySpec;
}

const whichWords: Readonly<Record<string, Which>> = {
  this: 'coming',
  coming: 'coming',
  the: 'coming',
  next: 'next',
  following: 'next',
  last: 'last',
  past: 'last',
};

/** The day that begins at `words[index]`, the longest reading of it: "next Monday morning", "the 25th", "in three days". */
export function dayAt(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const readings = [
    phrase(words, index, lexicon),
    weekday(words, index, lexicon),
    week(words, index, lexicon),
    some(words, index, lexicon),
    date(words, index, lexicon),
    partAlone(words, index, lexicon),
  ].filter((reading) => reading !== undefined);
  const longest = readings.sort((a, b) => b.to - a.to)[0];
  return longest === undefined ? undefined : withPart(words, longest, lexicon);
}

function phrase(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const found = lexicon.days.at(words, index);
  return found && { from: index, to: index + found.length, spec: found.value };
}

// "Friday", "this Friday", "the coming Friday", "Friday the 13th".
function weekday(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const { at, which } = whichAt(words, index);
  const value = lexicon.weekdays.get(words[at] ?? '');
  if (value === undefined) return undefined;
  const dated = date(words, at + 1, lexicon);
  if (dated !== undefined && words[at + 1] !== 'in') return { ...dated, from: index };
  const nextWeek = words[at + 1] === 'next' && words[at + 2] === 'week';
  return {
    from: index,
    to: at + (nextWeek ? 3 : 1),
    spec: { kind: 'weekday', weekday: value, which: nextWeek ? 'next' : which },
  };
}

// "the weekend", "next week", "next week on Friday", "the rest of the week".
function week(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const { at, which } = whichAt(words, index);
  if (words[at] === 'weekend') return { from: index, to: at + 1, spec: { kind: 'weekend', which } };
  if (words.slice(index, index + 5).join(' ') === 'the rest of the week') {
    return { from: index, to: index + 5, spec: { kind: 'week', which: 'coming' } };
  }
  if (words[at] !== 'week' || at === index) return undefined;
  const then = at + (words[at + 1] === 'on' ? 2 : 1);
  const value = which === 'next' ? lexicon.weekdays.get(words[then] ?? '') : undefined;
  if (value !== undefined)
    return { from: index, to: then + 1, spec: { kind: 'weekday', weekday: value, which } };
  return { from: index, to: at + 1, spec: { kind: 'week', which } };
}

function whichAt(words: readonly string[], index: number): { at: number; which: Which } {
  let at = index;
  let which: Which = 'coming';
  while (at < index + 2) {
    const found = whichWords[words[at] ?? ''];
    if (found === undefined) break;
    if (found !== 'coming') which = found;
    at++;
  }
  return { at, which };
}

// "in three days", "in a week", "two days from now", "the next three days", "five day forecast".
function some(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const inSome = words[index] === 'in';
  const next = /^(?:the )?(?:next|coming|following) /.exec(`${words.slice(index, index + 2).join(' ')} `);
  const at = inSome ? index + 1 : next ? index + next[0].trim().split(' ').length : index;
  const one = words[at] === 'a' || words[at] === 'one';
  const numeral = numeralAt(words, at, lexicon);
  const count = one ? 1 : numeral?.value;
  if (count === undefined || count > 366) return undefined;
  const unitAt = at + (one ? 1 : (numeral?.length ?? 1));
  const unit = words[unitAt];
  const perUnit = unit === 'day' || unit === 'days' ? 1 : unit === 'week' || unit === 'weeks' ? 7 : 0;
  if (perUnit === 0) return undefined;
  const fromNow = /^from (?:now|today)/.test(words.slice(unitAt + 1, unitAt + 3).join(' '));
  if (inSome || fromNow) {
    const spec: DaySpec = { kind: 'offset', from: count * perUnit, days: 1 };
    return { from: index, to: unitAt + (fromNow ? 3 : 1), spec };
  }
  if (next) return { from: index, to: unitAt + 1, spec: { kind: 'offset', from: 1, days: count * perUnit } };
  if (words[unitAt + 1] !== 'forecast' && words[unitAt + 1] !== 'weather') return undefined;
  return { from: index, to: unitAt + 1, spec: { kind: 'offset', from: 0, days: count * perUnit } };
}

// "December first", "December 25", "the 25th", "the first of December", "25th of December".
function date(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const month = lexicon.months.get(words[index] ?? '');
  if (month !== undefined) {
    const the = words[index + 1] === 'the' ? 1 : 0;
    const day = dayOfMonth(words, index + 1 + the, lexicon, true);
    if (day === undefined) return undefined;
    return { from: index, to: index + 1 + the + day.length, spec: { kind: 'date', day: day.value, month } };
  }
  const the = words[index] === 'the';
  const at = the ? index + 1 : index;
  const day = dayOfMonth(words, at, lexicon, false);
  if (day === undefined) return undefined;
  let to = at + day.length;
  const of = words[to] === 'of' ? 1 : 0;
  const inMonth = lexicon.months.get(words[to + of] ?? '');
  if (inMonth !== undefined) {
    return { from: index, to: to + of + 1, spec: { kind: 'date', day: day.value, month: inMonth } };
  }
  if (of === 1 && words[to + 1] === 'the' && words[to + 2] === 'month') to += 3;
  // "the first headline", "one second": alone, an ordinal in words is a date only after "on the" or "for the".
  const written = /^\d/.test(words[at] ?? '');
  const placed = the && (words[index - 1] === 'on' || words[index - 1] === 'for');
  const ends = words[to] === undefined || !lexicon.countedThings.has(words[to] ?? '');
  if (!(written || placed || (the && day.length > 1)) || !ends) return undefined;
  return { from: index, to, spec: { kind: 'date', day: day.value } };
}

function dayOfMonth(
  words: readonly string[],
  at: number,
  lexicon: Lexicon,
  cardinals: boolean,
): { length: number; value: number } | undefined {
  const word = words[at] ?? '';
  const written = /^(\d{1,2})(?:st|nd|rd|th)$/.exec(word);
  const tens = lexicon.numbers.get(word);
  const unit = lexicon.ordinals.get(words[at + 1] ?? '');
  let found: { length: number; value: number } | undefined;
  if (written) found = { length: 1, value: Number(written[1]) };
  else if (tens !== undefined && tens >= 20 && tens <= 30 && unit !== undefined && unit < 10) {
    found = { length: 2, value: tens + unit };
  } else if (lexicon.ordinals.has(word)) found = { length: 1, value: lexicon.ordinals.get(word) ?? 0 };
  else if (cardinals) {
    const numeral = numeralAt(words, at, lexicon);
    if (numeral?.value !== undefined) found = { length: numeral.length, value: numeral.value };
  }
  return found !== undefined && found.value >= 1 && found.value <= 31 ? found : undefined;
}

// "this morning", "in the evening", "at night".
function partAlone(words: readonly string[], index: number, lexicon: Lexicon): FoundDay | undefined {
  const lead = /^(?:(?:in|during|for) the|this|at|in|the) /.exec(
    `${words.slice(index, index + 2).join(' ')} `,
  );
  if (lead === null) return undefined;
  const at = index + lead[0].trim().split(' ').length;
  const part = lexicon.parts.get(words[at] ?? '');
  if (part === undefined || (lead[0] === 'the ' && words[at + 1] !== undefined)) return undefined;
  return { from: index, to: at + 1, spec: { kind: 'offset', from: 0, days: 1, part } };
}

function withPart(words: readonly string[], found: FoundDay, lexicon: Lexicon): FoundDay {
  if (found.spec.part !== undefined) return found;
  const lead = /^(?:in the|during the|at) /.exec(`${words.slice(found.to, found.to + 2).join(' ')} `);
  const at = found.to + (lead === null ? 0 : lead[0].trim().split(' ').length);
  const part = lexicon.parts.get(words[at] ?? '');
  return part === undefined ? found : { ...found, to: at + 1, spec: { ...found.spec, part } };
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
