import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silence, whiteNoise } from '../../app/audio/mix.ts';
import { hasCode, type ErrorCode } from '../../app/errors.ts';
import { createStt, sttNames } from '../../app/speech/registry.ts';
import type { Heard, ListenOptions, SpeechToText } from '../../app/speech/spec.ts';
import {
  collect,
  endless,
  leftBehind,
  listenOptions,
  assertNobodyListens,
  isChain,
  newStt,
  newTts,
  pieces,
  resources,
  settings,
  settlesAtOnce,
  type Service,
  speakOptions,
  sttSetUps,
  thoseThatRun,
  turns,
} from './speech.ts';

/** What every recogniser in the registry must do. */

function finalOf(heard: readonly Heard[]): Heard & { readonly kind: 'final' } {
  const finals = heard.filter((one) => one.kind === 'final');
  assert.equal(finals.length, 1, 'there is exactly one final result');
  const [final] = finals;
  assert.ok(final && heard.at(-1) === final, 'it is the last one');
  assert.ok(
    heard.every((one) => one.kind === 'final' || one.text !== ''),
    'a partial result has words',
  );
  assert.ok(final.confidence >= 0 && final.confidence <= 1);
  return final;
}

async function refuses(listening: AsyncIterable<Heard>, code: ErrorCode): Promise<void> {
  await assert.rejects(collect(listening), (error) => hasCode(error, code));
}

for (const [name, { service }] of thoseThatRun(sttNames, sttSetUps, newStt)) {
  const stt: SpeechToText = newStt(name);
  after(() => stt.close());
  const options = (more: Partial<ListenOptions> = {}): ListenOptions => listenOptions(stt, more);
  const { sampleRateHz } = options();
  const noise = whiteNoise(1_500, sampleRateHz, -20);

  test(`${name} says what it can do`, () => {
    assert.equal(stt.name, name);
    assert.ok(stt.can.languages.length > 0 && stt.can.sampleRatesHz.length > 0);
  });

  test(`${name} hears nothing in no audio, in an empty piece and in silence`, async () => {
    for (const audio of [
      pieces(),
      pieces(new Int16Array(0)),
      pieces(silence(50, sampleRateHz), silence(900, sampleRateHz)),
    ])
      assert.equal(finalOf(await collect(stt.listen(audio, options()))).text, '');
  });

  test(`${name} takes audio at each of its rates, with phrases and without`, async () => {
    const phrases = { id: 'yes or no', phrases: ['yes', 'no'] };
    await stt.warmUp([phrases]);
    for (const rate of stt.can.sampleRatesHz) {
      const audio = whiteNoise(700, rate, -25);
      finalOf(await collect(stt.listen(pieces(audio), options({ sampleRateHz: rate }))));
      finalOf(await collect(stt.listen(pieces(audio), options({ sampleRateHz: rate, phrases }))));
    }
  });

  test(`${name} takes half a minute of audio`, async () => {
    finalOf(await collect(stt.listen(pieces(whiteNoise(30_000, sampleRateHz, -30)), options())));
  });

  test(`${name} refuses a language and a rate that it does not know`, async () => {
    await refuses(stt.listen(pieces(noise), options({ language: 'tlh' })), 'stt-rejected');
    await refuses(stt.listen(pieces(noise), options({ sampleRateHz: 11_025 })), 'stt-rejected');
  });

  test(`${name} listens to eight callers at once`, async () => {
    const { signal } = new AbortController();
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        collect(stt.listen(pieces(whiteNoise(300 + 100 * i, sampleRateHz, -25, i)), options({ signal }))),
      ),
    );
    for (const heard of all) finalOf(heard);
    await turns(3);
    assertNobodyListens(signal);
  });

  test(`${name} gives up at once whenever the caller hangs up`, async () => {
    const reason = new Error('hung up');
    await assert.rejects(
      collect(stt.listen(pieces(noise), options({ signal: AbortSignal.abort(reason) }))),
      reason,
    );
    for (const audio of [() => endless(sampleRateHz), () => pieces(noise)]) {
      for (const wait of [0, 1, 2, 5, 20, 100]) {
        const hangUp = new AbortController();
        const listening = collect(stt.listen(audio(), options({ signal: hangUp.signal })));
        await turns(wait);
        hangUp.abort(reason);
        assert.ok(await settlesAtOnce(listening), `after ${wait} turns`);
        // It may have been ready before the caller hung up.
        await listening.then(
          (heard) => finalOf(heard),
          (error: unknown) => assert.equal(error, reason),
        );
        await turns(3);
        assertNobodyListens(hangUp.signal);
      }
    }
    finalOf(await collect(stt.listen(pieces(noise), options())));
  });

  const followsTheCaller = async (): Promise<void> => {
    const [sampleRateHz = 0] = stt.can.sampleRatesHz;
    const tts = newTts('local');
    try {
      const spoken = await collect(
        tts.speak('What is the meaning of life?', speakOptions(tts, { sampleRateHz })),
      );
      const { promise: told, resolve: tell } = Promise.withResolvers<undefined>();
      async function* speaking(): AsyncGenerator<Int16Array> {
        yield* spoken;
        // The caller is not finished before something was told.
        await told;
        yield silence(100, sampleRateHz);
      }
      const heard: Heard[] = [];
      for await (const one of stt.listen(speaking(), options({ sampleRateHz }))) {
        heard.push(one);
        tell(undefined);
      }
      assert.equal(heard[0]?.kind, 'partial');
      assert.notEqual(finalOf(heard).text, '');
    } finally {
      await tts.close();
    }
  };
  if (stt.can.interim) test(`${name} tells what it hears while the caller still speaks`, followsTheCaller);

  test(`${name} is left early without ado`, async () => {
    const [sampleRateHz = 0] = stt.can.sampleRatesHz;
    for await (const one of stt.listen(pieces(noise), options({ sampleRateHz }))) {
      assert.ok(one);
      break;
    }
    finalOf(await collect(stt.listen(pieces(noise), options())));
  });

  test(`${name} passes on what goes wrong with the audio`, async () => {
    const broken = new Error('the line broke');
    async function* breaking(): AsyncGenerator<Int16Array> {
      yield await Promise.resolve(noise);
      throw broken;
    }
    await assert.rejects(collect(stt.listen(breaking(), options())), broken);
  });

  test(`${name}, when it is closed, rejects what is pending and leaves nothing behind`, async () => {
    const before = resources();
    const own = newStt(name);
    await own.warmUp([]);
    const pending = [endless(sampleRateHz), pieces(noise)].map((audio) =>
      collect(own.listen(audio, options())),
    );
    const outcomes = Promise.allSettled(pending);
    await turns(3);
    await Promise.all([own.close(), own.close()]);
    const [waiting] = await outcomes;
    assert.ok(waiting?.status === 'rejected' && hasCode(waiting.reason, 'stt-unavailable'));
    await refuses(own.listen(pieces(noise), options()), 'stt-unavailable');
    await assert.rejects(own.warmUp([]), (error) => hasCode(error, 'stt-unavailable'));
    await turns(5);
    assert.deepEqual(leftBehind(before), []);
  });

  const saysNothing = async (at: Service): Promise<void> => {
    const own = newStt(name, 'impatient');
    at.hang();
    try {
      const listening = own.listen(pieces(noise), options());
      if (isChain(name)) finalOf(await collect(listening));
      else await refuses(listening, 'stt-unavailable');
      const reason = new Error('hung up');
      const hangUp = new AbortController();
      const waiting = collect(own.listen(endless(sampleRateHz), options({ signal: hangUp.signal })));
      await turns(50);
      hangUp.abort(reason);
      assert.ok(await settlesAtOnce(waiting));
      await assert.rejects(waiting, reason);
    } finally {
      at.recover();
      await own.close();
    }
  };
  if (service) {
    test(`${name} does not wait for ever for a service that says nothing`, () => saysNothing(service));
    test(`${name}, when it is closed, has no connection any more`, async () => {
      const own = newStt(name);
      finalOf(await collect(own.listen(pieces(noise), options())));
      await Promise.all([own.close(), stt.close()]);
      await service.whenLeft();
    });
  }

  test(`${name}, when it was never used, is closed without ado`, async () => {
    await newStt(name).close();
  });
}

test('a recogniser that nobody knows is refused, with the names of those there are', () => {
  assert.throws(
    () => createStt('nobody', settings),
    (error) => hasCode(error, 'provider-unknown') && error.remedy.includes(sttNames.join(', ')),
  );
  assert.throws(
    () => createStt('toString', settings),
    (error) => hasCode(error, 'provider-unknown'),
  );
});
