import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Effect,
  type Floor,
  initialTurn,
  step,
  type TurnEvent,
  type TurnRules,
  type TurnState,
} from '../../app/conversation/turn-machine.ts';

const rules: TurnRules = { bargeIn: true, askAgainTimes: 2 };

const events = {
  answered: { kind: 'answered' },
  said: { kind: 'said' },
  speech: { kind: 'speech-started' },
  pause: { kind: 'pause', over: false },
  utterance: { kind: 'pause', over: true },
  'turn-over': { kind: 'turn-over' },
  digit: { kind: 'digit' },
  keyed: { kind: 'keyed' },
  silence: { kind: 'silence' },
  answer: { kind: 'answer', then: 'listen' },
  nothing: { kind: 'nothing' },
  back: { kind: 'back' },
  drain: { kind: 'drain', why: 'drain' },
  'hung-up': { kind: 'hung-up' },
} as const satisfies Record<string, TurnEvent>;

const floors: readonly Floor[] = ['arriving', 'bot', 'nobody', 'caller', 'thinking', 'away', 'over'];

/** floor, event -> the next floor and what is done; every other pair leaves all as it is. */
const table: readonly (readonly [Floor, keyof typeof events, Floor, ...Effect['do'][]])[] = [
  ['arriving', 'answered', 'bot', 'greet'],
  ['arriving', 'drain', 'over', 'end'],
  ['bot', 'said', 'nobody', 'wait-for-speech'],
  ['bot', 'speech', 'caller', 'stop-saying', 'hear'],
  ['bot', 'digit', 'bot', 'stop-saying'],
  ['bot', 'keyed', 'thinking', 'stop-saying', 'think-keys', 'end-turn'],
  ['bot', 'drain', 'bot', 'stop-saying', 'say-goodbye'],
  ['nobody', 'speech', 'caller', 'stop-waiting', 'hear'],
  ['nobody', 'pause', 'thinking', 'stop-waiting', 'think'],
  ['nobody', 'utterance', 'thinking', 'stop-waiting', 'think', 'end-turn'],
  ['nobody', 'digit', 'nobody', 'wait-for-speech'],
  ['nobody', 'keyed', 'thinking', 'stop-waiting', 'think-keys', 'end-turn'],
  ['nobody', 'silence', 'bot', 'ask-again'],
  ['nobody', 'drain', 'bot', 'stop-waiting', 'say-goodbye'],
  ['caller', 'pause', 'thinking', 'think'],
  ['caller', 'utterance', 'thinking', 'think', 'end-turn'],
  ['caller', 'keyed', 'thinking', 'think-keys', 'end-turn'],
  ['caller', 'drain', 'bot', 'say-goodbye'],
  ['thinking', 'speech', 'caller', 'stop-thinking', 'hear'],
  ['thinking', 'pause', 'thinking', 'stop-thinking', 'think'],
  ['thinking', 'utterance', 'thinking', 'stop-thinking', 'think', 'end-turn'],
  ['thinking', 'turn-over', 'thinking', 'end-turn'],
  ['thinking', 'keyed', 'thinking', 'stop-thinking', 'think-keys', 'end-turn'],
  ['thinking', 'answer', 'thinking', 'prepare-answer'],
  ['thinking', 'drain', 'bot', 'stop-thinking', 'say-goodbye'],
  ['away', 'back', 'bot', 'say-answer'],
  ...(['arriving', 'bot', 'nobody', 'caller', 'thinking', 'away'] as const).map(
    (floor) => [floor, 'hung-up', 'over', 'end'] as const,
  ),
];

const names = Object.keys(events) as (keyof typeof events)[];

for (const floor of floors) {
  for (const name of names) {
    const row = table.find(([from, event]) => from === floor && event === name);
    const [, , to, ...effects] = row ?? [floor, name, floor];
    // A pause may be over or not; the table has both.
    test(`${floor}: ${name} leads to ${to}${effects.length > 0 ? `, ${effects.join(', ')}` : ''}`, () => {
      const before: TurnState = { ...initialTurn, floor };
      const { state, effects: done } = step(before, events[name], rules);
      assert.equal(state.floor, to);
      assert.deepEqual(
        done.map((effect) => effect.do),
        effects,
      );
    });
  }
}

/** Feeds events one after the other and gives all that was done. */
function play(sequence: readonly TurnEvent[], from: TurnState = initialTurn, by = rules) {
  let state = from;
  const effects: Effect[] = [];
  for (const event of sequence) {
    const next = step(state, event, by);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

test('a caller who says nothing is asked twice and then let go politely', () => {
  const { answered, said, silence } = events;
  const { state, effects } = play([answered, said, silence, said, silence, said, silence, said]);
  assert.equal(state.floor, 'over');
  assert.deepEqual(effects, [
    { do: 'greet' },
    { do: 'wait-for-speech' },
    { do: 'ask-again', times: 1 },
    { do: 'wait-for-speech' },
    { do: 'ask-again', times: 2 },
    { do: 'wait-for-speech' },
    { do: 'say-goodbye', why: 'silence' },
    { do: 'end' },
  ]);
});

test('an answer to anything the caller said starts the count of silences anew', () => {
  const { answered, said, silence, speech, utterance, answer } = events;
  const { state } = play([answered, said, silence, said, speech, utterance, answer]);
  assert.equal(state.askedAgain, 0);
});

test('a cough into an answer lets the bot go on with what was not heard, at once', () => {
  const { answered, speech, said, pause, nothing } = events;
  const { state, effects } = play([answered, speech, said, pause, nothing]);
  assert.equal(state.floor, 'bot');
  assert.deepEqual(effects.at(-1), { do: 'say-rest' });
});

test('a cough while nobody speaks is waited out, for a word may follow', () => {
  const { answered, speech, said, pause, nothing } = events;
  const { state } = play([answered, said, speech, pause, nothing]);
  assert.equal(state.floor, 'thinking');
  const over = step(state, events['turn-over'], rules);
  assert.equal(over.state.floor, 'nobody');
  assert.deepEqual(over.effects, [{ do: 'end-turn' }, { do: 'wait-for-speech' }]);
});

test('an answer that is found while the silence is judged is prepared, and spoken when the turn is over', () => {
  const { answered, said, speech, pause, answer } = events;
  const { state, effects } = play([answered, said, speech, pause, answer, events['turn-over']]);
  assert.equal(state.floor, 'bot');
  assert.deepEqual(effects.slice(-4), [
    { do: 'think' },
    { do: 'prepare-answer' },
    { do: 'end-turn' },
    { do: 'say-answer' },
  ]);
});

test('an answer that is found when the turn is over is spoken at once', () => {
  const { answered, said, speech, pause, answer } = events;
  const { state, effects } = play([answered, said, speech, pause, events['turn-over'], answer]);
  assert.equal(state.floor, 'bot');
  assert.deepEqual(effects.slice(-3), [{ do: 'think' }, { do: 'end-turn' }, { do: 'say-answer' }]);
});

test('an answer that was prepared is thrown away when the caller goes on', () => {
  const { answered, said, speech, pause, answer } = events;
  const { state, effects } = play([answered, said, speech, pause, answer, speech]);
  assert.equal(state.floor, 'caller');
  assert.deepEqual(effects.slice(-2), [{ do: 'stop-thinking' }, { do: 'hear', after: 'pause' }]);
});

test('what a caller adds while the bot is thinking belongs to the same utterance', () => {
  const { answered, said, speech, utterance } = events;
  const { effects } = play([answered, said, speech, utterance, speech, utterance]);
  assert.deepEqual(effects.slice(-7), [
    { do: 'hear', after: 'silence' },
    { do: 'think' },
    { do: 'end-turn' },
    { do: 'stop-thinking' },
    { do: 'hear', after: 'pause' },
    { do: 'think' },
    { do: 'end-turn' },
  ]);
});

test('with barge-in switched off the bot speaks to the end', () => {
  const { answered, speech, utterance } = events;
  const { state, effects } = play([answered, speech, utterance], initialTurn, { ...rules, bargeIn: false });
  assert.equal(state.floor, 'bot');
  assert.deepEqual(effects, [{ do: 'greet' }]);
});

test('a goodbye is spoken to the end, and then the call is over', () => {
  const { answered, said, speech, utterance, digit } = events;
  const { state, effects } = play([
    answered,
    said,
    utterance,
    { kind: 'answer', then: 'hang-up' },
    speech,
    utterance,
    digit,
    said,
  ]);
  assert.equal(state.floor, 'over');
  assert.deepEqual(effects.slice(-2), [{ do: 'say-answer' }, { do: 'end' }]);
});

test('a caller who asked for a phone is connected when that was said, and comes back to the bot', () => {
  const { answered, said, utterance, speech, back } = events;
  const { state, effects } = play([
    answered,
    said,
    utterance,
    { kind: 'answer', then: 'connect' },
    said,
    speech,
    utterance,
    back,
    said,
  ]);
  assert.equal(state.floor, 'nobody');
  assert.deepEqual(effects.slice(-4), [
    { do: 'say-answer' },
    { do: 'connect' },
    { do: 'say-answer' },
    { do: 'wait-for-speech' },
  ]);
});
