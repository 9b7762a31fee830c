/** Answers that are still being made while their first sentences are said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParleyError } from '../../app/errors.ts';
import type { UnderstandOptions } from '../../app/nlu/spec.ts';
import { say, settled, skill, stage } from './stage.ts';

/** Sentences that the test lets come. */
function source(signal?: AbortSignal) {
  const pushed: string[] = [];
  let ended: 'open' | 'ended' | Error = 'open';
  let more = Promise.withResolvers<undefined>();
  const wake = (): void => {
    more.resolve(undefined);
    more = Promise.withResolvers();
  };
  signal?.addEventListener('abort', () => {
    ended = signal.reason as Error;
    wake();
  });
  return {
    come(sentence: string) {
      pushed.push(sentence);
      wake();
    },
    end(how: 'ended' | Error = 'ended') {
      ended = how;
      wake();
    },
    get stopped() {
      return ended !== 'open';
    },
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; at++) {
        while (at >= pushed.length && ended === 'open') await more.promise;
        const next = pushed[at];
        if (next !== undefined) yield next;
        else if (ended instanceof Error) throw ended;
        else return;
      }
    },
  };
}

type Source = ReturnType<typeof source>;

/** A caller on a stage where everything but a word or two is answered in words. */
async function talk(t: Parameters<typeof stage>[0]) {
  const sources: Source[] = [];
  const asked: UnderstandOptions[] = [];
  const on = await stage(t, {
    understand: (text, options) => {
      asked.push(options);
      if (['bye', 'again', 'hello'].includes(text)) return {};
      const reply = source(options.signal);
      sources.push(reply);
      return { intent: 'None', reply };
    },
    skills: [
      skill('hello', () => Promise.resolve(say('Nice to hear you.'))),
      skill('bye', () => Promise.resolve(say('Goodbye!', { next: { kind: 'hang-up' } }))),
      skill('again', () => Promise.resolve({ say: [], next: { kind: 'repeat' }, outcome: 'ok' })),
    ],
  });
  await on.hear();
  return {
    ...on,
    asked,
    /** The caller asks, and an answer begins to come. */
    async ask(text: string, over = true): Promise<Source> {
      const count = sources.length;
      on.utter(text, over);
      while (sources.length === count) await settled();
      const reply = sources.at(-1);
      assert.ok(reply);
      return reply;
    },
  };
}

const broken = new ParleyError('nlu-unavailable', { provider: 'model', reason: 'test' });

test('the first sentence of an answer is said while the rest is still being made', async (t) => {
  const { ask, hear, line, summary } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  assert.equal(await hear(), 'I am a bot.');
  reply.come('I live in a telephone.');
  assert.equal(await hear(), 'I live in a telephone.');
  reply.come('Anything else?');
  reply.end();
  assert.equal(await hear(), 'Anything else?');
  line.hangUp();
  const [turn] = (await summary).turns;
  assert.deepEqual(turn?.said, ['I am a bot.', 'I live in a telephone.', 'Anything else?']);
  assert.deepEqual([turn.intent, turn.outcome], ['None', 'told']);
});

test('the next sentence is got ready while one is said', async (t) => {
  const { ask, listen, hear, texts } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  const first = await listen();
  reply.come('I live in a telephone.');
  await settled();
  assert.deepEqual(texts.slice(-1), ['I live in a telephone.']);
  first.finish();
  assert.equal(await hear(), 'I live in a telephone.');
});

test('an answer that breaks off keeps what was said and ends with an honest sentence', async (t) => {
  const { ask, hear, utter, done, log } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  assert.equal(await hear(), 'I am a bot.');
  reply.end(broken);
  assert.match(await hear(), /something went wrong/);
  assert.equal(await hear(), 'Please try again.');
  utter('bye');
  assert.equal(await hear(), 'Goodbye!');
  assert.deepEqual(await done, { turns: 2, endedBy: 'bot' });
  assert.equal(log.lines.filter(({ message }) => message === 'the answer broke off').length, 1);
});

test('a caller who speaks over an answer ends its making when the next turn is answered', async (t) => {
  const { ask, listen, hear, utter, clock, summary, line } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  reply.come('I live in a telephone.');
  await listen();
  await clock.advance(1_000);
  utter('hello');
  assert.equal(await hear(), 'Nice to hear you.');
  assert.equal(reply.stopped, true);
  line.hangUp();
  const [told, hello] = (await summary).turns;
  assert.deepEqual(told?.said, ['I am a bot.']);
  assert.deepEqual(hello?.said, ['Nice to hear you.']);
});

test('a cough over an answer that is still coming lets it go on', async (t) => {
  const { ask, listen, hear, utter, clock } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  assert.equal(await hear(), 'I am a bot.');
  reply.come('I live in a telephone.');
  assert.equal((await listen()).text, 'I live in a telephone.');
  await clock.advance(1_000);
  utter('');
  await settled();
  reply.come('Anything else?');
  reply.end();
  assert.equal(await hear(), 'I live in a telephone.');
  assert.equal(await hear(), 'Anything else?');
});

test('a caller who speaks while the next sentence is awaited is heard', async (t) => {
  const { ask, hear, utter, clock } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  assert.equal(await hear(), 'I am a bot.');
  await clock.advance(1_000);
  utter('hello');
  assert.equal(await hear(), 'Nice to hear you.');
  assert.equal(reply.stopped, true);
});

test('an answer that came too soon is no longer made', async (t) => {
  const { ask, listen, hear, line, clock, summary } = await talk(t);
  const first = await ask('what');
  first.come('What do you mean?');
  await listen();
  await clock.advance(300);
  const second = await ask('are you');
  assert.equal(first.stopped, true);
  second.come('I am a bot.');
  second.end();
  assert.equal(await hear(), 'I am a bot.');
  line.hangUp();
  assert.deepEqual(
    (await summary).turns.map(({ heard }) => heard),
    ['what are you'],
  );
});

test('a caller who goes on while the silence is judged ends the answer that was being made', async (t) => {
  const { ask, hear, line } = await talk(t);
  const first = await ask('what', false);
  first.come('What do you mean?');
  await settled();
  const second = await ask('are you', false);
  assert.equal(first.stopped, true);
  second.come('I am a bot.');
  second.end();
  await settled();
  line.does({ kind: 'quiet', silenceMs: 510 });
  assert.equal(await hear(), 'I am a bot.');
});

test('a hang-up ends the answer that is being made', async (t) => {
  for (const moment of ['before its first sentence', 'while it is said', 'between two sentences']) {
    await t.test(moment, async (t) => {
      const { ask, listen, hear, line, done, clock, log } = await talk(t);
      const reply = await ask('what are you');
      if (moment !== 'before its first sentence') reply.come('I am a bot.');
      if (moment === 'while it is said') await listen();
      if (moment === 'between two sentences') await hear();
      line.hangUp();
      assert.equal((await done).endedBy, 'caller');
      assert.equal(reply.stopped, true);
      assert.equal(clock.sleeping, 0);
      assert.deepEqual(
        log.lines.filter(({ level }) => level === 'error' || level === 'warn'),
        [],
      );
    });
  }
});

test('"say that again" repeats an answer that came bit by bit, and lets it come to its end', async (t) => {
  const { ask, hear, utter, clock } = await talk(t);
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  assert.equal(await hear(), 'I am a bot.');
  await clock.advance(1_000);
  utter('again');
  assert.equal(await hear(), 'I am a bot.');
  reply.come('Anything else?');
  reply.end();
  assert.equal(await hear(), 'Anything else?');
});

test('what was said before is told to whoever understands', async (t) => {
  const { ask, hear, utter, asked } = await talk(t);
  utter('hello');
  await hear();
  const reply = await ask('what are you');
  reply.come('I am a bot.');
  reply.come('I live in a telephone.');
  reply.end();
  await hear();
  await hear();
  utter('hello');
  await hear();
  assert.deepEqual(
    asked.at(-1)?.history?.map(({ heard, said }) => [heard, ...said]),
    [
      ['hello', 'Nice to hear you.'],
      ['what are you', 'I am a bot.', 'I live in a telephone.'],
    ],
  );
});
