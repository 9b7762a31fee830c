import type { StoredEvent, StoredTurn } from './spec.ts';

/** Digits as they are written, and as recognisers write them down where they were spoken one by one. */
const digit =
  '(?:\\d|(?<!\\p{L})(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)(?!\\p{L}))';
const oneDigit = new RegExp(digit, 'giu');
/** A card is read out in groups. */
const run = new RegExp(`${digit}(?:[\\s.,()-]{0,3}${digit})*`, 'giu');

/** The text without its runs of `from` digits or more. */
export function maskDigits(text: string, from: number): string {
  return text.replace(run, (digits) =>
    (digits.match(oneDigit)?.length ?? 0) >= from ? digits.replace(oneDigit, '•') : digits,
  );
}

/** Takes out of what is kept what a caller may have entered or read out: an account, a card, a code. */
export interface Masking {
  turn(turn: StoredTurn): StoredTurn;
  event(event: StoredEvent): StoredEvent;
}

/** @param from digits in a row; with 0 nothing is masked. Keys are masked however few they are. */
export function createMasking(from: number): Masking {
  if (from === 0) return { turn: (turn) => turn, event: (event) => event };
  return {
    turn(turn) {
      const { heard, slots, said, keyed } = turn;
      const digits = keyed ? 1 : from;
      // What was keyed in must not stand in the answer either.
      const inAnswer = keyed ? Math.min(from, Math.max(1, heard.match(oneDigit)?.length ?? 1)) : from;
      return {
        ...turn,
        heard: maskDigits(heard, digits),
        slots: deep(slots, digits) as StoredTurn['slots'],
        said: said.map((sentence) => maskDigits(sentence, inAnswer)),
      };
    },
    event(event) {
      const digits = event.kind === 'digit' ? 1 : from;
      return { ...event, details: deep(event.details, digits) as StoredEvent['details'] };
    },
  };
}

/** All texts in it; numbers are never what a caller entered. */
function deep(value: unknown, from: number): unknown {
  if (typeof value === 'string') return maskDigits(value, from);
  if (Array.isArray(value)) return value.map((item) => deep(item, from));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, deep(item, from)]));
}
