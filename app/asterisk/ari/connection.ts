import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import ariClient, { type Client } from 'ari-client';
import { hasCode, messageOf, ParleyError } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import { AriCommands } from './commands.ts';
import { signRequestsTo } from './credentials.ts';
import { type AriEvent, type AriEventType, isAriEvent, subjectOf } from './events.ts';
import { SocketLeash } from './socket-leash.ts';

export interface AriOptions {
  /** Such as `http://127.0.0.1:8088`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Name of the Stasis application. */
  readonly app: string;
  readonly commandDeadlineMs: number;
  readonly heartbeatMs: number;
  readonly log: Log;
}

interface ConnectionEvents {
  connected: [{ readonly first: boolean }];
  disconnected: [{ readonly reason: string }];
}

// swagger-client, inside ari-client, makes a global function `log` and prints a warning with it at each connect.
Reflect.set(globalThis, 'log', () => undefined);

const firstBackoffMs = 100;
const longestBackoffMs = 5_000;

/**
 * The supervised connection to Asterisk: connects whenever Asterisk comes up, notices a dead peer by heartbeat and
 * reconnects for ever. Commands may be given at any time; without a connection they fail with `ari-unreachable`.
 */
export class AriConnection {
  readonly commands: AriCommands;
  readonly app: string;
  readonly #options: AriOptions;
  readonly #log: Log;
  readonly #state = new EventEmitter<ConnectionEvents>();
  readonly #subjects = new EventEmitter<Record<string, [AriEvent]>>();
  readonly #stopped = new AbortController();
  #client: Client | undefined;
  #running: Promise<void> | undefined;

  constructor(options: AriOptions) {
    this.#options = options;
    this.#log = options.log;
    this.app = options.app;
    this.#subjects.setMaxListeners(0);
    this.commands = new AriCommands(() => this.#client, {
      url: options.url,
      deadlineMs: options.commandDeadlineMs,
    });
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Begins to connect, and returns at once. */
  start(): void {
    this.#running ??= this.#supervise();
  }

  /** Connected, for the first time or again: what happened in between was missed, so look at what is there. */
  onConnected(listener: (state: { readonly first: boolean }) => void): void {
    this.#state.on('connected', listener);
  }

  onDisconnected(listener: (state: { readonly reason: string }) => void): void {
    this.#state.on('disconnected', listener);
  }

  /** Listens to all events of one type. @returns the way to stop. */
  onType<T extends AriEventType>(type: T, listener: (event: AriEvent & { type: T }) => void): () => void {
    return this.#subscribe(`type:${type}`, listener as (event: AriEvent) => void);
  }

  /** Listens to the events about one channel, playback or recording. @returns the way to stop. */
  onSubject(
    kind: 'channel' | 'playback' | 'recording',
    id: string,
    listener: (event: AriEvent) => void,
  ): () => void {
    return this.#subscribe(`${kind}:${id}`, listener);
  }

  /**
   * Waits for one event about a subject. Subscribe first, then give the command that causes it.
   * @throws the signal's reason; ParleyError `ari-command-timeout`.
   */
  async waitFor<T extends AriEventType>(
    kind: 'channel' | 'playback' | 'recording',
    id: string,
    types: readonly T[],
    options: { readonly signal: AbortSignal; readonly deadlineMs?: number },
  ): Promise<AriEvent & { type: T }> {
    const deadlineMs = options.deadlineMs ?? this.#options.commandDeadlineMs;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        unsubscribe();
        clearTimeout(timer);
        options.signal.removeEventListener('abort', aborted);
      };
      const aborted = (): void => {
        settle();
        reject(options.signal.reason as Error);
      };
      const unsubscribe = this.onSubject(kind, id, (event) => {
        if (!types.some((type) => type === event.type)) return;
        settle();
        resolve(event as AriEvent & { type: T });
      });
      const timer = setTimeout(() => {
        settle();
        reject(new ParleyError('ari-command-timeout', { command: types.join(' or '), deadlineMs }));
      }, deadlineMs);
      options.signal.addEventListener('abort', aborted);
      if (options.signal.aborted) aborted();
    });
  }

  /** Ends the connection; idempotent. Listeners hear no more. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#state.removeAllListeners();
    this.#subjects.removeAllListeners();
  }

  #subscribe(key: string, listener: (event: AriEvent) => void): () => void {
    this.#subjects.on(key, listener);
    return () => this.#subjects.off(key, listener);
  }

  /** A listener that throws harms neither the other listeners nor the connection. */
  #emit(event: AriEvent): void {
    for (const key of [subjectOf(event), `type:${event.type}`]) {
      for (const listener of this.#subjects.listeners(key)) {
        try {
          listener(event);
        } catch (error) {
          this.#log.error('a listener failed', { event: event.type, error });
        }
      }
    }
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopped;
    let first = true;
    let backoffMs = firstBackoffMs;
    let toldCode = '';
    while (!signal.aborted) {
      try {
        await this.#probe();
        await this.#live(() => {
          this.#log.info(first ? 'connected to Asterisk' : 'connected to Asterisk again', {
            url: this.#options.url,
          });
          backoffMs = firstBackoffMs;
          toldCode = '';
          this.#state.emit('connected', { first });
          first = false;
        });
      } catch (error) {
        const code = error instanceof ParleyError ? error.code : messageOf(error);
        // Said once for each kind of trouble, not at every try.
        if (code !== toldCode && !signal.aborted) this.#log.warn('no connection to Asterisk', { error });
        toldCode = code;
      }
      if (signal.aborted) return;
      // Half of the delay is random, so that many apps do not come back in step.
      await sleep(backoffMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
    }
  }

  /** ari-client cannot tell "not there" from "wrong password"; this can. */
  async #probe(): Promise<void> {
    const { url, user, password, commandDeadlineMs } = this.#options;
    const authorization = signRequestsTo(url, user, password);
    let status: number;
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(commandDeadlineMs)]);
      const response = await fetch(new URL('/ari/asterisk/ping', url), {
        headers: { authorization },
        signal,
      });
      await response.body?.cancel();
      status = response.status;
    } catch (error) {
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new ParleyError('ari-unreachable', { url, reason: messageOf(reason) }, { cause: error });
    }
    if (status === 401 || status === 403) throw new ParleyError('ari-rejected', { url });
    if (status !== 200) throw new ParleyError('ari-unreachable', { url, reason: `it answers ${status}` });
  }

  /** One life of a connection: resolves when it is lost or closed. */
  async #live(onConnected: () => void): Promise<void> {
    const { url, user, password, app, heartbeatMs, commandDeadlineMs } = this.#options;
    const unreachable = (reason: string): ParleyError => new ParleyError('ari-unreachable', { url, reason });
    const client = await withDeadline(ariClient.connect(url, user, password), commandDeadlineMs, () =>
      unreachable('its API description does not come'),
    );
    const leash = new SocketLeash(client, {
      onEvent: (event) => {
        if (isAriEvent(event)) this.#emit(event);
      },
      onTrouble: (reason) => {
        this.#log.debug('an event that ari-client does not know', { reason });
      },
    });
    const { promise: lost, resolve: lose } = Promise.withResolvers<string>();
    const closed = (): void => {
      lose('closed');
    };
    let heartbeat: NodeJS.Timeout | undefined;
    try {
      client.on('WebSocketReconnecting', () => {
        lose('the event socket was closed');
      });
      this.#stopped.signal.addEventListener('abort', closed);
      await withDeadline(
        Promise.race([
          client.start(app),
          lost.then((reason) => {
            throw unreachable(reason);
          }),
        ]),
        commandDeadlineMs,
        () => unreachable('the event socket does not open'),
      );
      let ponged = true;
      client.on('pong', () => (ponged = true));
      heartbeat = setInterval(() => {
        if (!ponged) lose('no answer to the heartbeat');
        ponged = false;
        client.ping();
      }, heartbeatMs);
      this.#client = client;
      onConnected();
      const reason = await lost;
      this.#client = undefined;
      if (!this.#stopped.signal.aborted) {
        this.#log.warn('lost the connection to Asterisk', { reason });
        this.#state.emit('disconnected', { reason });
      }
    } finally {
      clearInterval(heartbeat);
      this.#stopped.signal.removeEventListener('abort', closed);
      this.#client = undefined;
      leash.cut();
    }
  }
}

async function withDeadline<T>(work: PromiseLike<T>, deadlineMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(late());
        }, deadlineMs);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a command failed only because the thing is already gone, which on the way down is success. */
export function isGone(error: unknown): boolean {
  return hasCode(error, 'ari-command-failed') && error.details['status'] === 404;
}
