import type { Pcm } from '../../audio/pcm.ts';
import { after, type Clock } from '../../ops/clock.ts';
import { ParleyError } from '../../errors.ts';
import { abortable } from '../abortable.ts';
import type { Heard, ListenOptions, SpeechToText } from '../spec.ts';
import { type Chain, type ChainOptions, type FailoverReason, isUp, type Member, notNeeded } from './chain.ts';
import { Tape } from './tape.ts';

/** Of one utterance; a turn is not longer than that. */
const longestMs = 60_000;

type Late = Extract<FailoverReason, 'connect' | 'first-result' | 'final-result'>;

const lateness: Readonly<Record<Late, string>> = {
  connect: 'it was not reached in time',
  'first-result': 'it heard nothing where another heard words',
  'final-result': 'it gave no final result in time',
};

/** One engine that listens to the utterance. */
interface Runner {
  readonly member: Member<SpeechToText>;
  /** What its breaker is told, sooner than the engine itself may settle. */
  readonly verdict: PromiseWithResolvers<undefined>;
  /** Ends its listening and its deadlines. */
  readonly stop: AbortController;
  connected: boolean;
  told: boolean;
  /** The deadline that it missed last. */
  late: Late | undefined;
  /** Why the next one was called. */
  reason: FailoverReason | undefined;
}

/**
 * One utterance and the engines that listen to it, one after the other or side by side: who is late is not cut off, the
 * next begins beside it with all of the audio, and the first that is ready counts. So lateness costs a caller nothing
 * when it was none, and never more than the deadline.
 */
export class Relay {
  readonly #chain: Chain<SpeechToText>;
  readonly #waiting: Member<SpeechToText>[];
  readonly #options: ListenOptions;
  readonly #limits: Pick<ChainOptions, 'clock' | 'failover'>;
  readonly #over = new AbortController();
  /** Aborted by those whose abortion speaks against no engine. */
  readonly #callers: AbortSignal;
  readonly #signal: AbortSignal;
  readonly #tape: Tape;
  readonly #live = new Set<Runner>();
  readonly #heard: Heard[] = [];
  #first: Runner | undefined;
  /** The one that was begun last of those that told something: what others tell is older. */
  #ahead: Runner | undefined;
  #begun: Runner[] = [];
  #error: { readonly error: unknown } | undefined;
  #done = false;
  #more = Promise.withResolvers<undefined>();

  constructor(
    chain: Chain<SpeechToText>,
    members: readonly Member<SpeechToText>[],
    audio: AsyncIterable<Pcm>,
    options: ListenOptions,
    limits: { readonly clock: Clock; readonly failover: ChainOptions['failover'] },
  ) {
    this.#chain = chain;
    this.#waiting = [...members];
    this.#options = options;
    this.#limits = limits;
    this.#callers = AbortSignal.any([options.signal, chain.closed]);
    this.#signal = AbortSignal.any([this.#callers, this.#over.signal]);
    this.#tape = new Tape(audio, (longestMs / 1000) * options.sampleRateHz, {
      signal: this.#signal,
      tooLong: () =>
        new ParleyError('stt-rejected', {
          provider: chain.name,
          reason: `it is longer than ${longestMs / 1000} seconds`,
        }),
    });
    this.#tape.ended.catch((error: unknown) => {
      this.#fail(error);
    });
  }

  /** What is heard, by whichever engine. @throws what `listen` throws. */
  async *heard(): AsyncGenerator<Heard> {
    this.#begin();
    for (;;) {
      const heard = await abortable(this.#next(), this.#signal);
      yield heard;
      if (heard.kind === 'final') return;
    }
  }

  /** Nobody needs it any more. Idempotent. */
  end(): void {
    this.#settle(() => notNeeded);
    this.#over.abort();
  }

  async #next(): Promise<Heard> {
    for (;;) {
      const heard = this.#heard.shift();
      if (heard !== undefined) return heard;
      if (this.#error !== undefined) throw this.#error.error;
      await this.#more.promise;
    }
  }

  #wake(): void {
    this.#more.resolve(undefined);
    this.#more = Promise.withResolvers();
  }

  /** Lets the next engine listen; one that is left alone only when nobody else does. @returns whether there is one. */
  #begin(): boolean {
    const up = this.#waiting.findIndex(isUp);
    const at = up === -1 && this.#live.size === 0 ? 0 : up;
    const [member] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (member === undefined) return false;
    const runner: Runner = {
      member,
      verdict: Promise.withResolvers(),
      stop: new AbortController(),
      connected: false,
      told: false,
      late: undefined,
      reason: undefined,
    };
    // It may be told before anybody asks.
    runner.verdict.promise.catch(() => undefined);
    this.#first ??= runner;
    this.#begun.push(runner);
    this.#live.add(runner);
    void this.#run(runner);
    return true;
  }

  /** Never rejects. */
  async #run(runner: Runner): Promise<void> {
    const { member, verdict, stop } = runner;
    const work = () => Promise.race([this.#listen(runner), verdict.promise]);
    try {
      await (isUp(member) ? member.breaker.run(work, this.#callers) : work());
    } catch (error) {
      this.#failed(runner, error);
    } finally {
      this.#live.delete(runner);
      stop.abort();
    }
  }

  async #listen(runner: Runner): Promise<undefined> {
    const { member, stop } = runner;
    const { language, sampleRateHz, phrases } = this.#options;
    this.#watch(runner);
    const hearing = member.engine.listen(this.#tape.read(), {
      language,
      sampleRateHz,
      signal: AbortSignal.any([this.#signal, stop.signal]),
      ...(phrases && { phrases }),
      onConnected: () => {
        runner.connected = true;
      },
    });
    for await (const heard of hearing) {
      if (this.#done) return;
      runner.connected = true;
      runner.told = true;
      if (heard.kind === 'final') {
        this.#won(runner, heard);
        return;
      }
      this.#tell(runner, heard);
    }
    throw this.#chain.unavailable(member.engine, 'it ended without a final result');
  }

  #watch(runner: Runner): void {
    const { clock, failover } = this.#limits;
    const { can } = runner.member.engine;
    const { signal } = runner.stop;
    const expect = (ms: number, late: Late, isMet: () => boolean): void => {
      after(clock, ms, signal, () => {
        if (!isMet()) this.#isLate(runner, late);
      });
    };
    if (can.connects === true) expect(failover.connectMs, 'connect', () => runner.connected);
    if (can.interim) expect(failover.firstResultMs, 'first-result', () => runner.told);
    this.#tape.ended.then(
      () => {
        expect(failover.finalResultMs, 'final-result', () => false);
      },
      () => undefined,
    );
  }

  #isLate(runner: Runner, late: Late): void {
    if (this.#done) return;
    runner.late = late;
    this.#relieve(runner, late);
  }

  #relieve(runner: Runner, reason: FailoverReason): void {
    const isLast = this.#begun.at(-1) === runner;
    if (isLast && this.#begin()) runner.reason = reason;
  }

  #tell(runner: Runner, heard: Heard): void {
    if (this.#ahead !== undefined && this.#begun.indexOf(runner) < this.#begun.indexOf(this.#ahead)) return;
    this.#ahead = runner;
    this.#heard.push(heard);
    this.#wake();
  }

  #won(runner: Runner, heard: Extract<Heard, { kind: 'final' }>): void {
    runner.verdict.resolve(undefined);
    this.#settle(({ late, member }) =>
      late === undefined || (late === 'first-result' && heard.text === '')
        ? notNeeded
        : this.#chain.unavailable(member.engine, lateness[late]),
    );
    const first = this.#first;
    if (first !== undefined && first !== runner)
      this.#chain.failedOver(first.member, runner.member, first.reason ?? 'failed');
    this.#options.onEngine?.(runner.member.engine.name);
    this.#heard.push(heard);
    this.#wake();
  }

  #failed(runner: Runner, error: unknown): void {
    this.#live.delete(runner);
    if (error === notNeeded || this.#tape.failed || this.#callers.aborted) return;
    this.#chain.failed(runner.member, error);
    if (this.#done) return;
    this.#relieve(runner, 'failed');
    if (this.#live.size === 0 && !this.#begin()) this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#done) return;
    this.#settle(() => notNeeded);
    this.#error = { error };
    this.#wake();
  }

  /** It is decided: tells the breakers of those who still listen what to make of them. */
  #settle(verdict: (runner: Runner) => Error): void {
    this.#done = true;
    for (const runner of this.#live) runner.verdict.reject(verdict(runner));
  }
}
