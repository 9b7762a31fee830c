import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasCode, ParleyError } from '../../app/errors.ts';
import { bestOf, createLadder, type LadderOptions, settles } from '../../app/nlu/ladder.ts';
import type { Rung, Understander, Understanding, UnderstandOptions } from '../../app/nlu/spec.ts';
import { Breaker } from '../../app/ops/breaker.ts';
import { type ManualClock, manualClock } from '../fakes/clock.ts';
import { recordingLog } from '../fakes/log.ts';

type Heard = Partial<Understanding>;
type Work = (options: UnderstandOptions) => Promise<Heard>;

const options: UnderstandOptions = {
  language: 'en-US',
  signal: new AbortController().signal,
  now: new Date(0),
};

function understanding(heard: Heard): Understanding {
  const { intent = 'None', confidence = 1 } = heard;
  return { text: 'a', intent, confidence, slots: {}, mentions: [], ranking: [], fragment: false, ...heard };
}

function fake(name: string, work: Heard | Error | Work): Understander & { asked: number; closed: number } {
  return {
    name,
    can: { languages: ['en-US'] },
    asked: 0,
    closed: 0,
    async understand(_text, given) {
      this.asked += 1;
      if (work instanceof Error) throw work;
      return understanding(typeof work === 'function' ? await work(given) : work);
    },
    close() {
      this.closed += 1;
      return Promise.resolve();
    },
  };
}

/** Notes what is counted. */
function metricsTo(noted: Rung[], counted: string[] = []): LadderOptions['metrics'] {
  return {
    rung: (rung) => void noted.push(rung as Rung),
    providerUp: (kind, name, up) => void counted.push(`${kind} ${name} ${up ? 'up' : 'down'}`),
    providerFailed: (kind, name, code) => void counted.push(`${kind} ${name} ${code}`),
  };
}

interface More extends Partial<Omit<LadderOptions, 'rungs'>> {
  readonly clock?: ManualClock;
}

function ladderOf(understanders: readonly Understander[], more: More = {}): Understander {
  return createLadder({
    rungs: understanders.map((understander) => ({
      understander,
      acceptAbove: 0.6,
      deadlineMs: 1_000,
      breaker: new Breaker({ name: understander.name, failures: 2, openMs: 60_000 }),
    })),
    clock: manualClock(),
    log: recordingLog(),
    metrics: metricsTo([]),
    ...more,
  });
}

const weather = (confidence: number): Heard => ({ intent: 'GetWeather', confidence });
const news = (confidence: number): Heard => ({ intent: 'GetNews', confidence });
const none = (confidence: number): Heard => ({ intent: 'None', confidence });
const down = new ParleyError('nlu-unavailable', { provider: 'x', reason: 'test' });
const words = async function* (): AsyncGenerator<string> {
  yield await Promise.resolve('Hello.');
};

describe('what is taken at once', () => {
  const table: readonly [string, Heard, UnderstandOptions['expecting'], boolean][] = [
    ['an intent at the threshold', weather(0.6), undefined, true],
    ['an intent below it', weather(0.59), undefined, false],
    ['nothing the bot does, however surely', none(1), undefined, false],
    ['no words at all', { ...none(1), wordless: true }, undefined, true],
    ['a yes', { ...none(0.9), affirmation: 'yes' }, undefined, true],
    ['a no to a question', { ...none(0.9), affirmation: 'no' }, 'confirmation', true],
    ['a fragment', { ...none(0.5), fragment: true, slots: { count: 3 } }, undefined, true],
    ['what was asked for', { ...none(0.3), slots: { count: 3 } }, 'count', true],
    ['something else than what was asked for', { ...none(0.3), slots: { count: 3 } }, 'city', false],
    ['words', { ...none(0), reply: words() }, undefined, true],
  ];
  for (const [name, heard, expecting, taken] of table) {
    test(`${name}: ${taken ? 'yes' : 'no'}`, () => {
      assert.equal(settles(understanding(heard), 0.6, expecting), taken);
    });
  }
});

test('of what nobody was sure of, the surest counts, and the earlier of two that are as sure', () => {
  const said = [none(0.5), weather(0.55), news(0.55), news(0.2)].map(understanding);
  assert.equal(bestOf(said), said[1]);
  assert.equal(bestOf([]), undefined);
});

describe('a climb', () => {
  const table: readonly [
    string,
    readonly (Heard | Error)[],
    { readonly intent: string; readonly trace: readonly string[] },
  ][] = [
    [
      'ends at the first that is sure',
      [weather(0.9), news(1)],
      { intent: 'GetWeather', trace: ['accepted'] },
    ],
    [
      'goes on after one that is not',
      [weather(0.4), news(0.8)],
      { intent: 'GetNews', trace: ['unsure', 'accepted'] },
    ],
    ['goes on after None', [none(0.9), news(0.8)], { intent: 'GetNews', trace: ['unsure', 'accepted'] }],
    [
      'keeps the own guess when the service has a worse one',
      [weather(0.5), news(0.4)],
      { intent: 'GetWeather', trace: ['unsure', 'unsure'] },
    ],
    [
      'takes the better guess of the service',
      [weather(0.4), news(0.5)],
      { intent: 'GetNews', trace: ['unsure', 'unsure'] },
    ],
    [
      'passes over one that fails',
      [none(0.7), down, news(0.8)],
      { intent: 'GetNews', trace: ['unsure', 'failed nlu-unavailable', 'accepted'] },
    ],
    [
      'ends with the own guess when the last fails',
      [weather(0.4), down],
      { intent: 'GetWeather', trace: ['unsure', 'failed nlu-unavailable'] },
    ],
    [
      'passes over one that breaks',
      [new TypeError('a bug'), news(0.8)],
      { intent: 'GetNews', trace: ['failed unexpected', 'accepted'] },
    ],
  ];
  for (const [name, rungs, { intent, trace }] of table) {
    test(name, async () => {
      const noted: Rung[] = [];
      const ladder = ladderOf(
        rungs.map((heard, at) => fake(`rung ${at}`, heard)),
        { metrics: metricsTo(noted) },
      );
      const heard = await ladder.understand('a', options);
      assert.equal(heard.intent, intent);
      assert.deepEqual(
        heard.rungs?.map((rung) => ('code' in rung ? `${rung.outcome} ${rung.code}` : rung.outcome)),
        trace,
      );
      assert.deepEqual(noted, heard.rungs);
    });
  }

  test('tells what each rung said and took', async () => {
    const clock = manualClock();
    const slow = fake('slow', async ({ signal }) => {
      await clock.sleep(300, signal);
      return news(0.7);
    });
    const heard = ladderOf([fake('own', weather(0.4)), slow], { clock }).understand('a', options);
    await clock.advance(300);
    assert.deepEqual((await heard).rungs, [
      { name: 'own', ms: 0, outcome: 'unsure', intent: 'GetWeather', confidence: 0.4 },
      { name: 'slow', ms: 300, outcome: 'accepted', intent: 'GetNews', confidence: 0.7 },
    ]);
    assert.equal(clock.sleeping, 0);
  });
});

test('a rung that hangs, even deaf to its signal, costs its deadline and nothing else', async () => {
  const clock = manualClock();
  let told: AbortSignal | undefined;
  const deaf = fake('deaf', ({ signal }) => {
    told = signal;
    return new Promise(() => undefined);
  });
  const heard = ladderOf([fake('own', weather(0.4)), deaf], { clock }).understand('a', options);
  await clock.advance(1_000);
  const { intent, rungs } = await heard;
  assert.equal(intent, 'GetWeather');
  assert.deepEqual(rungs?.[1], { name: 'deaf', ms: 1_000, outcome: 'failed', code: 'nlu-unavailable' });
  assert.equal(told?.aborted, true);
  assert.equal(clock.sleeping, 0);
});

test('a rung that failed several times in a row is left alone', async () => {
  const dead = fake('dead', down);
  const counted: string[] = [];
  const log = recordingLog();
  const ladder = ladderOf([fake('own', weather(0.4)), dead], { log, metrics: metricsTo([], counted) });
  for (let turn = 0; turn < 2; turn++) await ladder.understand('a', options);
  const { intent, rungs } = await ladder.understand('a', options);
  assert.equal(intent, 'GetWeather');
  assert.deepEqual(rungs?.[1], { name: 'dead', ms: 0, outcome: 'skipped' });
  assert.equal(dead.asked, 2);
  assert.deepEqual(counted, [
    'nlu own up',
    'nlu dead up',
    'nlu dead nlu-unavailable',
    'nlu dead down',
    'nlu dead nlu-unavailable',
  ]);
  assert.deepEqual(
    log.lines.map(({ message }) => message),
    ['an understander failed', 'an understander is left alone', 'an understander failed'],
  );
});

test('when all rungs fail, it is the error of the first', async () => {
  const ladder = ladderOf([fake('a', down), fake('b', new Error('other'))]);
  await assert.rejects(ladder.understand('a', options), (error) => error === down);
});

test('a caller who hangs up ends the climb with that reason, and is no failure', async () => {
  const noted: Rung[] = [];
  const gone = new AbortController();
  const reason = new Error('hung up');
  const ladder = ladderOf([fake('deaf', () => new Promise(() => undefined)), fake('next', news(1))], {
    metrics: metricsTo(noted),
  });
  const heard = ladder.understand('a', { ...options, signal: gone.signal });
  gone.abort(reason);
  await assert.rejects(heard, (error) => error === reason);
  assert.deepEqual(noted, []);
});

test('an answer in words goes on after the deadline of its rung, and ends with the call', async () => {
  const clock = manualClock();
  const gone = new AbortController();
  let told: AbortSignal | undefined;
  const talker = fake('talker', ({ signal }) => {
    told = signal;
    return Promise.resolve({ reply: words() });
  });
  const heard = await ladderOf([talker], { clock }).understand('a', { ...options, signal: gone.signal });
  assert.ok(heard.reply);
  await clock.advance(5_000);
  assert.equal(told?.aborted, false);
  gone.abort();
  assert.equal(told?.aborted, true);
});

test('a rung is asked only in a language that it knows', async () => {
  const own = fake('own', weather(0.9));
  const ladder = ladderOf([own]);
  await assert.rejects(ladder.understand('a', { ...options, language: 'de-DE' }), (error) =>
    hasCode(error, 'nlu-unavailable'),
  );
  assert.equal(own.asked, 0);
});

test('a ladder closes its rungs', async () => {
  const rungs = [fake('a', none(1)), fake('b', none(1))];
  await ladderOf(rungs).close();
  assert.deepEqual(
    rungs.map(({ closed }) => closed),
    [1, 1],
  );
});
