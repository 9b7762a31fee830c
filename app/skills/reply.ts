import type { Answer } from './spec.ts';

/** An answer after which the bot listens, unless `more` says otherwise. */
export function answer(
  say: readonly string[],
  more: Partial<Pick<Answer, 'next' | 'remember' | 'outcome'>> = {},
): Answer {
  return { say, next: { kind: 'listen' }, outcome: 'ok', ...more };
}

/** Picks among the variants of a sentence: the same moment gives the same words. */
export function seedOf(now: Date): number {
  return Math.floor(now.getTime() / 1_000);
}
