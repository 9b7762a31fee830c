/** What was said in a call, in its order, from its turns and the sentences of the bot. */
import type { CallEvent, Sentence, Turn } from '../contract.ts';

export interface Utterance {
  readonly who: 'caller' | 'bot';
  /** Milliseconds since the call was answered. */
  readonly atMs: number;
  /** When it was over, where that is known. */
  readonly endMs: number | undefined;
  readonly text: string;
  /** The turn it belongs to; null for a greeting, a question whether anybody is there. */
  readonly turn: number | null;
  readonly keyed: boolean;
}

/** Where a turn began: what was entered by keys has no speech. */
export function beginningOf({ times }: Turn): number {
  const { speechStarted, speechEnded, finalText, turnOver, started } = times;
  return speechStarted ?? speechEnded ?? finalText ?? turnOver ?? started ?? 0;
}

export function talkOf(turns: readonly Turn[], sentences: readonly Sentence[]): Utterance[] {
  const heard = turns.map((turn): Utterance => ({
    who: 'caller',
    atMs: beginningOf(turn),
    endMs: turn.times.speechEnded,
    text: turn.heard,
    turn: turn.number,
    keyed: turn.keyed,
  }));
  const said: Utterance[] = [];
  for (const { atMs, text, turn } of sentences) {
    const before = said.at(-1);
    // The sentences of one answer are read as one.
    if (before !== undefined && turn !== null && before.turn === turn)
      said[said.length - 1] = { ...before, text: `${before.text} ${text}` };
    else said.push({ who: 'bot', atMs, endMs: undefined, text, turn, keyed: false });
  }
  return [...heard, ...said].sort((a, b) => a.atMs - b.atMs);
}

/** A field of an event as text; '' where it is none. */
export function detail({ details }: CallEvent, name: string): string {
  const value = details[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What was said of an answer that was taken back was said all the same, but answers nothing any more. */
export function takenBack(sentences: readonly Sentence[], number: unknown): Sentence[] {
  return sentences.map((sentence) => (sentence.turn === number ? { ...sentence, turn: null } : sentence));
}

/** The sentences of a call that is over, which its events tell. */
export function sentencesOf(events: readonly CallEvent[]): Sentence[] {
  let sentences: Sentence[] = [];
  for (const event of events) {
    const { kind, atMs, details } = event;
    const turn = typeof details['turn'] === 'number' ? details['turn'] : null;
    if (kind === 'taken-back') sentences = takenBack(sentences, turn);
    if (kind === 'saying') sentences.push({ atMs, text: detail(event, 'text'), turn });
  }
  return sentences;
}
