import { messageOf } from '../../errors.ts';

/** The part of the WebSocket inside ari-client that the leash touches. */
interface RawSocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  terminate(): void;
}

export interface LeashHandlers {
  /** Each event as Asterisk sent it, of a known type or not. */
  readonly onEvent: (event: unknown) => void;
  /** A listener of ari-client threw: an event type it does not know, or no JSON. */
  readonly onTrouble: (reason: string) => void;
}

/**
 * Holds the WebSocket inside an ari-client instance, for three things that ari-client 2.2.0 cannot do itself:
 * - it throws inside its message handler on an event type that is not in the API description, which would end the process;
 * - it cannot be told to give up: a reconnect that it has scheduled comes even after `stop()`, and would take the
 *   application's events away from the client that replaced it;
 * - `stop()` waits for the peer's close frame, which a dead peer never sends.
 *
 * ari-client assigns each new socket to its property `_ws`; the leash is the setter of that property.
 */
export class SocketLeash {
  #socket: RawSocket | undefined;
  #cut = false;
  readonly #client: object;
  readonly #handlers: LeashHandlers;

  constructor(client: object, handlers: LeashHandlers) {
    this.#client = client;
    this.#handlers = handlers;
    Object.defineProperty(client, '_ws', {
      get: () => this.#socket,
      set: (socket: RawSocket) => {
        this.#hold(socket);
      },
    });
  }

  #hold(socket: RawSocket): void {
    this.#socket = socket;
    if (this.#cut) {
      // Ending a socket that is still connecting emits `error` at once, before ari-client listens.
      socket.on('error', () => undefined);
      this.#end(socket);
      return;
    }
    const on = socket.on.bind(socket);
    socket.on = (event, listener) => on(event, event === 'message' ? this.#guarded(listener) : listener);
  }

  #guarded(listener: (...args: unknown[]) => void): (...args: unknown[]) => void {
    return (...args) => {
      try {
        this.#handlers.onEvent(JSON.parse(String(args[0])));
        listener(...args);
      } catch (error) {
        this.#handlers.onTrouble(messageOf(error));
      }
    };
  }

  /** Ends the socket now and every one that ari-client may still open. */
  cut(): void {
    this.#cut = true;
    if (this.#socket === undefined) return;
    this.#socket.on('error', () => undefined);
    this.#end(this.#socket);
  }

  #end(socket: RawSocket): void {
    // Its own mark for "closed on purpose": without it the client would try to reconnect ten times, for a minute.
    Reflect.set(this.#client, '_wsClosed', true);
    socket.terminate();
  }
}
