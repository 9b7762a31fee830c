import type { Clock } from '../ops/clock.ts';

export interface SharedCacheOptions {
  readonly clock: Clock;
  readonly maxAgeMs: number;
  /** The oldest entry goes when there are more. */
  readonly maxEntries: number;
}

/** Keeps what was loaded for a while; who asks for the same thing at the same time shares one load. */
export interface SharedCache<T> {
  /**
   * @param load begins only when nobody loads this key yet; its signal is aborted when everyone who waits has given up.
   * @throws what `load` throws (nothing is kept then), or the signal's reason.
   */
  get(key: string, load: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>;
}

interface Flight<T> {
  readonly value: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

export function createSharedCache<T>({ clock, maxAgeMs, maxEntries }: SharedCacheOptions): SharedCache<T> {
  const kept = new Map<string, { readonly value: T; readonly atMs: number }>();
  const flights = new Map<string, Flight<T>>();

  function keep(key: string, value: T): void {
    kept.delete(key);
    kept.set(key, { value, atMs: clock.monotonicMs() });
    const [oldest] = kept.keys();
    if (kept.size > maxEntries && oldest !== undefined) kept.delete(oldest);
  }

  function land(key: string, flight: Flight<T>): void {
    if (flights.get(key) === flight) flights.delete(key);
  }

  function takeOff(key: string, load: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const flight: Flight<T> = { value: load(abort.signal), abort, waiting: 0 };
    flight.value.then(
      (value) => {
        keep(key, value);
        land(key, flight);
      },
      () => land(key, flight),
    );
    flights.set(key, flight);
    return flight;
  }

  function leave(key: string, flight: Flight<T>): void {
    flight.waiting -= 1;
    if (flight.waiting > 0) return;
    // Nobody who comes now may join a load that is being given up.
    land(key, flight);
    flight.abort.abort();
  }

  return {
    async get(key, load, signal) {
      signal.throwIfAborted();
      const found = kept.get(key);
      if (found !== undefined && clock.monotonicMs() - found.atMs < maxAgeMs) return found.value;

      const flight = flights.get(key) ?? takeOff(key, load);
      flight.waiting += 1;
      return await new Promise<T>((resolve, reject) => {
        const onAbort = () => {
          leave(key, flight);
          reject(signal.reason as Error);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        flight.value.then(resolve, reject).finally(() => {
          signal.removeEventListener('abort', onAbort);
          if (!signal.aborted) leave(key, flight);
        });
      });
    },
  };
}
