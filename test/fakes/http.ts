import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/**
 * How a fake service answers.
 * - `ok`: as it should.
 * - `hang`: takes the request and never answers. `hang-midway`: half of the answer, then nothing.
 * - `reset`: breaks the connection at once. `reset-midway`: after half of the answer.
 * - `held`: as it should, once `release()` is called.
 * - `slow`: as it should, 300 ms later.
 * - `500`, `401`, `404`, `429`: that status with a page of HTML.
 * - `busy`: 429 with a `Retry-After` of no time. `busy-long`: of a minute.
 * - `html`: a page of HTML with status 200, as a captive portal sends. `garbage`: the first half of a right answer.
 * - `wrong-schema`: well formed, but not what the service promises.
 * - `empty`: status 200 and nothing.
 * - `oversized`: far more than anybody wants, without an end.
 * - `redirect`: 302 to another path, which answers as it should. `redirect-loop`: 302 to itself.
 * - `gzip`: as it should, compressed. `gzip-unlabelled`: compressed, without saying so.
 * - `gzip-bomb`: a small compressed answer that unpacks to 64 MB.
 */
export type Behaviour =
  | 'ok'
  | 'hang'
  | 'hang-midway'
  | 'reset'
  | 'reset-midway'
  | 'held'
  | 'slow'
  | '500'
  | '401'
  | '404'
  | '429'
  | 'busy'
  | 'busy-long'
  | 'html'
  | 'garbage'
  | 'wrong-schema'
  | 'empty'
  | 'oversized'
  | 'redirect'
  | 'redirect-loop'
  | 'gzip'
  | 'gzip-unlabelled'
  | 'gzip-bomb';

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** What was posted; '' otherwise. */
  readonly body: string;
  /** Whether the client went away before it had the whole answer. */
  readonly aborted: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface FakeServer {
  /** Such as `http://127.0.0.1:41234`, without a slash at the end. */
  readonly url: string;
  /** All requests so far, oldest first. */
  readonly requests: readonly FakeRequest[];
  /** From now on, or for the next `times` requests (then `ok` again); for one path or for all. */
  behave(behaviour: Behaviour, options?: { readonly times?: number; readonly path?: string }): void;
  /** Answers what is `held`. */
  release(): void;
  /** Resolves when there have been `count` requests. */
  whenRequested(count: number): Promise<void>;
  /** Resolves when `count` requests were given up by the client. */
  whenAborted(count: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface FakeServerOptions {
  /** The right answer; undefined: not implemented (501). */
  readonly answer: (request: FakeRequest) => Reply | undefined;
  /** A well-formed answer that is not what the service promises. */
  readonly wrongSchema: Reply;
}

const redirectedPrefix = '/moved';
const slowMs = 300;
const html =
  '<!DOCTYPE html><html><head><title>Sorry</title></head><body><p>Nothing to see.</p></body></html>';

/** A server on loopback, on a free port, that answers as it is told. */
export async function startFakeServer({ answer, wrongSchema }: FakeServerOptions): Promise<FakeServer> {
  const requests: (FakeRequest & { aborted: boolean })[] = [];
  const scripted = new Map<string, { behaviour: Behaviour; left: number }>();
  const watchers = new Set<() => void>();
  let held: (() => void)[] = [];

  const check = () => [...watchers].forEach((watch) => watch());

  /** Resolves when `isSo` holds after some request's news. */
  const when = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const watch = () => {
        if (!isSo()) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    });

  function behaviourFor(path: string): Behaviour {
    const found = scripted.has(path) ? path : '*';
    const script = scripted.get(found);
    if (script === undefined) return 'ok';
    script.left -= 1;
    if (script.left <= 0) scripted.delete(found);
    return script.behaviour;
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') {
      take(request, response, '');
      return;
    }
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => take(request, response, Buffer.concat(pieces).toString('utf8')));
  }

  function take(request: IncomingMessage, response: ServerResponse, body: string): void {
    const address = new URL(request.url ?? '/', 'http://fake');
    const wasMoved = address.pathname.startsWith(`${redirectedPrefix}/`);
    const path = wasMoved ? address.pathname.slice(redirectedPrefix.length) : address.pathname;
    const seen = {
      method: request.method ?? '',
      path: address.pathname,
      query: address.searchParams,
      headers: request.headers,
      body,
      aborted: false,
    };
    requests.push(seen);
    response.on('close', () => {
      seen.aborted = !response.writableFinished;
      check();
    });
    const right = answer({ ...seen, path });
    const behaviour = right === undefined || wasMoved ? 'ok' : behaviourFor(path);
    act(behaviour, right ?? notImplemented(seen), request, response);
    check();
  }

  function act(behaviour: Behaviour, right: Reply, request: IncomingMessage, response: ServerResponse): void {
    const body = Buffer.from(right.body);
    const half = body.subarray(0, Math.floor(body.length / 2));
    switch (behaviour) {
      case 'ok':
        send(response, right);
        return;
      case 'hang':
        return;
      case 'hang-midway':
      case 'reset-midway':
        response.writeHead(right.status, { ...right.headers, 'content-length': body.length });
        response.write(half, () => {
          if (behaviour === 'reset-midway') request.socket.resetAndDestroy();
        });
        return;
      case 'reset':
        request.socket.resetAndDestroy();
        return;
      case 'held':
        held.push(() => send(response, right));
        return;
      case 'slow': {
        const timer = setTimeout(() => send(response, right), slowMs);
        response.on('close', () => clearTimeout(timer));
        return;
      }
      case 'busy':
      case 'busy-long':
        send(response, { ...page(429), headers: { 'retry-after': behaviour === 'busy' ? '0' : '60' } });
        return;
      case '500':
      case '401':
      case '404':
      case '429':
        send(response, page(Number(behaviour)));
        return;
      case 'html':
        send(response, page(200));
        return;
      case 'garbage':
        send(response, { ...right, body: half });
        return;
      case 'wrong-schema':
        send(response, wrongSchema);
        return;
      case 'empty':
        send(response, { ...right, body: '' });
        return;
      case 'oversized': {
        response.writeHead(right.status, { ...right.headers });
        const piece = Buffer.alloc(65_536, ' ');
        const pour = () => {
          while (!response.destroyed && response.write(piece));
        };
        response.on('drain', pour);
        response.write(half);
        pour();
        return;
      }
      case 'redirect':
      case 'redirect-loop': {
        const to = `${behaviour === 'redirect' ? redirectedPrefix : ''}${request.url ?? '/'}`;
        send(response, { status: 302, headers: { location: to }, body: '' });
        return;
      }
      case 'gzip':
      case 'gzip-bomb': {
        const packed = gzipSync(
          behaviour === 'gzip' ? body : Buffer.concat([half, Buffer.alloc(64_000_000, ' ')]),
        );
        const headers = { ...right.headers, 'content-encoding': 'gzip' };
        send(response, { ...right, headers, body: packed });
        return;
      }
      case 'gzip-unlabelled':
        send(response, { ...right, body: gzipSync(body) });
        return;
    }
  }

  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    behave(behaviour, { times = Infinity, path = '*' } = {}) {
      scripted.set(path, { behaviour, left: times });
    },
    release() {
      const waiting = held;
      held = [];
      waiting.forEach((send) => send());
    },
    whenRequested: (count) => when(() => requests.length >= count),
    whenAborted: (count) => when(() => requests.filter(({ aborted }) => aborted).length >= count),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers });
  response.end(body);
}

function page(status: number): Reply {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html };
}

function notImplemented({ method, path }: FakeRequest): Reply {
  return {
    status: 501,
    headers: { 'content-type': 'text/plain' },
    body: `This fake does not implement ${method} ${path}.\n`,
  };
}
