import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { peakDbfs, rmsDbfs } from '../../../app/audio/level.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import { speechLevelDbfs } from '../../../app/audio/speech-level.ts';
import { trimSilence } from '../../../app/audio/trim.ts';
import { hasCode } from '../../../app/errors.ts';
import { splitClauses } from '../../../app/speech/local/flite/clauses.ts';
import { createLocalTts } from '../../../app/speech/local/tts.ts';
import { collect } from '../../contract/speech.ts';

const rateHz = 16_000;
const signal = new AbortController().signal;
const options = { sampleRateHz: rateHz, language: 'en-US', signal };
const tts = createLocalTts();
after(() => tts.close());

async function say(text: string, voice = 'slt'): Promise<Pcm> {
  return concatPcm(await collect(tts.speak(text, { ...options, voice })));
}

test('all voices are about as loud, and none is clipped', async () => {
  for (const voice of tts.can.voices) {
    const samples = await say('The weather in Seattle is cloudy, with a high of twelve degrees.', voice);
    const level = speechLevelDbfs(samples, rateHz);
    assert.ok(level > -22 && level < -16, `${voice}: ${level} dBFS`);
    assert.ok(peakDbfs(samples) < -0.5, voice);
  }
});

test('a sentence begins at once and ends without a wait', async () => {
  for (const voice of tts.can.voices) {
    const samples = await say('Hello, this is Parley.', voice);
    const { from, to } = trimSilence(samples, rateHz, { thresholdDbfs: -45 });
    assert.ok(from < 0.12 * rateHz, `${voice} begins after ${from / rateHz} s`);
    assert.ok(samples.length - to < 0.15 * rateHz, `${voice} ends ${(samples.length - to) / rateHz} s after`);
  }
});

test('the same text gives the same samples', async () => {
  assert.deepEqual(await say('What can I do for you?'), await say('What can I do for you?'));
  assert.notDeepEqual(await say('What can I do for you?', 'rms'), await say('What can I do for you?', 'awb'));
});

test('a long answer is heard clause by clause: the first before the last is made', async () => {
  const own = createLocalTts();
  try {
    const answer = 'It is cloudy. Then it rains. Then it is sunny. Then it snows. Then it is dark.';
    const speaking = own.speak(answer, options)[Symbol.asyncIterator]();
    const first = await speaking.next();
    assert.ok(!first.done && first.value.length > rateHz / 2);
    // Of five clauses one is made, and one more at most.
    assert.ok(own.stats().finished <= 2);
    await speaking.return?.();
  } finally {
    await own.close();
  }
});

test('sentences are apart by a pause, and nothing follows the last', async () => {
  const apart = await say('Yes. No.');
  const [yes, no] = [await say('Yes.'), await say('No.')];
  const pauseMs = ((apart.length - yes.length - no.length) / rateHz) * 1000;
  assert.ok(pauseMs > 150 && pauseMs < 500, `${pauseMs} ms`);
});

test('accents, curly quotes and letters of other scripts do no harm', async () => {
  for (const text of [
    'It’s “fine” in São Paulo, Zürich and Kraków.',
    'Привет, hello',
    '-5 -o /tmp/x',
    '日本',
  ])
    await say(text);
  assert.deepEqual(await say('It’s'), await say("It's"));
  assert.ok(rmsDbfs(await say('-lv')) > -40);
});

test('a text as long as a book is refused', async () => {
  await assert.rejects(say('word '.repeat(5_000)), (error) => hasCode(error, 'tts-rejected'));
});

test('when too many wait, the next is told; who was let in is spoken to', async () => {
  const small = createLocalTts({ workers: 1, queueLimit: 2 });
  try {
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => collect(small.speak('Hello there. How are you?', options))),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 2);
    for (const { reason } of refused) assert.ok(hasCode(reason, 'speech-overloaded'));
  } finally {
    await small.close();
  }
});

const clauses: readonly (readonly [text: string, clauses: readonly string[]])[] = [
  ['Hello.', ['Hello.']],
  ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
  ['In Paris, it is mild, and dry.', ['In Paris, it is mild, and dry.']],
  [
    'In Seattle, it is cloudy with a high of twelve degrees, and light rain in the afternoon, with some wind.',
    [
      'In Seattle, it is cloudy with a high of twelve degrees,',
      'and light rain in the afternoon, with some wind.',
    ],
  ],
  ['', []],
  ['... ?!', []],
];

for (const [text, expected] of clauses) {
  test(`“${text}” is spoken in ${expected.length} pieces`, () => {
    assert.deepEqual(
      splitClauses(text).map((clause) => clause.text),
      expected,
    );
  });
}

test('a sentence that goes on and on is cut, and loses no word', () => {
  const endless = Array.from({ length: 150 }, (_, i) => (i % 9 === 8 ? 'and' : `word${i}`)).join(' ');
  const pieces = splitClauses(endless);
  assert.ok(pieces.length > 3);
  assert.ok(pieces.every(({ text }) => text.split(' ').length <= 40));
  assert.equal(pieces.map(({ text }) => text).join(' '), endless);
  assert.equal(pieces.at(-1)?.pauseMs, 0);
});
