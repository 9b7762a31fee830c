import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Slots } from '../../../app/nlu/spec.ts';
import { createCallSkill } from '../../../app/skills/call/skill.ts';
import type { Next } from '../../../app/skills/spec.ts';
import { answers, run } from '../support.ts';

const now = '2026-11-05T20:05:00Z';
const directory = { Alice: '6002', 'Bob Stone': '6003' };
const listen: Next = { kind: 'listen' };

const table: readonly {
  readonly asked: string;
  readonly slots: Slots;
  readonly known?: Readonly<Record<string, string>>;
  readonly says: readonly string[];
  readonly next: Next;
}[] = [
  {
    asked: 'an extension',
    slots: { extension: '6001' },
    says: ["I'm connecting you to extension 6 0 0 1."],
    next: { kind: 'connect', extension: '6001' },
  },
  {
    asked: 'a name in the directory',
    slots: { name: 'Alice' },
    says: ["I'm connecting you to Alice."],
    next: { kind: 'connect', extension: '6002', name: 'Alice' },
  },
  {
    asked: 'a name in other letters',
    slots: { name: 'bob stone' },
    says: ["I'm connecting you to Bob Stone."],
    next: { kind: 'connect', extension: '6003', name: 'Bob Stone' },
  },
  {
    asked: 'a name that only the caller knows',
    slots: { unknownName: 'Charlie' },
    says: [
      "I don't have a number for Charlie.",
      'I can call Alice or Bob Stone, or any extension that you tell me.',
    ],
    next: listen,
  },
  {
    asked: 'a name that has left the directory',
    slots: { name: 'Dora' },
    known: {},
    says: ["I don't have a number for Dora.", 'Please tell me the number of the extension.'],
    next: listen,
  },
  {
    asked: 'a name that is not among many',
    slots: { unknownName: 'Zoe' },
    known: { A: '6001', B: '6002', C: '6003', D: '6004', E: '6005', F: '6006' },
    says: ["I don't have a number for Zoe.", 'Please tell me the number of the extension.'],
    next: listen,
  },
  { asked: 'nobody', slots: {}, says: ['Whom shall I call?'], next: listen },
];

for (const { asked, slots, known = directory, says, next } of table) {
  test(`a caller asks for ${asked}`, async () => {
    const answer = await run(createCallSkill({ directory: known, answers }), slots, now);
    assert.deepEqual(answer.say, says);
    assert.deepEqual(answer.next, next);
    assert.equal(answer.outcome, 'ok');
  });
}
