import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gain, mix, silence, tone, whiteNoise } from '../../../app/audio/mix.ts';
import { concatPcm, type Audio, type Pcm } from '../../../app/audio/pcm.ts';
import { makeSound } from '../../../app/phone/acoustics/sounds.ts';
import { Judge, type Check } from '../../../app/phone/scenario/judge.ts';
import { locate } from '../../../app/phone/scenario/locate.ts';
import { parseScenario } from '../../../app/phone/scenario/read.ts';

const sampleRateHz = 8_000;
const lengthMs = 10_000;

/** Something like speech: no two parts of it are alike. */
function speech(durationMs: number, seed = 1): Audio {
  return { samples: whiteNoise(durationMs, sampleRateHz, -20, seed), sampleRateHz };
}

function track(...sounds: readonly (readonly [atMs: number, samples: Pcm])[]): Pcm {
  return sounds.reduce<Pcm>(
    (all, [atMs, samples]) =>
      mix(all, concatPcm([silence(atMs, sampleRateHz), samples])).subarray(0, all.length),
    silence(lengthMs, sampleRateHz),
  );
}

/** Fades in and out, as a word does. */
function word(durationMs: number): Pcm {
  const samples = tone(300, durationMs, sampleRateHz);
  const fade = sampleRateHz * 0.06;
  return samples.map((sample, i) => sample * Math.min(1, i / fade, (samples.length - i) / fade));
}

interface Call {
  readonly steps: string;
  /** When the caller says something (1 s), and when the bot does something. */
  readonly callerAtMs?: number;
  readonly bot: readonly (readonly [atMs: number, samples: Pcm])[];
}

const said = speech(1_000);

function judge({ steps, callerAtMs, bot }: Call): Check[] {
  const scenario = parseScenario(`title: judged\nsteps:\n${steps}`, 'judged.yaml');
  const acts = scenario.steps.flatMap((step, i) => ('say' in step ? [{ step: i, audio: said }] : []));
  const turns = callerAtMs === undefined ? [] : [{ fromMs: callerAtMs - 300, toMs: callerAtMs + 800 }];
  const judged = new Judge(scenario, acts, {
    caller: callerAtMs === undefined ? track() : track([callerAtMs, said.samples]),
    bot: track(...bot),
    sampleRateHz,
    startMs: 0,
    turns,
  });
  const checks = judged.checks(scenario.steps.length, { by: 'phone', cause: 16, says: '' });
  return checks.filter(({ step }) => step !== undefined);
}

function outcome(call: Call): [boolean | undefined, string] {
  const [check, more] = judge(call);
  assert.equal(more, undefined);
  return [check?.ok, check?.says ?? ''];
}

test('what was played is found by its samples, also under noise and beside the clock', () => {
  const street = makeSound('street', { sampleRateHz, durationMs: lengthMs, seed: 1 });
  const samples = mix(track([3_000, said.samples]), gain(street, -10));
  const found = locate(said, { samples, sampleRateHz }, 2_000);
  assert.ok(found !== undefined);
  assert.ok(Math.abs(found.fromMs - 3_000) < 12, `${found.fromMs}`);
  assert.ok(Math.abs(found.toMs - 4_000) < 12, `${found.toMs}`);
});

test('what was not played is not found', () => {
  assert.equal(
    locate(speech(1_000, 7), { samples: track([3_000, said.samples]), sampleRateHz }, 3_000),
    undefined,
  );
});

test('the pause inside a sentence is part of it', () => {
  const samples = concatPcm([said.samples, silence(1_500, sampleRateHz), speech(400, 2).samples]);
  const found = locate({ samples, sampleRateHz }, { samples: track([2_000, samples]), sampleRateHz }, 2_000);
  assert.ok(found !== undefined && Math.abs(found.toMs - 4_900) < 12, `${found?.toMs}`);
});

test('an answer is timed from the caller’s last sound, whatever the bot said before', () => {
  const call = {
    callerAtMs: 2_000,
    bot: [
      [500, word(1_000)],
      [3_900, word(1_000)],
    ],
  } as const;
  assert.deepEqual(outcome({ ...call, steps: '  - say: a\n  - hear: .\n    withinMs: 1000\n' })[0], true);
  const [ok, says] = outcome({ ...call, steps: '  - say: a\n  - hear: .\n    withinMs: 500\n' });
  assert.equal(ok, false);
  assert.match(says, /(89|90|91)\d ms, not within 500 ms/);
});

test('a bot that says nothing has not answered in time', () => {
  const steps = '  - say: a\n  - hear: .\n    withinMs: 1000\n';
  assert.match(outcome({ callerAtMs: 2_000, bot: [], steps })[1], /never/);
});

test('a bot that is interrupted falls silent in time or it does not', () => {
  const steps = '  - say: a\n    botSilentWithinMs: 500\n';
  assert.equal(outcome({ callerAtMs: 2_000, bot: [[500, word(1_800)]], steps })[0], true);
  assert.equal(outcome({ callerAtMs: 2_000, bot: [[500, word(2_300)]], steps })[0], false);
  // Between two sentences.
  assert.equal(outcome({ callerAtMs: 2_000, bot: [[500, word(1_300)]], steps })[0], true);
  assert.match(outcome({ callerAtMs: 2_000, bot: [], steps })[1], /never/);
});

test('a bot that is to go on goes on without a gap, or it does not', () => {
  const steps = '  - say: a\n    botGapBelowMs: 700\n';
  const goesOn = [
    [500, word(2_000)],
    [2_900, word(3_000)],
  ] as const;
  assert.equal(outcome({ callerAtMs: 2_000, bot: goesOn, steps })[0], true);
  assert.equal(outcome({ callerAtMs: 2_000, bot: goesOn.slice(0, 1), steps })[0], false);
});

test('a bot that speaks before the caller has finished is told how much too early', () => {
  const steps = '  - say: a\n    botWaits: true\n';
  assert.equal(outcome({ callerAtMs: 2_000, bot: [[3_100, word(500)]], steps })[0], true);
  const [ok, says] = outcome({ callerAtMs: 2_000, bot: [[2_600, word(500)]], steps });
  assert.equal(ok, false);
  assert.match(says, /spoke \d+ ms before/);
});

test('a word that is cut at its beginning or its end is noticed', () => {
  const whole = word(600);
  for (const [which, cut] of [
    ['first', whole.subarray(1_200)],
    ['last', whole.subarray(0, 3_600)],
  ] as const) {
    const steps = `  - hear: .\n    ${which}WordWhole: true\n`;
    assert.equal(outcome({ bot: [[500, whole]], steps })[0], true, which);
    assert.equal(outcome({ bot: [[500, cut]], steps })[0], false, which);
  }
});
