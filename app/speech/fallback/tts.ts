import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { wordStart } from '../../audio/word-start.ts';
import { ParleyError } from '../../errors.ts';
import { withDeadline } from '../../ops/deadline.ts';
import { abortable } from '../abortable.ts';
import type { SpeakOptions, TextToSpeech } from '../spec.ts';
import { Chain, type ChainOptions, type FailoverReason, isUp, type Member, notNeeded } from './chain.ts';

/** Enough for a probe, and said alike in many languages. */
const probeText = 'OK';

/**
 * Synthesisers of which the next takes over when one fails, hangs or is late: it speaks the sentence, or the rest of it
 * from the word at which the first one broke off. A synthesiser, as its members are; each speaks with a voice of its own.
 */
export function createTtsChain(engines: readonly TextToSpeech[], options: ChainOptions): TextToSpeech {
  const { sampleRateHz, failover } = options;
  const chain = new Chain<TextToSpeech>(
    engines,
    {
      kind: 'tts',
      unavailable: 'tts-unavailable',
      rejected: 'tts-rejected',
      probeMs: failover.firstSoundMs,
      probe: async (engine, signal) => {
        const language = chain.languageFor(engine);
        for await (const { length } of engine.speak(probeText, { language, sampleRateHz, signal }))
          if (length > 0) return;
        throw chain.unavailable(engine, 'nothing was heard of it');
      },
    },
    options,
  );
  const voices = [...new Set(engines.flatMap(({ can }) => can.voices))];

  async function* speak(text: string, speakOptions: SpeakOptions): AsyncGenerator<Pcm> {
    const { language, voice, onEngine } = speakOptions;
    speakOptions.signal.throwIfAborted();
    const waiting = chain.able(language, speakOptions.sampleRateHz);
    if (voice !== undefined && !voices.includes(voice))
      throw new ParleyError('tts-rejected', { provider: chain.name, reason: `it has no voice ${voice}` });
    const callers = AbortSignal.any([speakOptions.signal, chain.closed]);
    let first: { readonly member: Member<TextToSpeech>; readonly reason: FailoverReason } | undefined;
    let sent = 0;
    for (;;) {
      const at = Math.max(0, waiting.findIndex(isUp));
      const [member] = waiting.splice(at, 1);
      if (member === undefined) return;
      const attempt = new Attempt(chain, member, callers, {
        ...options,
        // Better late than never.
        patient: !waiting.some(isUp),
      });
      try {
        const pieces = attempt.speak(text, speakOptions);
        for await (const piece of sent === 0 ? pieces : restAfter(pieces, sent, speakOptions.sampleRateHz)) {
          if (!attempt.heard) {
            attempt.heard = true;
            onEngine?.(member.engine.name);
            if (first !== undefined) chain.failedOver(first.member, member, first.reason);
          }
          sent += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        callers.throwIfAborted();
        chain.failed(member, error);
        if (waiting.length === 0) throw error;
        first ??= { member, reason: attempt.missed ?? 'failed' };
      }
    }
  }

  return {
    name: chain.name,
    can: {
      streaming: engines.some(({ can }) => can.streaming),
      languages: chain.languages,
      voices,
      sampleRatesHz: chain.sampleRatesHz,
    },
    speak,
    servedBy: (language) => chain.servedBy(language),
    load: () => engines.flatMap((engine) => engine.load?.() ?? []),
    close: () => chain.close(),
  };
}

interface AttemptOptions extends Pick<ChainOptions, 'clock' | 'failover'> {
  /** Whether to wait however long it takes. */
  readonly patient: boolean;
}

/** One engine speaks a sentence, each piece of it within the deadline, and its breaker is told how it went. */
class Attempt {
  /** Set once something of it was heard. */
  heard = false;
  /** The deadline that it missed. */
  missed: FailoverReason | undefined;
  readonly #chain: Chain<TextToSpeech>;
  readonly #member: Member<TextToSpeech>;
  readonly #callers: AbortSignal;
  readonly #options: AttemptOptions;

  constructor(
    chain: Chain<TextToSpeech>,
    member: Member<TextToSpeech>,
    callers: AbortSignal,
    options: AttemptOptions,
  ) {
    this.#chain = chain;
    this.#member = member;
    this.#callers = callers;
    this.#options = options;
  }

  async *speak(text: string, { language, sampleRateHz, voice }: SpeakOptions): AsyncGenerator<Pcm> {
    const { engine, breaker } = this.#member;
    const left = new AbortController();
    const outcome = Promise.withResolvers<undefined>();
    if (isUp(this.#member)) breaker.run(() => outcome.promise, this.#callers).catch(() => undefined);
    else outcome.promise.catch(() => undefined);
    const pieces = engine
      .speak(text, {
        language,
        sampleRateHz,
        signal: AbortSignal.any([this.#callers, left.signal]),
        ...(voice !== undefined && engine.can.voices.includes(voice) && { voice }),
      })
      [Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#inTime(() => pieces.next());
        if (next.done) break;
        if (next.value.length > 0) yield next.value;
      }
      outcome.resolve(undefined);
    } catch (error) {
      outcome.reject(error);
      throw error;
    } finally {
      // Only who stopped listening comes here with an outcome that is open.
      outcome.reject(notNeeded);
      left.abort();
      // Not waited for: an engine that hangs would not come back.
      pieces.return?.().catch(() => undefined);
    }
  }

  #inTime<T>(next: () => Promise<T>): Promise<T> {
    const { clock, failover, patient } = this.#options;
    if (patient) return abortable(next(), this.#callers);
    return withDeadline(next, {
      clock,
      deadlineMs: failover.firstSoundMs,
      signal: this.#callers,
      onTimeout: () => {
        this.missed = this.heard ? 'stalled' : 'first-sound';
        return this.#chain.unavailable(
          this.#member.engine,
          `nothing came from it within ${failover.firstSoundMs} ms`,
        );
      },
    });
  }
}

/**
 * What another voice says after so much of the sentence was heard: from the word that it says at that moment, for voices
 * differ little in how fast they speak, and a word that is said twice is better than one that is missing.
 */
async function* restAfter(
  pieces: AsyncIterable<Pcm>,
  sent: number,
  sampleRateHz: number,
): AsyncGenerator<Pcm> {
  const before: Pcm[] = [];
  let length = 0;
  let found = false;
  const cut = (): Pcm => {
    const soFar = concatPcm(before);
    return soFar.subarray(wordStart(soFar, sampleRateHz, (sent / sampleRateHz) * 1000));
  };
  for await (const piece of pieces) {
    if (found) {
      yield piece;
      continue;
    }
    before.push(piece);
    length += piece.length;
    found = length >= sent;
    if (found) yield cut();
  }
  if (!found) yield cut();
}
