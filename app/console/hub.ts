import type { ServerResponse } from 'node:http';
import type { Clock } from '../ops/clock.ts';
import type { ConsoleEvent, Events } from './contract.ts';

export interface HubOptions {
  readonly clock: Clock;
  /** All that is known now, for who has just come or has fallen behind. */
  readonly snapshot: () => Events['snapshot'];
  /** How often a sign of life is sent, so that proxies keep the connection and a dead one is noticed. */
  readonly heartbeatMs?: number;
  /** What may wait for one listener before it is told no more until it has caught up. */
  readonly mostWaitingBytes?: number;
}

interface Listener {
  readonly response: ServerResponse;
  /** Since when it does not take what it is sent, by the clock's `monotonicMs`. */
  behindSinceMs: number | undefined;
  /** It was not told something: when it has caught up it is sent a snapshot. */
  missed: boolean;
}

const mostListeners = 64;
/** Who takes nothing for so long is gone. */
const patienceMs = 60_000;

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) to all who follow the calls. */
export class EventHub {
  readonly #options: Required<HubOptions>;
  readonly #listeners = new Set<Listener>();
  readonly #closed = new AbortController();
  #lastId = 0;

  constructor(options: HubOptions) {
    this.#options = { heartbeatMs: 15_000, mostWaitingBytes: 1_000_000, ...options };
    void this.#beat();
  }

  get full(): boolean {
    return this.#listeners.size >= mostListeners;
  }

  /** @param response whose head was sent. It is ended by `close`, or when the other side goes away. */
  join(response: ServerResponse): void {
    const listener: Listener = { response, behindSinceMs: undefined, missed: false };
    this.#listeners.add(listener);
    response.on('close', () => this.#listeners.delete(listener));
    response.on('error', () => this.#listeners.delete(listener));
    response.on('drain', () => {
      listener.behindSinceMs = undefined;
      if (listener.missed) this.#greet(listener);
    });
    this.#greet(listener);
  }

  tell(event: ConsoleEvent): void {
    this.#lastId += 1;
    if (this.#listeners.size === 0) return;
    const text = this.#write(event);
    for (const listener of this.#listeners) {
      if (listener.behindSinceMs === undefined) this.#send(listener, text);
      else listener.missed = true;
    }
  }

  /** Idempotent. */
  close(): void {
    this.#closed.abort();
    for (const { response } of this.#listeners) response.end();
    this.#listeners.clear();
  }

  #greet(listener: Listener): void {
    listener.missed = false;
    this.#send(listener, this.#write({ name: 'snapshot', data: this.#options.snapshot() }));
  }

  #write({ name, data }: ConsoleEvent): string {
    // JSON holds no line breaks.
    return `id: ${this.#lastId}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #send(listener: Listener, text: string): void {
    const { response } = listener;
    const { clock, mostWaitingBytes } = this.#options;
    const taken = response.write(text);
    if (!taken && response.writableLength > mostWaitingBytes) listener.behindSinceMs = clock.monotonicMs();
  }

  async #beat(): Promise<void> {
    const { clock, heartbeatMs } = this.#options;
    const { signal } = this.#closed;
    for (;;) {
      await clock.sleep(heartbeatMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      for (const { response, behindSinceMs } of this.#listeners) {
        if (behindSinceMs === undefined) response.write(': still here\n\n');
        else if (clock.monotonicMs() - behindSinceMs > patienceMs) response.destroy();
      }
    }
  }
}
