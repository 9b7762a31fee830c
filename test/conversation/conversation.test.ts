import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import type { Answer } from '../../app/skills/spec.ts';
import { say, settled, skill, stage, type Stage } from './stage.ts';

const bye = skill('bye', () => Promise.resolve(say('Goodbye!', { next: { kind: 'hang-up' } })));

test('a caller is greeted, answered, and let go when they say goodbye', async (t) => {
  const hello = skill('hello', () => Promise.resolve(say('Nice to hear you.')));
  const { hear, utter, done, line } = await stage(t, { skills: [hello, bye] });
  assert.equal(await hear(), 'greeting');
  utter('hello');
  assert.equal(await hear(), 'Nice to hear you.');
  utter('bye');
  assert.equal(await hear(), 'Goodbye!');
  assert.deepEqual(await done, { turns: 2, endedBy: 'bot' });
  assert.equal(line.closed, true);
});

test('a caller who says nothing hears two questions and a goodbye', async (t) => {
  const { hear, clock, done } = await stage(t);
  await hear();
  await clock.advance(7_000);
  assert.equal(await hear(), 'Are you still there?');
  await clock.advance(7_000);
  assert.equal(await hear(), "I'm still here.");
  assert.equal(await hear(), 'What can I do for you?');
  await clock.advance(7_000);
  assert.equal(await hear(), "I can't hear anything, so I'll hang up now.");
  assert.equal(await hear(), 'Goodbye!');
  assert.deepEqual(await done, { turns: 0, endedBy: 'bot' });
});

test('a caller who speaks over an answer stops it and is heard', async (t) => {
  const long = skill('long', () => Promise.resolve(say('', { say: ['First part.', 'Second part.'] })));
  const { hear, listen, utter, texts, clock } = await stage(t, { skills: [long, bye] });
  await hear();
  utter('long');
  assert.equal((await listen()).text, 'First part.');
  await clock.advance(1_000);
  utter('bye');
  assert.equal(await hear(), 'Goodbye!');
  assert.ok(texts.includes('First part.'));
});

test('a cough over an answer lets the bot say what was not heard', async (t) => {
  const long = skill('long', () => Promise.resolve(say('', { say: ['First part.', 'Second part.'] })));
  const { hear, listen, utter, clock } = await stage(t, { skills: [long] });
  await hear();
  utter('long');
  assert.equal(await hear(), 'First part.');
  assert.equal((await listen()).text, 'Second part.');
  await clock.advance(1_000);
  utter('');
  assert.equal(await hear(), 'Second part.');
});

test('what the caller adds while the bot thinks is understood together with what came before', async (t) => {
  const held = Promise.withResolvers<undefined>();
  let holds = 0;
  const { hear, utter } = await stage(t, {
    hold: () => (holds++ === 0 ? held.promise.then(() => undefined) : Promise.resolve()),
    skills: [skill('weather in Paris', () => Promise.resolve(say('Sunny.')))],
  });
  await hear();
  utter('weather');
  utter('in Paris');
  held.resolve(undefined);
  assert.equal(await hear(), 'Sunny.');
});

test('"say that again" repeats the last answer', async (t) => {
  const hello = skill('hello', () => Promise.resolve(say('Nice to hear you.')));
  const again = skill('again', () => Promise.resolve({ say: [], next: { kind: 'repeat' }, outcome: 'ok' }));
  const { hear, utter, clock } = await stage(t, { skills: [hello, again] });
  await hear();
  utter('again');
  assert.match(await hear(), /haven't told you anything/);
  await clock.advance(1_000);
  utter('hello');
  await hear();
  utter('again');
  assert.equal(await hear(), 'Nice to hear you.');
});

test('two utterances in a row that are not understood bring an offer of help', async (t) => {
  const { hear, utter } = await stage(t, { understand: () => ({ intent: 'None' }) });
  await hear();
  utter('blah');
  assert.equal(await hear(), "Sorry, I didn't get that.");
  assert.match(await hear(), /once more/);
  utter('blah');
  assert.equal(await hear(), "I still didn't get that.");
  assert.match(await hear(), /help/);
});

test('a recogniser that fails costs the caller an apology, not the call', async (t) => {
  const { hear, utter, done } = await stage(t, { skills: [bye] });
  await hear();
  utter(new ParleyError('stt-unavailable', { provider: 'fake', reason: 'test' }));
  assert.match(await hear(), /something went wrong/);
  assert.equal(await hear(), 'Please try again.');
  utter('bye');
  await hear();
  assert.deepEqual(await done, { turns: 1, endedBy: 'bot' });
});

test('a caller is connected to a phone and comes back to the bot', async (t) => {
  const call = skill('call', () =>
    Promise.resolve(say('I am calling.', { next: { kind: 'connect', extension: '6002' } })),
  );
  for (const [outcome, expected] of [
    ['talked', /back with me|here I am/i],
    ['busy', /busy/],
    ['no-answer', /nobody answered/],
    ['unknown', /can't find/],
    ['failed', /couldn't connect/],
  ] as const) {
    await t.test(outcome, async (t) => {
      const { hear, utter, line } = await stage(t, { skills: [call], outcome });
      await hear();
      utter('call');
      assert.equal(await hear(), 'I am calling.');
      assert.match(await hear(), expected);
      assert.deepEqual(line.connections, ['6002']);
    });
  }
});

test('a slow answer is announced after a while', async (t) => {
  const slow = Promise.withResolvers<Answer>();
  const { hear, listen, utter, clock } = await stage(t, { skills: [skill('slow', () => slow.promise)] });
  await hear();
  utter('slow');
  await clock.advance(900);
  assert.equal((await listen()).text, 'thinking-sound');
  slow.resolve(say('Here it is.'));
  assert.equal(await hear(), 'Here it is.');
});

test('a hang-up at any moment ends the conversation and closes its line', async (t) => {
  const never = skill(
    'never',
    (_request, { signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  const moments: Record<string, (stage: Stage) => Promise<void>> = {
    'during the greeting': async ({ listen }) => {
      await listen();
    },
    'while nobody speaks': async ({ hear }) => {
      await hear();
    },
    'while the caller speaks': async ({ hear, line }) => {
      await hear();
      line.does({ kind: 'speech-started', atMs: 0 });
    },
    'while the bot thinks': async ({ hear, utter }) => {
      await hear();
      utter('never');
    },
  };
  for (const [moment, lead] of Object.entries(moments)) {
    await t.test(moment, async (t) => {
      const on = await stage(t, { skills: [never] });
      await lead(on);
      on.line.hangUp();
      assert.deepEqual(await on.done, { turns: 0, endedBy: 'caller' });
      assert.equal(on.line.closed, true);
      assert.equal(on.clock.sleeping, 0);
      assert.deepEqual(
        on.log.lines.filter(({ level }) => level === 'error'),
        [],
      );
    });
  }
});

test('a Parley that is stopped says goodbye first', async (t) => {
  const { hear, conversation, done } = await stage(t);
  await hear();
  conversation.drain();
  assert.equal(await hear(), 'I have to close for a moment.');
  assert.match(await hear(), /call again/);
  assert.equal(await hear(), 'Goodbye!');
  assert.deepEqual(await done, { turns: 0, endedBy: 'bot' });
});

test('a call that reaches its longest time is ended with a word', async (t) => {
  const { hear, listen, clock, done } = await stage(t);
  await listen();
  await clock.advance(600_000);
  const saying = await listen();
  assert.match(saying.text, /end of our time/);
  saying.finish();
  assert.equal(await hear(), 'Goodbye!');
  assert.deepEqual(await done, { turns: 0, endedBy: 'bot' });
});

test('while the silence is judged the answer is got ready, and nothing is said before the turn is over', async (t) => {
  const { hear, utter, line, texts } = await stage(t, {
    skills: [skill('hello', () => Promise.resolve(say('Nice to hear you.')))],
  });
  await hear();
  utter('hello', false);
  line.does({ kind: 'quiet', silenceMs: 150 });
  await settled();
  assert.deepEqual(texts, ['Nice to hear you.']);
  line.does({ kind: 'quiet', silenceMs: 210 });
  assert.equal(await hear(), 'Nice to hear you.');
});

test('a caller who goes on while the silence is judged never had that turn', async (t) => {
  const { hear, utter, line, done, texts } = await stage(t, {
    skills: [
      skill('weather', () => Promise.resolve(say('Where?'))),
      skill('weather in Paris', () => Promise.resolve(say('Sunny.'))),
    ],
  });
  await hear();
  utter('weather', false);
  await settled();
  assert.deepEqual(texts, ['Where?']);
  utter('in Paris', false);
  await settled();
  line.does({ kind: 'quiet', silenceMs: 250 });
  assert.equal(await hear(), 'Sunny.');
  line.hangUp();
  assert.deepEqual(await done, { turns: 1, endedBy: 'caller' });
});

test('a caller who speaks at the first word of an answer had not finished the sentence', async (t) => {
  const { hear, listen, utter, done, line, clock } = await stage(t, {
    skills: [
      skill('time', () => Promise.resolve(say('It is noon.'))),
      skill('time in Tokyo', () => Promise.resolve(say('It is midnight.'))),
    ],
  });
  await hear();
  utter('time');
  assert.equal((await listen()).text, 'It is noon.');
  await clock.advance(300);
  utter('in Tokyo');
  assert.equal(await hear(), 'It is midnight.');
  line.hangUp();
  assert.deepEqual(await done, { turns: 1, endedBy: 'caller' });
});

test('what cannot be taken back waits until the turn is over', async (t) => {
  let ran = 0;
  const { hear, utter, line } = await stage(t, {
    skills: [
      skill('order', () => Promise.resolve(say(`Ordered ${++ran}.`)), { sideEffects: true }),
      skill('order two', () => Promise.resolve(say(`Ordered two, ${++ran}.`)), { sideEffects: true }),
    ],
  });
  await hear();
  utter('order', false);
  await settled();
  assert.equal(ran, 0);
  utter('two', false);
  await settled();
  assert.equal(ran, 0);
  line.does({ kind: 'quiet', silenceMs: 250 });
  assert.equal(await hear(), 'Ordered two, one.');
});

test('"mhm" while the bot speaks lets it go on, and "yes" to its question is an answer', async (t) => {
  const long = skill('long', () => Promise.resolve(say('', { say: ['First part.', 'Second part.'] })));
  const { hear, listen, utter, clock } = await stage(t, { skills: [long] });
  await hear();
  utter('long');
  assert.equal(await hear(), 'First part.');
  assert.equal((await listen()).text, 'Second part.');
  await clock.advance(1_000);
  utter('Mm-hmm.', false);
  assert.equal(await hear(), 'Second part.');
});

test('keys are a turn: one of the menu at once, a number when # or no other key follows', async (t) => {
  const { hear, line, clock } = await stage(t, {
    understand: (text) => ({ intent: text.startsWith('call') ? 'call' : text }),
    skills: [
      skill('what time is it', () => Promise.resolve(say('It is noon.'))),
      skill('call', ({ slots }) => Promise.resolve(say(`Calling ${JSON.stringify(slots)}.`))),
    ],
  });
  await hear();
  line.does({ kind: 'digit', digit: '3' });
  assert.equal(await hear(), 'It is noon.');
  for (const digit of '6001#') line.does({ kind: 'digit', digit });
  assert.match(await hear(), /^Calling/);
  for (const digit of '6001') line.does({ kind: 'digit', digit });
  await clock.advance(2_000);
  assert.match(await hear(), /^Calling/);
});

test('each turn leaves its times', async (t) => {
  const { hear, utter, log } = await stage(t, {
    skills: [skill('hello', () => Promise.resolve(say('Nice to hear you.')))],
  });
  await hear();
  utter('hello');
  await hear();
  const turn = log.lines.find(({ message }) => message === 'a turn');
  assert.ok(turn);
  for (const moment of [
    'speechStarted',
    'speechEnded',
    'finalText',
    'understood',
    'done',
    'turnOver',
    'synthesised',
  ])
    assert.equal(typeof turn.fields[moment], 'number', moment);
});
