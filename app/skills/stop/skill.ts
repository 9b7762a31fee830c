import type { Answers } from '../answers.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';

/** Stop: the bot falls silent and listens. */
export function createStopSkill(answers: Answers): Skill {
  return {
    intent: 'Stop',
    needs: [],
    remembers: [],
    sideEffects: false,
    run: ({ now }) => Promise.resolve(answer([answers.say('stopped', seedOf(now))])),
  };
}
