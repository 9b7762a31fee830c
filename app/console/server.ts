import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { z } from 'zod';
import { messageOf, ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { errorHandler, InvalidRequest } from './answers.ts';
import { loginSchema, type Ready, readySchema, sessionSchema } from './contract.ts';
import { Guard, isLoopback } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { EventHub } from './hub.ts';
import { type DescribedRoute, openApi } from './openapi.ts';
import { servePage } from './page.ts';
import { type RouteParts, serveCalls } from './routes.ts';
import { Sessions } from './session.ts';
import type { ConsoleApp, ConsolePlugin } from './spec.ts';

export interface ConsoleConfig {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: everybody who reaches it may; to be given where that is not this machine alone. */
  readonly token: string | undefined;
  readonly hosts: readonly string[];
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
}

export interface ConsoleOptions extends Omit<RouteParts, 'signal'> {
  readonly config: ConsoleConfig;
  readonly version: string;
  readonly checks: () => Ready['checks'];
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  readonly plugins?: readonly ConsolePlugin[];
  readonly clock: Clock;
  readonly log: Log;
}

/** How often the status is looked at for those who follow it. */
const statusEveryMs = 1_000;

/** The operator's console: an API over HTTP, what happens as it happens, and the page. */
export class Console {
  readonly #options: ConsoleOptions;
  readonly #app: ConsoleApp;
  readonly #hub: EventHub;
  readonly #closing: AbortController;
  #closed: Promise<void> | undefined;

  private constructor(options: ConsoleOptions, app: ConsoleApp) {
    this.#options = options;
    this.#app = app;
    this.#closing = new AbortController();
    const { clock, live, status } = options;
    this.#hub = new EventHub({ clock, snapshot: () => ({ calls: live.calls, status: status() }) });
    live.onEvent((event) => {
      this.#hub.tell(event);
    });
  }

  /** @throws ParleyError `console-unavailable` when it cannot listen, `tls-unusable`. */
  static async start(options: ConsoleOptions): Promise<Console> {
    const { bind, port, token, hosts, tlsCertificate, tlsKey } = options.config;
    const tls =
      tlsCertificate === undefined || tlsKey === undefined
        ? undefined
        : { file: tlsCertificate, cert: await read(tlsCertificate), key: await read(tlsKey) };
    const app: ConsoleApp = fastify({
      serverFactory: (handler) => (tls === undefined ? createServer(handler) : secure(tls, handler)),
      bodyLimit: 65_536,
      requestTimeout: 10_000,
      connectionTimeout: 0,
      forceCloseConnections: true,
      routerOptions: { maxParamLength: 500 },
    });
    const sessions = new Sessions(token, options.clock);
    const guard = new Guard({ sessions, bind, hosts, tls: tls !== undefined });
    const made = new Console(options, app);
    try {
      await made.#serve(guard);
      await app.listen({ host: bind, port });
    } catch (error) {
      await made.close();
      if (error instanceof ParleyError) throw error;
      const reason = messageOf(error);
      throw new ParleyError('console-unavailable', { address: `${bind}:${port}`, reason }, { cause: error });
    }
    made.#followStatus().catch((error: unknown) => {
      options.log.error('those who follow are told no more of the status', { error });
    });
    return made;
  }

  /** Where it is opened on this machine, such as `http://localhost:8090`. */
  get url(): string {
    const { bind, tlsCertificate } = this.#options.config;
    const anywhere = bind === '0.0.0.0' || bind === '::' || isLoopback(bind);
    const host = anywhere ? 'localhost' : bind.includes(':') ? `[${bind}]` : bind;
    return `${tlsCertificate === undefined ? 'http' : 'https'}://${host}:${this.port}`;
  }

  get port(): number {
    return (this.#app.server.address() as AddressInfo).port;
  }

  /** Ends all connections. Idempotent. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#hub.close();
    this.#closed ??= this.#app.close();
    return this.#closed;
  }

  async #serve(guard: Guard): Promise<void> {
    const app = this.#app;
    const { log, version, checks, metrics, plugins = [] } = this.#options;
    const described: DescribedRoute[] = [];
    app.setValidatorCompiler(({ schema, httpPart = '' }) => (data) => {
      const parsed = (schema as z.ZodType).safeParse(data);
      return parsed.success ? { value: parsed.data } : { error: new InvalidRequest(parsed.error, httpPart) };
    });
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.setErrorHandler(errorHandler(log));
    app.setNotFoundHandler(() => {
      throw new ParleyError('console-not-found', { what: 'page' });
    });
    app.addHook('onRequest', async (request, reply) => {
      reply.headers({
        ...securityHeaders,
        'content-security-policy': "default-src 'none'",
        'cache-control': 'no-store',
      });
      guard.checkSite(request.raw);
      if (request.routeOptions.config.open !== true) guard.checkAccess(request.raw);
      return Promise.resolve();
    });
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (schema?.summary === undefined) return;
      for (const one of [method].flat()) if (one !== 'HEAD') described.push({ method: one, url, schema });
    });

    const open = { open: true };
    app.get('/live', { config: open }, () => ({ live: true }));
    app.get(
      '/ready',
      {
        config: open,
        schema: {
          summary: 'Whether a call would be answered now (else 503).',
          response: { 200: readySchema, 503: readySchema },
        },
      },
      (_request, reply) => {
        const each = checks();
        const ready = Object.values(each).every(Boolean);
        void reply.status(ready ? 200 : 503);
        return { ready, checks: each };
      },
    );
    app.get(
      '/metrics',
      { schema: { summary: 'For Prometheus.', produces: ['text/plain; version=0.0.4'] } },
      async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
    );
    app.get('/api/openapi.json', () => openApi(described, version));
    this.#serveSession(guard);
    app.get(
      '/api/events',
      { schema: { summary: 'What happens, as it happens.', produces: ['text/event-stream'] } },
      (_request, reply) => {
        if (this.#hub.full) throw new ParleyError('console-crowded');
        reply.hijack();
        reply.raw.writeHead(200, {
          ...securityHeaders,
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // Proxies of the nginx kind would hold it back.
          'x-accel-buffering': 'no',
        });
        this.#hub.join(reply.raw);
      },
    );
    serveCalls(app, { ...this.#options, signal: this.#closing.signal });
    servePage(app);
    for (const plugin of plugins) {
      await app.register(async (inside) => {
        await plugin(inside, { guard });
      });
    }
  }

  #serveSession(guard: Guard): void {
    const app = this.#app;
    const config = { open: true };
    const response = { 200: sessionSchema };
    app.get(
      '/api/session',
      { config, schema: { summary: 'Who asks, and the token against cross-site requests.', response } },
      ({ raw }) => guard.sessionOf(raw),
    );
    app.post(
      '/api/session',
      { config, schema: { summary: 'Signs in: gives a cookie for the token.', body: loginSchema, response } },
      ({ raw, body: { token } }, reply) => {
        const { setCookie, session } = guard.signIn(token, raw);
        void reply.header('set-cookie', setCookie);
        return session;
      },
    );
    app.delete(
      '/api/session',
      { schema: { summary: 'Signs out.', response: { 200: z.object({}) } } },
      ({ raw }, reply) => {
        void reply.header('set-cookie', guard.signOut(raw));
        return {};
      },
    );
  }

  /** Tells those who follow when the status is another. */
  async #followStatus(): Promise<void> {
    const { clock, status } = this.#options;
    const { signal } = this.#closing;
    let last = JSON.stringify(status());
    for (;;) {
      await clock.sleep(statusEveryMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      const data = status();
      const text = JSON.stringify(data);
      if (text !== last) this.#hub.tell({ name: 'status', data });
      last = text;
    }
  }
}

/** @throws ParleyError `tls-unusable`. */
async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ParleyError('tls-unusable', { file, reason: messageOf(cause) }, { cause });
  }
}

/** @throws ParleyError `tls-unusable`. */
function secure(
  { file, ...tls }: { readonly file: string; readonly cert: Buffer; readonly key: Buffer },
  handler: Parameters<typeof createTlsServer>[1],
): ReturnType<typeof createTlsServer> {
  try {
    return createTlsServer(tls, handler);
  } catch (cause) {
    throw new ParleyError('tls-unusable', { file, reason: messageOf(cause) }, { cause });
  }
}
