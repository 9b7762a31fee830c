import { silence } from '../../audio/mix.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { withDeadline } from '../../ops/deadline.ts';
import type { Heard, ListenOptions, SpeechToText } from '../spec.ts';
import { Chain, type ChainOptions } from './chain.ts';
import { Relay } from './relay.ts';

/** Enough for a probe: that there is an answer is what counts. */
const probeAudioMs = 300;
const warmUpMs = 10_000;

/**
 * Recognisers of which the next takes over when one fails, hangs or is late, also in the middle of an utterance: it is
 * given all of the audio from the beginning. A recogniser, as its members are.
 */
export function createSttChain(engines: readonly SpeechToText[], options: ChainOptions): SpeechToText {
  const { sampleRateHz, clock, log, failover } = options;
  const chain = new Chain<SpeechToText>(
    engines,
    {
      kind: 'stt',
      unavailable: 'stt-unavailable',
      rejected: 'stt-rejected',
      probeMs: failover.connectMs + failover.finalResultMs,
      probe: async (engine, signal) => {
        const language = chain.languageFor(engine);
        const heard = engine.listen(shortSilence(sampleRateHz), { language, sampleRateHz, signal });
        for await (const { kind } of heard) if (kind === 'final') return;
        throw chain.unavailable(engine, 'it ended without a final result');
      },
    },
    options,
  );

  async function* listen(audio: AsyncIterable<Pcm>, listenOptions: ListenOptions): AsyncGenerator<Heard> {
    listenOptions.signal.throwIfAborted();
    const members = chain.able(listenOptions.language, listenOptions.sampleRateHz);
    const relay = new Relay(chain, members, audio, listenOptions, { clock, failover });
    try {
      yield* relay.heard();
    } finally {
      relay.end();
    }
  }

  return {
    name: chain.name,
    can: {
      interim: engines.some(({ can }) => can.interim),
      phrases: engines.some(({ can }) => can.phrases),
      languages: chain.languages,
      sampleRatesHz: chain.sampleRatesHz,
    },
    listen,
    async warmUp(phrases) {
      chain.closed.throwIfAborted();
      const outcomes = await Promise.allSettled(
        engines.map((engine) =>
          withDeadline(
            () =>
              engine.warmUp(
                phrases.filter(
                  ({ language = '' }) => language === '' || engine.can.languages.includes(language),
                ),
              ),
            {
              clock,
              deadlineMs: warmUpMs,
              signal: chain.closed,
              onTimeout: () => chain.unavailable(engine, `it was not ready within ${warmUpMs} ms`),
            },
          ),
        ),
      );
      const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
      for (const { reason } of failures) {
        // One that is ready is enough.
        if (failures.length === engines.length) throw reason;
        log.warn('a speech engine could not be prepared', { kind: 'stt', error: reason as unknown });
      }
    },
    load: () => engines.flatMap((engine) => engine.load?.() ?? []),
    close: () => chain.close(),
  };
}

async function* shortSilence(sampleRateHz: number): AsyncGenerator<Pcm> {
  yield await Promise.resolve(silence(probeAudioMs, sampleRateHz));
}
