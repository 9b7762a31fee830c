import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatPcm, type Pcm } from '../../app/audio/pcm.ts';
import { type Making, type SpokenSentence, SpokenLately } from '../../app/conversation/spoken-lately.ts';

const never = new AbortController().signal;

/** An engine that says one sample for each letter when it is let; counts what it is asked, and what is given up. */
function voice(name = 'own') {
  const asked: string[] = [];
  const givenUp: string[] = [];
  const doors = new Map<string, PromiseWithResolvers<undefined>>();
  const making = (text: string): Making =>
    async function* (signal, onEngine) {
      asked.push(text);
      const door = Promise.withResolvers<undefined>();
      doors.set(text, door);
      signal.addEventListener('abort', () => {
        givenUp.push(text);
        door.reject(signal.reason);
      });
      onEngine(name);
      yield Int16Array.from([1]);
      await door.promise;
      yield new Int16Array(text.length - 1);
    };
  return { asked, givenUp, making, finish: (text: string) => doors.get(text)?.resolve(undefined) };
}

async function all({ audio }: SpokenSentence): Promise<Pcm> {
  const pieces: Pcm[] = [];
  for await (const piece of audio) pieces.push(piece);
  return concatPcm(pieces);
}

test('what two callers are told at the same moment, and a third one later, is synthesised once', async () => {
  const { asked, making, finish } = voice();
  const lately = new SpokenLately(1_000);
  const share = (): SpokenSentence => lately.share('own', 'Rain in Rome.', never, making('Rain in Rome.'));
  const [first, second] = [share(), share()];
  await first.audio.begin();
  finish('Rain in Rome.');
  assert.equal((await all(first)).length, 13);
  assert.equal((await all(second)).length, 13);
  assert.equal((await all(share())).length, 13);
  assert.deepEqual(asked, ['Rain in Rome.']);
  assert.equal(second.engine(), 'own');
});

test('a caller who does not need it any more does not end it for the other; when nobody does, it ends', async () => {
  const { asked, givenUp, making, finish } = voice();
  const lately = new SpokenLately(1_000);
  const [one, other] = [new AbortController(), new AbortController()];
  const shared = lately.share('own', 'Good day.', one.signal, making('Good day.'));
  lately.share('own', 'Good day.', other.signal, making('Good day.'));
  await shared.audio.begin();
  one.abort();
  assert.deepEqual(givenUp, []);
  other.abort();
  assert.deepEqual(givenUp, ['Good day.']);

  const again = lately.share('own', 'Good day.', never, making('Good day.'));
  await again.audio.begin();
  finish('Good day.');
  assert.equal((await all(again)).length, 9);
  assert.deepEqual(asked, ['Good day.', 'Good day.']);
});

test('the least used sentences make way, and so does what failed or what another engine spoke', async () => {
  const { asked, making, finish } = voice();
  const lately = new SpokenLately(20);
  const say = async (text: string, engine = 'own'): Promise<void> => {
    const shared = lately.share(engine, text, never, making(text));
    await shared.audio.begin();
    finish(text);
    await all(shared);
  };
  await say('ten letter');
  await say('also ten..');
  await say('ten letter');
  assert.deepEqual(asked, ['ten letter', 'also ten..']);
  await say('the third.');
  await say('ten letter');
  assert.deepEqual(asked.splice(0), ['ten letter', 'also ten..', 'the third.']);
  await say('also ten..');
  assert.deepEqual(asked.splice(0), ['also ten..']);

  await say('by another', 'cloud');
  await say('by another', 'cloud');
  assert.deepEqual(asked, ['by another', 'by another']);

  const broken: Making = async function* () {
    yield await Promise.reject(new Error('no voice'));
  };
  const failed = lately.share('own', 'it fails', never, broken);
  await assert.rejects(all(failed), /no voice/);
  await say('it fails');
  assert.equal(asked.at(-1), 'it fails');
});
