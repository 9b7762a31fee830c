/** The language model as a rung, against a server on loopback. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, afterEach, before, describe, test } from 'node:test';
import { configSchema } from '../../../app/config/schema.ts';
import { type ErrorCode, hasCode, ParleyError } from '../../../app/errors.ts';
import { builtInContent } from '../../../app/nlu/content.ts';
import { loadInstructions } from '../../../app/nlu/model/instructions.ts';
import { createModelUnderstander } from '../../../app/nlu/model/understander.ts';
import { createUnderstander } from '../../../app/nlu/registry.ts';
import type { Understander, UnderstandOptions } from '../../../app/nlu/spec.ts';
import { systemClock } from '../../../app/ops/clock.ts';
import { type FakeChatModel, type Reaction, startChatModel } from '../../fakes/chat-model.ts';
import { manualClock } from '../../fakes/clock.ts';

const folder = new URL('../../../app/bot/en/', import.meta.url).pathname;
const instructions = loadInstructions(folder);
const reader = createUnderstander('local', { directory: { Alice: '6002' }, timeZone: 'UTC' });

let server: FakeChatModel;
before(async () => {
  server = await startChatModel();
});
afterEach(() => server.whenIdle());
after(() => server.close());

type Settings = Partial<ReturnType<typeof settings>>;

function settings() {
  const { model } = configSchema.parse({}).nlu;
  return { ...model, baseUrl: server.url, model: 'small' };
}

function understander(more: Settings = {}, clock = systemClock): Understander {
  return createModelUnderstander({
    config: { ...settings(), ...more },
    content: builtInContent(),
    instructions,
    reader,
    clock,
  });
}

function optionsWith(more: Partial<UnderstandOptions> = {}): UnderstandOptions {
  const now = new Date('2026-03-11T10:00:00Z');
  return { language: 'en-US', signal: new AbortController().signal, now, ...more };
}

async function ask(text: string, more: Settings = {}, options: Partial<UnderstandOptions> = {}) {
  return understander(more).understand(text, optionsWith(options));
}

/** All that is said, and how it ended. */
async function told(reply: AsyncIterable<string> | undefined): Promise<{ said: string[]; error?: unknown }> {
  assert.ok(reply);
  const said: string[] = [];
  try {
    for await (const sentence of reply) said.push(sentence);
    return { said };
  } catch (error) {
    return { said, error };
  }
}

describe('a function that the model calls is an intent with its slots', () => {
  const table: readonly [string, Extract<Reaction, { call: string }>, object][] = [
    [
      'a city and a day',
      { call: 'GetWeather', with: { city: 'Paris, Texas', day: 'tomorrow evening' } },
      { city: 'Paris', region: 'Texas', day: { daysFromToday: 1, days: 1, part: 'evening' } },
    ],
    [
      'a place that nobody knows',
      { call: 'GetWeather', with: { city: 'Hogwarts' } },
      { unknownPlace: 'Hogwarts' },
    ],
    ['a number', { call: 'GetNews', with: { count: 3 } }, { count: 3 }],
    ['somebody', { call: 'Call', with: { name: 'alice' } }, { name: 'Alice' }],
    [
      'somebody who is not listed',
      { call: 'Call', with: { name: 'my old grandmother' } },
      { unknownName: 'my old grandmother' },
    ],
    ['a telephone', { call: 'Call', with: { extension: '6002' } }, { extension: '6002' }],
    ['a telephone as a name', { call: 'Call', with: { name: '6002' } }, { extension: '6002' }],
    ['nothing', { call: 'Help' }, {}],
    ['empty arguments', { call: 'Help', with: '' }, {}],
    ['what it has not got', { call: 'Help', with: { mood: 'good', city: null } }, {}],
    ['a word before it', { call: 'Help', words: 'Let me see.' }, {}],
  ];
  for (const [name, reaction, expected] of table) {
    test(name, async () => {
      server.next(reaction);
      const { intent, confidence, slots, reply } = await ask('whatever');
      const { city, ...others } = slots;
      const flat = { ...others, ...(city && { city: city.name, region: city.region }) };
      assert.deepEqual([intent, confidence, reply], [reaction.call, 0.8, undefined]);
      assert.deepEqual(flat, expected);
    });
  }
});

test('what the bot does and what was said before is what the model is told, and no more of it than is wanted', async () => {
  server.next({ words: 'Hello.' });
  const history = [1, 2, 3].map((turn) => ({
    heard: `question ${turn}`,
    said: [`answer ${turn}`, 'really'],
  }));
  const count = server.requests.length;
  await told((await ask('who are you', { maxHistory: 2, key: 'a-key-for-tests' }, { history })).reply);
  const request = server.requests[count];
  assert.ok(request);
  assert.equal(request.authorization, 'Bearer a-key-for-tests');
  const { messages, tools, model, stream } = request.body;
  assert.deepEqual([model, stream], ['small', true]);
  assert.deepEqual(messages, [
    { role: 'system', content: instructions },
    { role: 'user', content: 'question 2' },
    { role: 'assistant', content: 'answer 2 really' },
    { role: 'user', content: 'question 3' },
    { role: 'assistant', content: 'answer 3 really' },
    { role: 'user', content: 'who are you' },
  ]);
  const names = tools.map((tool) => tool.function.name);
  assert.ok(names.includes('GetWeather') && names.includes('Call') && !names.includes('None'));
  const weather = tools.find((tool) => tool.function.name === 'GetWeather')?.function;
  assert.deepEqual(Object.keys((weather?.parameters as { properties: object }).properties), ['city', 'day']);
  assert.ok(!JSON.stringify(request.body).includes('Alice'), 'the directory stays in the house');
});

test('an answer in words is given out sentence by sentence, while the rest is still being made', async () => {
  const rest = Promise.withResolvers<undefined>();
  server.next({ words: ['I can **help** you', '. With', rest.promise, ' the weather 🙂. Or', ' the news.'] });
  const { intent, reply } = await ask('who are you');
  assert.equal(intent, 'None');
  assert.ok(reply);
  const sentences = reply[Symbol.asyncIterator]();
  assert.deepEqual(await sentences.next(), { done: false, value: 'I can help you.' });
  rest.resolve(undefined);
  assert.deepEqual(await sentences.next(), { done: false, value: 'With the weather.' });
  assert.deepEqual(await sentences.next(), { done: false, value: 'Or the news.' });
  assert.equal((await sentences.next()).done, true);
});

test('an answer is no longer than it may be, and the rest of it is not made', async () => {
  server.next({ words: ['Now and then. '.repeat(20), 'Never.'], then: 'hang' });
  const { said } = await told((await ask('tell me all', { maxReplyChars: 50 })).reply);
  assert.deepEqual(said, ['Now and then.', 'Now and then.', 'Now and then.']);
  server.next({ words: `${'and so on '.repeat(30)}.` });
  const { said: one } = await told((await ask('tell me all', { maxReplyChars: 50 })).reply);
  assert.deepEqual(one, ['and so on and so on and so on and so on and so on']);
});

test('what has no words is nothing, and nobody is asked', async () => {
  const count = server.requests.length;
  const { intent, confidence } = await ask(' ... ');
  assert.deepEqual([intent, confidence, server.requests.length], ['None', 1, count]);
});

describe('a model that misbehaves fails with a code', () => {
  const table: readonly [string, Reaction, ErrorCode][] = [
    ['a wrong key', { status: 401 }, 'nlu-key-refused'],
    ['too many requests', { status: 429 }, 'nlu-unavailable'],
    ['a fault of the server', { status: 500 }, 'nlu-unavailable'],
    ['a model that is not there', { status: 404 }, 'nlu-rejected'],
    ['a page in place of an answer', 'page', 'nlu-unavailable'],
    ['an empty answer', 'nothing', 'nlu-garbled'],
    ['nothing but symbols', { words: '🙂 **' }, 'nlu-garbled'],
    ['a function that there is not', { call: 'OpenDoor' }, 'nlu-garbled'],
    ['a function with broken arguments', { call: 'GetWeather', with: '{"city": "Par' }, 'nlu-garbled'],
    [
      'a function with nested arguments',
      { call: 'GetWeather', with: { city: { name: 'Paris' } } },
      'nlu-garbled',
    ],
    ['an event that is no JSON', { words: ['He'], then: 'garbage' }, 'nlu-garbled'],
    ['an event that is no chunk', { words: ['He'], then: 'wrong' }, 'nlu-garbled'],
    ['an error on the way', { words: ['He'], then: 'error' }, 'nlu-unavailable'],
    ['an end before the end', { words: ['He'], then: 'cut' }, 'nlu-unavailable'],
    ['a reset on the way', { words: ['He'], then: 'reset' }, 'nlu-unavailable'],
    ['its instructions recited', { words: `${instructions.slice(0, 300)}. Yes.` }, 'nlu-garbled'],
  ];
  for (const [name, reaction, code] of table) {
    test(`${name}: ${code}`, async () => {
      server.next(reaction);
      await assert.rejects(ask('who are you'), (error) => hasCode(error, code));
    });
  }

  test('a connection that is reset twice: nlu-unavailable', async () => {
    server.next('reset', 'reset');
    await assert.rejects(ask('who are you'), (error) => hasCode(error, 'nlu-unavailable'));
  });

  test('nobody there: nlu-unavailable', async () => {
    await assert.rejects(ask('who are you', { baseUrl: 'http://127.0.0.1:9/v1' }), (error) =>
      hasCode(error, 'nlu-unavailable'),
    );
  });
});

test('a kept connection that the server has closed is no failure', async () => {
  server.next('reset', { call: 'Help' });
  assert.equal((await ask('help me out')).intent, 'Help');
});

describe('what was said of an answer stays, and its end is an error', () => {
  const table: readonly [string, Reaction, ErrorCode][] = [
    ['a reset', { words: 'One. Two. Thr', then: 'reset' }, 'nlu-unavailable'],
    ['an end before the end', { words: 'One. Two. Thr', then: 'cut' }, 'nlu-unavailable'],
    ['an error', { words: 'One. Two. Thr', then: 'error' }, 'nlu-unavailable'],
    ['garbage', { words: 'One. Two. Thr', then: 'garbage' }, 'nlu-garbled'],
    ['its instructions', { words: `One. Two. ${instructions}` }, 'nlu-garbled'],
    ['a function after words', { call: 'Help', words: 'One. Two. Thr' }, 'nlu-garbled'],
  ];
  for (const [name, reaction, code] of table) {
    test(`${name}: ${code}`, async () => {
      server.next(reaction);
      const { said, error } = await told((await ask('who are you')).reply);
      assert.deepEqual(said, ['One.', 'Two.']);
      assert.ok(hasCode(error, code), String(error));
    });
  }
});

describe('a model that hangs is given up at its deadline', () => {
  for (const [name, reaction] of [
    ['before its answer', 'hang'],
    ['after the headers', 'headers'],
    ['in its first sentence', { words: ['He'], then: 'hang' }],
    ['with its first word five seconds late', { words: [5_000, 'Hello.'] }],
  ] as const) {
    test(name, async () => {
      const clock = manualClock();
      const count = server.requests.length;
      server.next(reaction);
      const asked = understander({}, clock).understand('who are you', optionsWith());
      const failed = assert.rejects(asked, (error) => hasCode(error, 'nlu-unavailable'));
      await server.whenRequested(count + 1);
      await clock.advance(4_000);
      await failed;
      assert.equal(clock.sleeping, 0);
    });
  }

  test('between two sentences', async () => {
    const clock = manualClock();
    server.next({ words: 'One. Two', then: 'hang' });
    const { reply } = await understander({}, clock).understand('who are you', optionsWith());
    const end = told(reply);
    await clock.whenSleeping(1);
    await clock.advance(4_000);
    const { said, error } = await end;
    assert.deepEqual(said, ['One.']);
    assert.ok(hasCode(error, 'nlu-unavailable'));
    assert.equal(clock.sleeping, 0);
  });
});

describe('a caller who hangs up ends the request at once', () => {
  for (const reaction of [
    'hang',
    'headers',
    { words: 'One', then: 'hang' },
    { words: 'One. Two', then: 'hang' },
  ] as const) {
    test(typeof reaction === 'string' ? reaction : reaction.words, async () => {
      const gone = new AbortController();
      const reason = new Error('hung up');
      const count = server.requests.length;
      server.next(reaction);
      const asked = ask('who are you', {}, { signal: gone.signal });
      asked.catch(() => undefined);
      await server.whenRequested(count + 1);
      const isSpoken = typeof reaction === 'object' && reaction.words.includes('.');
      if (isSpoken) {
        const end = told((await asked).reply);
        gone.abort(reason);
        assert.deepEqual(await end, { said: ['One.'], error: reason });
      } else {
        gone.abort(reason);
        await assert.rejects(asked, (error) => error === reason);
      }
      await server.whenIdle();
    });
  }

  test('before it began', async () => {
    const reason = new Error('hung up');
    const count = server.requests.length;
    await assert.rejects(
      ask('who are you', {}, { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    assert.equal(server.requests.length, count);
  });
});

test('closing it ends what it is asked', async () => {
  server.next('hang');
  const count = server.requests.length;
  const model = understander();
  const asked = model.understand('who are you', optionsWith());
  asked.catch(() => undefined);
  await server.whenRequested(count + 1);
  await model.close();
  await model.close();
  await assert.rejects(asked, (error) => hasCode(error, 'nlu-unavailable'));
});

test('the doctor is told whether the model is there', async () => {
  const { signal } = new AbortController();
  assert.match((await understander().probe?.({ signal })) ?? '', /small/);
  await assert.rejects(understander({ model: 'huge' }).probe?.({ signal }) ?? Promise.resolve(), (error) =>
    hasCode(error, 'nlu-rejected'),
  );
});

test('a folder without instructions is refused, and one of the bot’s own adds to them', async (t) => {
  assert.throws(
    () => loadInstructions('/nonexistent'),
    (error) => error instanceof ParleyError && error.code === 'bot-content-invalid',
  );
  const own = await mkdtemp(`${tmpdir()}/parley-own-`);
  t.after(() => rm(own, { recursive: true }));
  assert.equal(loadInstructions(folder, own), instructions);
  await writeFile(`${own}/instructions.md`, 'We are open from nine to five.\n');
  assert.equal(loadInstructions(folder, own), `${instructions}\n\nWe are open from nine to five.`);
});
