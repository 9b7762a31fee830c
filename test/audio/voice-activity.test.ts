import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VoiceActivity, voiceRules, type VoiceChange } from '../../app/audio/voice-activity.ts';

/** A stretch of audio in which nothing changes. */
type Stretch = readonly [ms: number, probability: number, levelDbfs: number];

const frameMs = 8;
const samples = (frameMs * voiceRules.sampleRateHz) / 1000;

const quiet = (ms: number): Stretch => [ms, 0.02, -Infinity];
const speech = (ms: number): Stretch => [ms, 0.95, -20];
/** A model's view lags behind: what follows speech is called speech for a while. */
const quietAfterSpeech = (ms: number): Stretch => [ms, 0.9, -70];

interface Happened {
  readonly change: VoiceChange;
  readonly atMs: number;
}

function listen(stretches: readonly Stretch[], aboveDbfs?: number): Happened[] & { voice: VoiceActivity } {
  const voice = new VoiceActivity();
  const happened: Happened[] = [];
  for (const [ms, probability, levelDbfs] of stretches) {
    for (let at = 0; at < ms; at += frameMs) {
      const change = voice.feed({ probability, levelDbfs, samples }, aboveDbfs);
      if (change) happened.push({ change, atMs: (voice.position / voiceRules.sampleRateHz) * 1000 });
    }
  }
  return Object.assign(happened, { voice });
}

const toMs = (position: number): number => (position / voiceRules.sampleRateHz) * 1000;

const table: readonly (readonly [
  what: string,
  stretches: readonly Stretch[],
  changes: readonly (readonly [VoiceChange, atMs: number])[],
])[] = [
  ['nobody speaks', [quiet(2_000)], []],
  [
    'a caller says something',
    [quiet(400), speech(600), quiet(400)],
    [
      ['started', 432],
      ['paused', 1_064],
    ],
  ],
  ['a stop inside a word is short', [quiet(400), speech(200), quiet(56), speech(200)], [['started', 432]]],
  [
    'a caller takes a breath',
    [quiet(400), speech(400), quiet(600), speech(400)],
    [
      ['started', 432],
      ['paused', 864],
      ['resumed', 1_432],
    ],
  ],
  ['a click is shorter than any speech', [quiet(400), speech(24), quiet(1_000)], []],
  [
    'a cough is over before it could be a word',
    [quiet(400), speech(72), quiet(1_000)],
    [
      ['started', 432],
      ['paused', 536],
      ['ended-without-speech', 792],
    ],
  ],
  [
    'a caller speaks again after a long silence',
    [speech(400), quiet(6_000), speech(400)],
    [
      ['started', 32],
      ['paused', 464],
      ['started', 6_432],
    ],
  ],
  ['what is likely and too quiet is no speech', [[1_000, 0.99, -60]], []],
  ['what is loud and unlikely is no speech', [[1_000, 0.3, -10]], []],
  [
    'speech goes on while it is less likely than to begin',
    [speech(200), [600, 0.4, -20], quiet(400)],
    [
      ['started', 32],
      ['paused', 864],
    ],
  ],
  [
    'the level tells of the end before the probability does',
    [quiet(400), speech(400), quietAfterSpeech(400)],
    [
      ['started', 432],
      ['paused', 864],
    ],
  ],
  [
    'in noise, too, the level tells of the end',
    [
      [3_000, 0.02, -40],
      [400, 0.95, -20],
      [400, 0.9, -40],
    ],
    [
      ['started', 3_032],
      ['paused', 3_464],
    ],
  ],
];

for (const [what, stretches, changes] of table) {
  test(`${what}: ${changes.map(([change]) => change).join(', ') || 'nothing'} is told`, () => {
    assert.deepEqual(
      [...listen(stretches)],
      changes.map(([change, atMs]) => ({ change, atMs })),
    );
  });
}

test('where speech began and ended is known in samples, and how long it has been silent', () => {
  const { voice } = listen([quiet(400), speech(600), quiet(248)]);
  assert.deepEqual(
    [voice.speechStartSample, voice.lastSpeechSample, voice.silenceSamples, voice.position].map(toMs),
    [400, 1_000, 248, 1_248],
  );
});

test('a consonant before the first vowel belongs to the speech', () => {
  const { voice } = listen([quiet(400), [120, 0.1, -38], [48, 0.1, -70], speech(200)]);
  assert.equal(toMs(voice.speechStartSample), 400);
});

test('a noise that lasted long before the speech does not belong to it', () => {
  const { voice } = listen([quiet(400), [1_000, 0.1, -38], speech(200)]);
  assert.equal(toMs(voice.speechStartSample), 1_150);
});

test('after a pause, what is known of the beginning is about the speech that goes on', () => {
  const { voice } = listen([speech(400), quiet(600), speech(200)]);
  assert.equal(toMs(voice.speechStartSample), 1_000);
});

test('before anything is said there is no silence to be judged', () => {
  assert.equal(listen([quiet(3_000)]).voice.silenceSamples, 0);
});

test('when the turn is over, what is said next is another utterance', () => {
  const { voice } = listen([speech(400), quiet(300)]);
  voice.endUtterance();
  assert.equal(voice.silenceSamples, 0);
  const changes = Array.from({ length: 8 }, () => voice.feed({ probability: 0.95, levelDbfs: -20, samples }));
  assert.deepEqual(
    changes.filter((change) => change !== undefined),
    ['started'],
  );
});

test('while something else is known to be as loud, only what is louder is the caller', () => {
  const echo: Stretch = [1_000, 0.99, -38];
  assert.equal(listen([echo], -30).length, 0);
  assert.deepEqual(
    listen([echo, speech(200)], -30).map(({ change }) => change),
    ['started'],
  );
});

test('it takes more of a voice to interrupt than to begin', () => {
  const perhaps: Stretch = [400, 0.6, -20];
  assert.deepEqual(
    listen([quiet(400), perhaps, quiet(400)]).map(({ change }) => change),
    ['started', 'paused'],
  );
  assert.deepEqual(listen([quiet(400), perhaps, quiet(400)], -60).length, 0);
  assert.deepEqual(listen([quiet(400), speech(200)], -60)[0], { change: 'started', atMs: 432 });
});
