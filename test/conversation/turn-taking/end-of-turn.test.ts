import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../app/conversation/dialogue.ts';
import {
  type Completeness,
  completenessOf,
  patienceMs,
} from '../../../app/conversation/turn-taking/end-of-turn.ts';
import { loadTurnWords } from '../../../app/conversation/turn-taking/words.ts';
import type { City } from '../../../app/nlu/spec.ts';
import type { Skill } from '../../../app/skills/spec.ts';

const words = await loadTurnWords();
const seattle: City = {
  name: 'Seattle',
  country: 'United States',
  region: 'Washington',
  latitude: 47.6,
  longitude: -122.3,
  timeZone: 'America/Los_Angeles',
  population: 3_000_000,
};

function skill(more: Partial<Skill>): Skill {
  const run = (): never => {
    throw new Error('not to be run');
  };
  return { intent: 'x', needs: [], remembers: [], sideEffects: false, run, ...more };
}

const weather = skill({ intent: 'GetWeather', needs: [['city']], remembers: ['city', 'day'] });
const time = skill({ intent: 'GetTime', remembers: ['city'] });
const call = skill({ intent: 'Call', needs: [['extension', 'name']] });
const help = skill({ intent: 'Help' });
const run = (intent: string, slots = {}): Decision => ({ do: 'run', intent, slots });

async function* nothing(): AsyncGenerator<string> {
  // Never read here.
}

const table: readonly (readonly [string, Decision, Skill | undefined, Completeness])[] = [
  ["What's the weather in Seattle?", run('GetWeather', { city: seattle }), weather, 'complete'],
  ["What's the weather?", { do: 'ask', intent: 'GetWeather', slot: 'city' }, weather, 'missing'],
  ['Who are you?', { do: 'tell', sentences: nothing() }, undefined, 'open'],
  ["What's the weather in", { do: 'ask', intent: 'GetWeather', slot: 'city' }, weather, 'trailing'],
  ['What time is it?', run('GetTime'), time, 'open'],
  ['What time is it in Seattle?', run('GetTime', { city: seattle }), time, 'complete'],
  ['What time is it in Seattle and', run('GetTime', { city: seattle }), time, 'trailing'],
  ['Can you?', run('Help'), help, 'trailing'],
  ['What can you do?', run('Help'), help, 'complete'],
  ['I want to know', { do: 'not-understood', times: 1 }, undefined, 'trailing'],
  ['Help.', run('Help'), help, 'complete'],
  ['Call extension six zero.', run('Call', { extension: '60' }), call, 'trailing'],
  ['Call extension 6001.', run('Call', { extension: '6001' }), call, 'missing'],
  ['Call 6000?', { do: 'confirm', intent: 'Call', slots: { extension: '6000' } }, call, 'missing'],
  ['Blah.', { do: 'not-understood', times: 1 }, undefined, 'missing'],
  ['Is it?', { do: 'confirm', intent: 'GetTime', slots: {} }, time, 'open'],
  ['Yes.', { do: 'encourage' }, undefined, 'complete'],
  ['No.', { do: 'drop' }, undefined, 'complete'],
];

for (const [heard, decision, does, expected] of table) {
  test(`"${heard}" (${decision.do}) is ${expected}`, () => {
    assert.equal(completenessOf({ heard, confidence: 1, decision, skill: does }, words), expected);
  });
}

test('half a sentence that sounds a little like a whole one may go on', () => {
  const half = { heard: 'I want it if I need him', decision: run('Help'), skill: help };
  assert.equal(completenessOf({ ...half, confidence: 0.7 }, words), 'missing');
  assert.equal(completenessOf({ ...half, confidence: 0.9 }, words), 'complete');
  const asked = { ...half, decision: { do: 'confirm', intent: 'Help', slots: {} } as const };
  assert.equal(completenessOf({ ...asked, confidence: 0.5 }, words), 'missing');
});

test('the more is missing, the longer the caller may be silent', () => {
  const rules = { completeMs: 1, openMs: 2, missingMs: 3, trailingMs: 4 };
  assert.deepEqual(
    (['complete', 'open', 'missing', 'trailing', undefined] as const).map((each) => patienceMs(each, rules)),
    [1, 2, 3, 4, 3],
  );
});
