import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decide,
  type Decision,
  type DialogueRules,
  emptyMemory,
  expectation,
  type Memory,
  remember,
} from '../../app/conversation/dialogue.ts';
import type { City, Intent, SlotName, Slots, Understanding } from '../../app/nlu/spec.ts';
import type { Skill } from '../../app/skills/spec.ts';

const city = (name: string): City => ({
  name,
  country: '',
  region: '',
  latitude: 0,
  longitude: 0,
  timeZone: 'UTC',
  population: 1,
});
const london = city('London');
const paris = city('Paris');
const tomorrow = { daysFromToday: 1, days: 1 };

function skill(intent: Intent, needs: SlotName[][], remembers: SlotName[]): Skill {
  return {
    intent,
    needs,
    remembers,
    sideEffects: false,
    run: () => Promise.reject(new Error('nothing runs in this test')),
  };
}

const skills = [
  skill('GetWeather', [['city']], ['city', 'day']),
  skill('GetTime', [], ['city']),
  skill('Call', [['extension', 'name', 'unknownName']], []),
  skill('Help', [], []),
  skill('Goodbye', [], []),
];
const rules: DialogueRules = {
  acceptAbove: 0.6,
  confirmAbove: 0.35,
  skills: new Map(skills.map((one) => [one.intent, one])),
};

function heard(intent: Intent, slots: Slots = {}, more: Partial<Understanding> = {}): Understanding {
  return { text: '…', intent, confidence: 0.9, slots, mentions: [], ranking: [], fragment: false, ...more };
}
const fragment = (slots: Slots): Understanding => heard('None', slots, { fragment: true });
const yes = heard('None', {}, { affirmation: 'yes' });
const no = heard('None', {}, { affirmation: 'no' });
const nothing = heard('None', {}, { confidence: 0.9 });

/** Leads a dialogue: each skill that runs is remembered as the conversation does it. */
function lead(...utterances: Understanding[]): { memory: Memory; decisions: Decision[] } {
  let memory = emptyMemory;
  const decisions: Decision[] = [];
  for (const utterance of utterances) {
    const thought = decide(memory, utterance, rules);
    memory = thought.memory;
    decisions.push(thought.decision);
    const { decision } = thought;
    const ran = decision.do === 'run' ? rules.skills.get(decision.intent) : undefined;
    if (decision.do === 'run' && ran) memory = remember(memory, decision.intent, decision.slots, ran);
  }
  return { memory, decisions };
}

const last = (...utterances: Understanding[]) => lead(...utterances).decisions.at(-1);

const words = async function* (): AsyncGenerator<string> {
  yield await Promise.resolve('I am a bot.');
};

test('an answer in words is said, and leaves the question that was asked open', () => {
  const reply = words();
  const { memory, decisions } = lead(
    { ...heard('None'), intent: 'None' },
    heard('GetWeather', { day: tomorrow }),
    { ...heard('None'), reply },
    fragment({ city: london }),
  );
  assert.deepEqual(decisions.at(-2), { do: 'tell', sentences: reply });
  assert.deepEqual(decisions.at(-1), {
    do: 'run',
    intent: 'GetWeather',
    slots: { day: tomorrow, city: london },
  });
  assert.equal(memory.misses, 0);
});

const rows: readonly (readonly [string, Decision, ...Understanding[]])[] = [
  [
    'a clear request is done',
    { do: 'run', intent: 'GetWeather', slots: { city: london } },
    heard('GetWeather', { city: london }),
  ],
  ['a missing city is asked for', { do: 'ask', intent: 'GetWeather', slot: 'city' }, heard('GetWeather')],
  [
    'a bare city answers the question',
    { do: 'run', intent: 'GetWeather', slots: { day: tomorrow, city: london } },
    heard('GetWeather', { day: tomorrow }),
    fragment({ city: london }),
  ],
  [
    '"and tomorrow?" keeps the city',
    { do: 'run', intent: 'GetWeather', slots: { city: london, day: tomorrow } },
    heard('GetWeather', { city: london }),
    fragment({ day: tomorrow }),
  ],
  [
    '"and in Paris?" keeps the day',
    { do: 'run', intent: 'GetWeather', slots: { day: tomorrow, city: paris } },
    heard('GetWeather', { city: london }),
    fragment({ day: tomorrow }),
    fragment({ city: paris }),
  ],
  [
    'the same request without a city means the same city',
    { do: 'run', intent: 'GetWeather', slots: { city: london, day: tomorrow } },
    heard('GetWeather', { city: london }),
    heard('GetWeather', { day: tomorrow }),
  ],
  [
    'another request does not inherit the city',
    { do: 'run', intent: 'GetTime', slots: {} },
    heard('GetWeather', { city: london }),
    heard('GetTime'),
  ],
  [
    'middling confidence is confirmed first',
    { do: 'confirm', intent: 'GetWeather', slots: { city: paris } },
    heard('GetWeather', { city: paris }, { confidence: 0.5 }),
  ],
  [
    'a yes does what was confirmed',
    { do: 'run', intent: 'GetWeather', slots: { city: paris } },
    heard('GetWeather', { city: paris }, { confidence: 0.5 }),
    yes,
  ],
  [
    'who says it again instead of a yes has said yes',
    { do: 'run', intent: 'Call', slots: { extension: '6001' } },
    fragment({ extension: '6001' }),
    fragment({ extension: '6001' }),
  ],
  ['a no drops it', { do: 'drop' }, heard('GetWeather', { city: paris }, { confidence: 0.5 }), no],
  [
    'another request instead of a yes or no is taken as it is',
    { do: 'run', intent: 'Help', slots: {} },
    heard('GetWeather', { city: paris }, { confidence: 0.5 }),
    heard('Help'),
  ],
  [
    'low confidence is not understood',
    { do: 'not-understood', times: 1 },
    heard('Help', {}, { confidence: 0.2 }),
  ],
  ['out-of-scope talk is not understood', { do: 'not-understood', times: 1 }, nothing],
  ['the second time in a row counts', { do: 'not-understood', times: 2 }, nothing, nothing],
  [
    'something understood in between starts the count anew',
    { do: 'not-understood', times: 1 },
    nothing,
    heard('Help'),
    nothing,
  ],
  [
    'a question stays open when its answer was not understood',
    { do: 'run', intent: 'GetWeather', slots: { city: london } },
    heard('GetWeather'),
    nothing,
    fragment({ city: london }),
  ],
  [
    'an unknown place is asked for again by name',
    { do: 'ask', intent: 'GetWeather', slot: 'city', unknown: 'Atlantis' },
    heard('GetWeather', { unknownPlace: 'Atlantis' }),
  ],
  [
    'a known city after an unknown place is taken',
    { do: 'run', intent: 'GetWeather', slots: { city: paris } },
    heard('GetWeather', { unknownPlace: 'Atlantis' }),
    fragment({ city: paris }),
  ],
  [
    'a name answers the question for whom to call',
    { do: 'run', intent: 'Call', slots: { name: 'Alice' } },
    heard('Call'),
    fragment({ name: 'Alice' }),
  ],
  [
    'a bare city out of the blue is asked about',
    { do: 'confirm', intent: 'GetWeather', slots: { city: paris } },
    fragment({ city: paris }),
  ],
  [
    'a bare day out of the blue is not understood',
    { do: 'not-understood', times: 1 },
    fragment({ day: tomorrow }),
  ],
  ['a no to a question back leaves it', { do: 'drop' }, heard('GetWeather'), no],
  ['a yes that answers nothing is encouraged', { do: 'encourage' }, yes],
];

for (const [name, expected, ...utterances] of rows) {
  test(name, () => {
    assert.deepEqual(last(...utterances), expected);
  });
}

test('the understanding is told what the bot has asked for', () => {
  assert.equal(expectation(lead(heard('GetWeather')).memory), 'city');
  assert.equal(expectation(lead(heard('Help', {}, { confidence: 0.5 })).memory), 'confirmation');
  assert.equal(expectation(lead(heard('Help')).memory), undefined);
});
