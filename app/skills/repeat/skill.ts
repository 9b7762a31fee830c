import { answer } from '../reply.ts';
import type { Skill } from '../spec.ts';

/** Repeat: the dialogue says its last answer again; it knows what that was. */
export function createRepeatSkill(): Skill {
  return {
    intent: 'Repeat',
    needs: [],
    remembers: [],
    sideEffects: false,
    run: () => Promise.resolve(answer([], { next: { kind: 'repeat' } })),
  };
}
