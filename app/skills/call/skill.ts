import type { Config } from '../../config/schema.ts';
import type { Answers } from '../answers.ts';
import { answer, seedOf } from '../reply.ts';
import type { Answer, Skill } from '../spec.ts';

export interface CallSkillOptions {
  readonly directory: Config['skills']['call']['directory'];
  readonly answers: Answers;
}

/** So many names are still worth listing to a caller who asked for somebody unknown. */
const mostNamesToList = 5;

/** Call: connects to a phone by its extension or by a name of the directory. */
export function createCallSkill({ directory, answers }: CallSkillOptions): Skill {
  const phones = new Map(
    Object.entries(directory).map(([name, extension]) => [name.toLowerCase(), { name, extension }]),
  );
  const known = Object.keys(directory);

  function connect(extension: string, name: string | undefined, seed: number): Answer {
    const whom = name ?? answers.word('extension', { digits: extension.replace(/\B/g, ' ') });
    return answer([answers.say('call-connecting', seed, { whom })], {
      next: { kind: 'connect', extension, ...(name === undefined ? {} : { name }) },
    });
  }

  /** What to do instead, then. */
  function unknown(name: string, seed: number): Answer {
    const help =
      known.length === 0 || known.length > mostNamesToList
        ? answers.say('no-names', seed)
        : answers.say('known-names', seed, { names: answers.list(known, 'or') });
    return answer([answers.say('unknown-name', seed, { name }), help]);
  }

  return {
    intent: 'Call',
    needs: [['extension', 'name', 'unknownName']],
    remembers: [],
    sideEffects: true,
    run({ slots: { extension, name, unknownName }, now }) {
      const seed = seedOf(now);
      if (extension !== undefined) return Promise.resolve(connect(extension, undefined, seed));
      const wanted = name ?? unknownName;
      if (wanted === undefined) return Promise.resolve(answer([answers.say('ask-whom', seed)]));
      const phone = phones.get(wanted.toLowerCase());
      return Promise.resolve(
        phone === undefined ? unknown(wanted, seed) : connect(phone.extension, phone.name, seed),
      );
    },
  };
}
