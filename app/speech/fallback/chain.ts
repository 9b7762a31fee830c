import { type ErrorCode, ParleyError } from '../../errors.ts';
import { Breaker } from '../../ops/breaker.ts';
import type { Clock } from '../../ops/clock.ts';
import { withDeadline } from '../../ops/deadline.ts';
import type { Log } from '../../ops/log.ts';
import type { ProviderMetrics } from '../../ops/metrics.ts';
import type { Language } from '../spec.ts';

/** Why another engine took over. */
export type FailoverReason =
  'failed' | 'connect' | 'first-result' | 'final-result' | 'first-sound' | 'stalled';

export interface ChainOptions {
  /** What is expected of an engine while there is another one. */
  readonly failover: {
    readonly connectMs: number;
    readonly firstResultMs: number;
    readonly finalResultMs: number;
    readonly firstSoundMs: number;
    /** Failures in a row after which an engine is left alone. */
    readonly failures: number;
    /** How often an engine that is left alone is tried. */
    readonly retryMs: number;
  };
  /** Every member must work at this rate. */
  readonly sampleRateHz: number;
  /** In which an engine that is left alone is tried, where it knows it. */
  readonly language: Language;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ProviderMetrics;
  /** A member is left alone, or taken back. */
  readonly onChange?: () => void;
}

/** What both kinds of engines have in common. */
interface Engine {
  readonly name: string;
  readonly can: { readonly languages: readonly Language[]; readonly sampleRatesHz: readonly number[] };
  close(): Promise<void>;
}

export interface Member<E extends Engine> {
  readonly engine: E;
  readonly breaker: Breaker;
}

interface ChainKind<E extends Engine> {
  readonly kind: 'stt' | 'tts';
  readonly unavailable: ErrorCode;
  readonly rejected: ErrorCode;
  /** A small request to an engine that is left alone; whatever it throws, the engine is not well yet. */
  readonly probe: (engine: E, signal: AbortSignal) => Promise<void>;
  readonly probeMs: number;
}

/** Thrown at an engine's work when it does not matter any more: neither success nor failure. */
export const notNeeded = new Error('another engine was first, or nobody listens any more');

/**
 * Engines in the order in which they are asked, each with a breaker. One that is left alone is tried in the background,
 * never with a caller's words, and taken back when it answers.
 */
export class Chain<E extends Engine> {
  readonly name: string;
  readonly members: readonly Member<E>[];
  readonly languages: readonly Language[];
  readonly sampleRatesHz: readonly number[];
  readonly #kind: ChainKind<E>;
  readonly #options: ChainOptions;
  readonly #closed = new AbortController();

  /** @throws ParleyError `provider-mismatch` when a member does not work at the rate. */
  constructor(engines: readonly E[], kind: ChainKind<E>, options: ChainOptions) {
    const { sampleRateHz } = options;
    this.#kind = kind;
    this.#options = options;
    this.name = engines.map(({ name }) => name).join(', ');
    for (const { name, can } of engines) {
      if (!can.sampleRatesHz.includes(sampleRateHz))
        throw new ParleyError('provider-mismatch', {
          kind: kind.kind,
          name,
          reason: `it works at ${can.sampleRatesHz.join(', ')} Hz, and ${sampleRateHz} Hz is needed`,
        });
    }
    this.languages = [...new Set(engines.flatMap(({ can }) => can.languages))];
    this.sampleRatesHz = (engines[0]?.can.sampleRatesHz ?? []).filter((rateHz) =>
      engines.every(({ can }) => can.sampleRatesHz.includes(rateHz)),
    );
    this.members = engines.map((engine) => this.#newMember(engine));
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Those that can serve a request, in order.
   * @throws ParleyError `*-rejected` when there is none; why it was closed.
   */
  able(language: Language, sampleRateHz: number): Member<E>[] {
    this.closed.throwIfAborted();
    const able = this.members.filter(
      ({ engine: { can } }) => can.languages.includes(language) && can.sampleRatesHz.includes(sampleRateHz),
    );
    if (able.length === 0 || !this.sampleRatesHz.includes(sampleRateHz))
      throw new ParleyError(this.#kind.rejected, {
        provider: this.name,
        reason: `none of them serves ${language} at ${sampleRateHz} Hz`,
      });
    return able;
  }

  /** The one that would be asked first now. */
  servedBy(language: Language): string {
    const able = this.members.filter(({ engine }) => engine.can.languages.includes(language));
    return (able.find(isUp) ?? able[0])?.engine.name ?? this.name;
  }

  /** In which an engine is tried. */
  languageFor({ can: { languages } }: E): Language {
    const { language } = this.#options;
    return languages.includes(language) ? language : (languages[0] ?? language);
  }

  unavailable(engine: E, reason: string): ParleyError {
    return new ParleyError(this.#kind.unavailable, { provider: engine.name, reason });
  }

  /** Makes it visible that an engine failed. */
  failed({ engine: { name } }: Member<E>, error: unknown): void {
    const { log, metrics } = this.#options;
    const { kind } = this.#kind;
    const code = error instanceof ParleyError ? error.code : 'unknown';
    metrics.providerFailed(kind, name, code);
    log.warn('a speech engine failed', { kind, provider: name, code, error });
  }

  /** Makes it visible that one engine did the work of another. */
  failedOver(from: Member<E>, to: Member<E>, reason: FailoverReason): void {
    const { log, metrics } = this.#options;
    const failover = { kind: this.#kind.kind, from: from.engine.name, to: to.engine.name, reason };
    metrics.failover(failover);
    log.warn('another speech engine took over', failover);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed.abort(
      new ParleyError(this.#kind.unavailable, { provider: this.name, reason: 'it was closed' }),
    );
    await Promise.all(this.members.map(({ engine }) => engine.close()));
  }

  #newMember(engine: E): Member<E> {
    const { failover, metrics } = this.#options;
    const { kind } = this.#kind;
    const { name } = engine;
    const breaker = new Breaker({
      name,
      failures: failover.failures,
      // When it is tried again is up to `#takeBack`.
      openMs: 0,
      isFailure: (error) => error !== notNeeded,
    });
    const member = { engine, breaker };
    let up = true;
    metrics.providerUp(kind, name, up);
    breaker.onChange((state) => {
      if (state === 'half-open' || up === (state === 'closed')) return;
      up = !up;
      this.#changed(member, up);
    });
    return member;
  }

  #changed(member: Member<E>, up: boolean): void {
    const { log, metrics, onChange } = this.#options;
    const { kind } = this.#kind;
    const provider = member.engine.name;
    metrics.providerUp(kind, provider, up);
    if (up) log.info('a speech engine is taken back', { kind, provider });
    else {
      log.warn('a speech engine is left alone', { kind, provider, code: 'provider-resting' });
      void this.#takeBack(member);
    }
    onChange?.();
  }

  async #takeBack({ engine, breaker }: Member<E>): Promise<void> {
    const { clock, failover } = this.#options;
    const { probe, probeMs } = this.#kind;
    const signal = this.closed;
    const onTimeout = () => this.unavailable(engine, `it did not answer within ${probeMs} ms`);
    const tryIt = () =>
      withDeadline((until) => probe(engine, until), { clock, deadlineMs: probeMs, signal, onTimeout });
    try {
      while (breaker.state !== 'closed') {
        await clock.sleep(failover.retryMs, signal);
        // What goes wrong is what went wrong before.
        await breaker.run(tryIt, signal).catch(() => undefined);
      }
    } catch {
      // The chain was closed.
    }
  }
}

/** Whether an engine is not left alone. */
export function isUp({ breaker }: Member<Engine>): boolean {
  return breaker.state === 'closed';
}
