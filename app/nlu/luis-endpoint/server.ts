import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, ParleyError } from '../../errors.ts';
import { createLuisHandler, type LuisHandlerOptions } from './handler.ts';

export interface LuisEndpointOptions extends LuisHandlerOptions {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** An HTTP server that answers clients of LUIS. */
export class LuisEndpoint {
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @throws ParleyError `luis-endpoint-unavailable` when the port cannot be listened on. */
  static async start({ bind, port, ...options }: LuisEndpointOptions): Promise<LuisEndpoint> {
    const handle = createLuisHandler(options);
    const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
      void handle(request, response);
    });
    server.maxConnections = 200;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) => {
        const reason = messageOf(cause);
        reject(
          new ParleyError('luis-endpoint-unavailable', { address: `${bind}:${port}`, reason }, { cause }),
        );
      });
      server.listen(port, bind, resolve);
    });
    return new LuisEndpoint(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }
}
