import type { Answers } from '../answers.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';

/** Goodbye: the bot says goodbye and hangs up. */
export function createGoodbyeSkill(answers: Answers): Skill {
  return {
    intent: 'Goodbye',
    needs: [],
    remembers: [],
    sideEffects: false,
    run: ({ now }) =>
      Promise.resolve(answer([answers.say('goodbye', seedOf(now))], { next: { kind: 'hang-up' } })),
  };
}
