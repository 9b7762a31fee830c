import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeMuLaw, encodeMuLaw } from '../../../app/audio/g711.ts';
import { addNoise, joinWithPauses, mix, silence, tone, whiteNoise } from '../../../app/audio/mix.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import { hasCode } from '../../../app/errors.ts';
import { phraseSets } from '../../../app/nlu/phrases.ts';
import { createLocalStt } from '../../../app/speech/local/stt.ts';
import { createLocalTts } from '../../../app/speech/local/tts.ts';
import type { Heard, PhraseSet } from '../../../app/speech/spec.ts';
import { collect, pieces, settings } from '../../contract/speech.ts';
import { commands } from './commands.ts';

const rateHz = 8_000;
const language = 'en-US';
const signal = new AbortController().signal;
const { modelDir } = settings;
const stt = createLocalStt({ modelDir, workers: 2 });
const tts = createLocalTts();
after(() => Promise.all([stt.close(), tts.close()]));

/** As it comes over the telephone: 8 kHz, mu-law, a little room around it. */
async function telephone(text: string, voice = 'slt'): Promise<Pcm> {
  const spoken = await collect(tts.speak(text, { voice, sampleRateHz: rateHz, language, signal }));
  const room = silence(250, rateHz);
  return decodeMuLaw(encodeMuLaw(concatPcm([room, ...spoken, room])));
}

async function hear(audio: Pcm, phrases?: PhraseSet, own = stt): Promise<Heard & { readonly kind: 'final' }> {
  const heard = await collect(
    own.listen(pieces(audio), { sampleRateHz: rateHz, language, signal, ...(phrases && { phrases }) }),
  );
  const last = heard.at(-1);
  assert.ok(last?.kind === 'final');
  return last;
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9' ]/g, '')
    .trim();
}

const general: PhraseSet = { id: 'general', phrases: commands };
const yesOrNo: PhraseSet = { id: 'yes or no', phrases: ['yes', 'no', 'yes please', 'no thanks'] };

test('plain speech over the telephone is understood', async () => {
  assert.equal(
    words((await hear(await telephone('what is the meaning of life'))).text),
    'what is the meaning of life',
  );
  assert.match(
    words((await hear(await telephone('I lost my umbrella on the train', 'rms'))).text),
    /^i lost my umbrella/,
  );
});

test('short commands in four voices are heard as the bot knows them, and in its spelling', async () => {
  const spoken: readonly (readonly [voice: string, text: string])[] = [
    ['slt', "what's the weather in Seattle"],
    ['slt', 'goodbye'],
    ['slt', 'help'],
    ['rms', 'what time is it in Tokyo'],
    ['rms', 'call six zero zero two'],
    ['rms', 'tomorrow'],
    ['awb', 'stop'],
    ['awb', 'and in Paris'],
    ['awb', 'repeat that'],
    ['kal', 'London'],
    ['kal', 'no thanks'],
    ['kal', "what's the news"],
  ];
  for (const [voice, text] of spoken) {
    const heard = await hear(await telephone(text, voice), general);
    assert.equal(heard.text, text, voice);
    assert.ok(heard.confidence > 0.75);
  }
});

test('single words are heard with the phrases of the bot', async (t) => {
  const { general: phrases, confirmation = phrases } = phraseSets({ directory: {} });
  const said = [
    ...['yes', 'no'].map((text) => ({ text, phrases: confirmation })),
    ...['help', 'goodbye', 'stop', 'one', 'two', 'three', 'London', 'Boston', 'Denver', 'Toronto'].map(
      (text) => ({ text, phrases }),
    ),
  ];
  // So many of the twelve; slt is the voice of the bot, and the one that is least like a caller's.
  const least = { slt: 8, rms: 11, awb: 10, kal: 11 };
  for (const [voice, enough] of Object.entries(least)) {
    const missed: string[] = [];
    for (const { text, phrases: set } of said) {
      const heard = words((await hear(await telephone(text, voice), set)).text).replace(' ', '');
      if (heard !== text.toLowerCase()) missed.push(`${text}: ${heard}`);
    }
    t.diagnostic(`${voice}: ${said.length - missed.length} of ${said.length}; ${missed.join(', ')}`);
    assert.ok(said.length - missed.length >= enough, `${voice}: ${missed.join(', ')}`);
  }
});

test('a caller who speaks on and on is followed, and heard to the end', async () => {
  const first = await telephone('I lost my umbrella', 'rms');
  const rest = await telephone('on the train this morning', 'rms');
  const texts: string[] = [];
  let told = Promise.withResolvers<undefined>();
  async function* speaking(): AsyncGenerator<Pcm> {
    for (const audio of [first, rest]) {
      for (let at = 0; at < audio.length; at += 256)
        yield await Promise.resolve(audio.subarray(at, at + 256));
      await told.promise;
    }
  }
  for await (const heard of stt.listen(speaking(), { sampleRateHz: rateHz, language, signal })) {
    texts.push(words(heard.text));
    told.resolve(undefined);
    told = Promise.withResolvers();
  }
  const last = texts.at(-1) ?? '';
  assert.match(texts[0] ?? '', /^i lost my umbrella$/);
  assert.match(last, /^i lost my umbrella.* on the train/);
});

test('what is none of the phrases stays what it is', async () => {
  for (const text of ['my dog has eaten the newspaper again', 'we should meet for lunch']) {
    const heard = await hear(await telephone(text, 'rms'), general);
    assert.ok(!commands.includes(heard.text), heard.text);
    assert.match(words(heard.text), /dog|meet/);
  }
});

test('one phrase set after the other is heard with', async () => {
  assert.equal((await hear(await telephone('yes please', 'rms'), yesOrNo)).text, 'yes please');
  assert.equal((await hear(await telephone('Seattle', 'rms'), general)).text, 'Seattle');
  assert.equal((await hear(await telephone('no'), yesOrNo)).text, 'no');
});

test('noise of a room under the speech does no harm', async () => {
  const speech = await telephone("what's the weather in Seattle", 'kal');
  const noisy = addNoise(speech, whiteNoise(500, rateHz), 18);
  assert.equal((await hear(noisy, general)).text, "what's the weather in Seattle");
});

const noSpeech: readonly (readonly [what: string, audio: Pcm])[] = [
  ['silence', silence(2_000, rateHz)],
  ['the noise of a line', whiteNoise(2_000, rateHz, -50)],
  ['loud noise', whiteNoise(3_000, rateHz, -22)],
  ['a dial tone', mix(tone(350, 2_000, rateHz), tone(440, 2_000, rateHz))],
  ['ringback', joinWithPauses([tone(425, 1_000, rateHz), tone(425, 1_000, rateHz)], 1_000, rateHz)],
  ['a digit', mix(tone(697, 200, rateHz), tone(1_209, 200, rateHz))],
  ['a click', Int16Array.from({ length: rateHz }, (_, i) => (i === 4_000 ? 30_000 : 0))],
  ['a clip of a twentieth of a second', tone(300, 50, rateHz)],
];

for (const [what, audio] of noSpeech) {
  test(`nothing is heard in ${what}, with phrases or without`, async () => {
    assert.equal((await hear(audio)).text, '');
    assert.equal((await hear(audio, general)).text, '');
  });
}

test('half a minute of talk is heard from its beginning to its end', async () => {
  const sentence = 'I am looking for my keys, and I cannot find them anywhere in the house.';
  const parts = [
    await telephone('The meeting has been moved to the afternoon.', 'rms'),
    ...(await Promise.all([1, 2, 3, 4, 5].map(() => telephone(sentence, 'awb')))),
    await telephone('What is the meaning of life?', 'rms'),
  ];
  const talk = joinWithPauses(parts, 200, rateHz);
  assert.ok(talk.length > 28 * rateHz);
  const heard = words((await hear(talk, general)).text);
  assert.match(heard, /^the meeting ha[sd] been moved to the afternoon/);
  assert.match(heard, /what is the meaning of (the )?li[fv]e[s]?$/);
  assert.ok(heard.split('keys').length >= 5, heard);
});

test('audio of more than a minute is refused, and not kept', async () => {
  async function* hours(): AsyncGenerator<Pcm> {
    for (;;) yield await Promise.resolve(silence(10_000, rateHz));
  }
  await assert.rejects(collect(stt.listen(hours(), { sampleRateHz: rateHz, language, signal })), (error) =>
    hasCode(error, 'stt-rejected'),
  );
});

test('when too many wait, the next is told, and everybody before is heard', async () => {
  const small = createLocalStt({ modelDir, workers: 1, queueLimit: 2 });
  try {
    await small.warmUp([]);
    const audio = await telephone('goodbye', 'kal');
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => hear(audio, undefined, small)));
    const [late, heard] = [
      results.filter((result) => result.status === 'rejected'),
      results.filter((result) => result.status === 'fulfilled'),
    ];
    assert.deepEqual([late.length, heard.length], [2, 3]);
    for (const { reason } of late) assert.ok(hasCode(reason, 'speech-overloaded'));
    const { refused, waitMs } = small.stats();
    assert.equal(refused, 2);
    assert.ok(waitMs.max > 0);
  } finally {
    await small.close();
  }
});

test('without its weights it says so, and does not hang', async () => {
  const bare = createLocalStt({ modelDir: '/nowhere' });
  try {
    await assert.rejects(bare.warmUp([]), (error) => hasCode(error, 'stt-unavailable'));
    await assert.rejects(hear(whiteNoise(500, rateHz, -20), undefined, bare), (error) =>
      hasCode(error, 'stt-unavailable'),
    );
  } finally {
    await bare.close();
  }
});
