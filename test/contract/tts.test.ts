import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rmsDbfs } from '../../app/audio/level.ts';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { hasCode, type ErrorCode } from '../../app/errors.ts';
import { createTts, ttsNames } from '../../app/speech/registry.ts';
import type { SpeakOptions, TextToSpeech } from '../../app/speech/spec.ts';
import {
  collect,
  leftBehind,
  assertNobodyListens,
  isChain,
  newTts,
  resources,
  settings,
  settlesAtOnce,
  type Service,
  speakOptions,
  thoseThatRun,
  ttsSetUps,
  turns,
} from './speech.ts';

/** What every synthesiser in the registry must do. */

const text = 'Hello, this is Parley. What can I do for you?';
const long = Array.from(
  { length: 12 },
  () => 'This is one more sentence, and it is not the last one yet.',
).join(' ');

async function refuses(speaking: AsyncIterable<Pcm>, code: ErrorCode): Promise<void> {
  await assert.rejects(collect(speaking), (error) => hasCode(error, code));
}

for (const [name, { service }] of thoseThatRun(ttsNames, ttsSetUps, newTts)) {
  const tts: TextToSpeech = newTts(name);
  after(() => tts.close());
  const options = (more: Partial<SpeakOptions> = {}): SpeakOptions => speakOptions(tts, more);

  test(`${name} says what it can do`, () => {
    assert.equal(tts.name, name);
    const { languages, voices, sampleRatesHz } = tts.can;
    assert.ok(languages.length > 0 && voices.length > 0 && sampleRatesHz.length > 0);
  });

  test(`${name} is heard with each of its voices`, async () => {
    for (const voice of tts.can.voices) {
      const samples = concatPcm(await collect(tts.speak(text, options({ voice }))));
      assert.ok(rmsDbfs(samples) > -35, voice);
    }
  });

  test(`${name} takes as long at each of its rates`, async () => {
    const lengths = await Promise.all(
      tts.can.sampleRatesHz.map(async (sampleRateHz) => {
        const samples = concatPcm(await collect(tts.speak(text, options({ sampleRateHz }))));
        return samples.length / sampleRateHz;
      }),
    );
    assert.ok(Math.max(...lengths) - Math.min(...lengths) < 0.1, lengths.join(', '));
  });

  test(`${name} says nothing for a text without words`, async () => {
    for (const empty of ['', '   ', '...', '?! -', '\n']) {
      assert.equal(concatPcm(await collect(tts.speak(empty, options()))).length, 0, JSON.stringify(empty));
    }
  });

  test(`${name} speaks for half a minute, its first words before the last are made if it says so`, async () => {
    const pieces = await collect(tts.speak(long, options()));
    assert.ok(concatPcm(pieces).length / options().sampleRateHz > 25);
    if (tts.can.streaming) assert.ok(pieces.length > 1);
  });

  test(`${name} refuses a language, a rate and a voice that it does not have`, async () => {
    await refuses(tts.speak(text, options({ language: 'tlh' })), 'tts-rejected');
    await refuses(tts.speak(text, options({ sampleRateHz: 11_025 })), 'tts-rejected');
    await refuses(tts.speak(text, options({ voice: 'nobody' })), 'tts-rejected');
  });

  test(`${name} speaks to eight callers at once, to each what is meant for them`, async () => {
    const texts = Array.from({ length: 8 }, (_, i) => Array.from({ length: i + 1 }, () => 'hello').join(' '));
    const { signal } = new AbortController();
    const lengths = await Promise.all(
      texts.map(async (one) => concatPcm(await collect(tts.speak(one, options({ signal })))).length),
    );
    await turns(3);
    assertNobodyListens(signal);
    assert.deepEqual(
      lengths,
      lengths.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(lengths).size, 8);
  });

  test(`${name} gives up at once whenever the caller hangs up`, async () => {
    const reason = new Error('hung up');
    await assert.rejects(collect(tts.speak(text, options({ signal: AbortSignal.abort(reason) }))), reason);
    for (const wait of [0, 1, 2, 5, 20, 100]) {
      const hangUp = new AbortController();
      const speaking = collect(tts.speak(long, options({ signal: hangUp.signal })));
      await turns(wait);
      hangUp.abort(reason);
      assert.ok(await settlesAtOnce(speaking), `after ${wait} turns`);
      await speaking.catch((error: unknown) => assert.equal(error, reason));
      await turns(3);
      assertNobodyListens(hangUp.signal);
    }
    assert.ok((await collect(tts.speak(text, options()))).length > 0);
  });

  test(`${name} stops when nobody listens any more`, async () => {
    for await (const piece of tts.speak(long, options())) {
      assert.ok(piece.length > 0);
      break;
    }
  });

  test(`${name}, when it is closed, rejects what is pending and leaves nothing behind`, async () => {
    const before = resources();
    const own = newTts(name);
    const speaking = own.speak(long, options())[Symbol.asyncIterator]();
    await speaking.next();
    const outcome = Promise.allSettled([
      (async () => {
        while (!(await speaking.next()).done);
      })(),
    ]);
    await Promise.all([own.close(), own.close()]);
    const [rest] = await outcome;
    assert.ok(rest.status === 'rejected' && hasCode(rest.reason, 'tts-unavailable'));
    await refuses(own.speak(text, options()), 'tts-unavailable');
    await turns(5);
    assert.deepEqual(leftBehind(before), []);
  });

  const saysNothing = async (at: Service): Promise<void> => {
    const own = newTts(name, 'impatient');
    at.hang();
    try {
      const speaking = own.speak(text, options());
      if (isChain(name)) assert.ok(concatPcm(await collect(speaking)).length > 0);
      else await refuses(speaking, 'tts-unavailable');
    } finally {
      at.recover();
      await own.close();
    }
  };
  if (service) {
    test(`${name} does not wait for ever for a service that says nothing`, () => saysNothing(service));
    test(`${name}, when it is closed, has no connection any more`, async () => {
      const own = newTts(name);
      assert.ok((await collect(own.speak(text, options()))).length > 0);
      await Promise.all([own.close(), tts.close()]);
      await service.whenLeft();
    });
  }
}

test('a synthesiser that nobody knows is refused, with the names of those there are', () => {
  assert.throws(
    () => createTts('nobody', settings),
    (error) => hasCode(error, 'provider-unknown') && error.remedy.includes(ttsNames.join(', ')),
  );
});
