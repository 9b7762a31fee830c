import type { Answers } from '../answers.ts';
import { answer, seedOf } from '../reply.ts';
import type { Skill } from '../spec.ts';

/** Help: what the bot can do, one example, and how to end. */
export function createHelpSkill(answers: Answers): Skill {
  return {
    intent: 'Help',
    needs: [],
    remembers: [],
    sideEffects: false,
    run({ now }) {
      const seed = seedOf(now);
      const keys = ['help-what', 'help-example', 'help-keys', 'help-end'] as const;
      return Promise.resolve(answer(keys.map((key) => answers.say(key, seed))));
    },
  };
}
