import type { Connection } from 'microsoft-cognitiveservices-speech-sdk';
import type { Clock } from '../../ops/clock.ts';
import { withDeadline } from '../../ops/deadline.ts';
import { type Kind, troubleFrom, unavailable } from './trouble.ts';

/** A recogniser or synthesiser of the SDK that is not connected yet. */
export interface Made<Client> {
  readonly client: Client;
  readonly connection: Connection;
  /** What the SDK calls `internalData`. */
  readonly insides: object;
}

export interface SessionOptions<Client> {
  readonly kind: Kind;
  readonly make: (signal: AbortSignal) => Promise<Made<Client>>;
  readonly clock: Clock;
  /** How long connecting may take. */
  readonly deadlineMs: number;
}

/** The parts of the SDK's insides that are touched here. */
interface SdkInsides {
  readonly privConnectionFactory: { create(...args: readonly unknown[]): Promise<SdkConnection> };
}

interface SdkConnection {
  readonly events: { attach(listener: (event: SdkEvent) => void): unknown };
  readonly privConnectionMessageAdapter?: {
    readonly privWebsocketClient?: { terminate?(): void } | null;
  };
}

interface SdkEvent {
  readonly name: string;
  readonly statusCode?: number;
  readonly reason?: string;
}

/**
 * One recogniser or synthesiser of the SDK with its connection, from the first moment to the last.
 *
 * The SDK connects anew when a connection is lost, for ever after some close codes (its issue 896), waits for the service
 * when it is closed, and has no deadline for connecting. So its connections are watched here: the first that is lost
 * ends the session, no other is made, and `cut` leaves no socket whatever the service does.
 */
export class Session<Client> {
  readonly madeAtMs: number;
  /** Resolves when it is connected. @throws ParleyError `*-unavailable`, `*-rejected`, `speech-overloaded`, `speech-key-refused`. */
  readonly ready: Promise<Client>;
  readonly #kind: Kind;
  readonly #over = new AbortController();
  readonly #connections: SdkConnection[] = [];

  constructor(options: SessionOptions<Client>) {
    const { kind, clock, deadlineMs } = options;
    this.#kind = kind;
    this.madeAtMs = clock.monotonicMs();
    this.ready = withDeadline((signal) => this.#connect(options, signal), {
      clock,
      deadlineMs,
      signal: this.over,
      onTimeout: () => unavailable(kind, `it could not be reached within ${deadlineMs} ms`),
    });
    this.ready.catch((error: unknown) => this.cut(error));
  }

  /** Aborted when the connection is over, with the error that says why. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Ends the connection, if there is one, without waiting for the service. Idempotent. */
  cut(reason: unknown = unavailable(this.#kind, 'it was given up')): void {
    if (this.over.aborted) return;
    this.#over.abort(reason);
    for (const { privConnectionMessageAdapter: adapter } of this.#connections)
      adapter?.privWebsocketClient?.terminate?.();
  }

  async #connect({ kind, make }: SessionOptions<Client>, signal: AbortSignal): Promise<Client> {
    const { client, connection, insides } = await make(signal);
    signal.throwIfAborted();
    this.#watch(insides as SdkInsides);
    await new Promise<undefined>((resolve, reject) => {
      connection.openConnection(
        () => resolve(undefined),
        (details) => reject(troubleFrom(kind, details)),
      );
    });
    return client;
  }

  #watch({ privConnectionFactory: factory }: SdkInsides): void {
    const create = factory.create.bind(factory);
    factory.create = async (...args) => {
      if (this.#connections.length > 0) throw unavailable(this.#kind, 'the connection is over');
      const connection = await create(...args);
      this.over.throwIfAborted();
      this.#connections.push(connection);
      connection.events.attach(({ name, reason = '', statusCode = 0 }) => {
        if (name === 'ConnectionClosedEvent')
          this.cut(troubleFrom(this.#kind, `${reason} websocket error code: ${statusCode}`));
      });
      return connection;
    };
  }
}
