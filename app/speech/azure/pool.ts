import type { Clock } from '../../ops/clock.ts';
import type { Session } from './session.ts';

export interface PoolOptions<Key, Client> {
  readonly open: (key: Key) => Session<Client>;
  /** Sessions that are made ahead for each key, once one was needed. */
  readonly prepared: number;
  /** A session older than this is not used any more. */
  readonly maxAgeMs: number;
  readonly clock: Clock;
}

/**
 * Sessions that are connected before they are needed. Whoever takes one has the next ones made, so nothing is kept open
 * for a language that nobody speaks. One that is too old, or whose connection was lost meanwhile, is passed over.
 */
export class Pool<Key, Client> {
  readonly #options: PoolOptions<Key, Client>;
  readonly #ready = new Map<string, Session<Client>[]>();
  #closed = false;

  constructor(options: PoolOptions<Key, Client>) {
    this.#options = options;
  }

  /** One that is ready, or a new one. It belongs to whoever took it. */
  take(key: Key): Session<Client> {
    const ready = this.#fresh(key);
    const session = ready.shift() ?? this.#options.open(key);
    // Only when the service is there: a service that is not must not be asked thrice as often.
    session.ready.then(
      () => this.#refill(key),
      () => undefined,
    );
    return session;
  }

  /** Gives one back that can be used once more. */
  give(key: Key, session: Session<Client>): void {
    if (this.#closed) session.cut();
    else this.#fresh(key).unshift(session);
  }

  /** Ends those that wait. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const session of [...this.#ready.values()].flat()) session.cut();
    this.#ready.clear();
  }

  #refill(key: Key): void {
    if (this.#closed) return;
    const ready = this.#fresh(key);
    while (ready.length < this.#options.prepared) ready.push(this.#options.open(key));
  }

  /** Those of the key that can still be used; the others are ended. */
  #fresh(key: Key): Session<Client>[] {
    const name = JSON.stringify(key);
    const { clock, maxAgeMs } = this.#options;
    const youngest = clock.monotonicMs() - maxAgeMs;
    const fresh: Session<Client>[] = [];
    for (const session of this.#ready.get(name) ?? []) {
      if (session.over.aborted) continue;
      if (session.madeAtMs < youngest) session.cut();
      else fresh.push(session);
    }
    this.#ready.set(name, fresh);
    return fresh;
  }
}
