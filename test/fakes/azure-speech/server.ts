import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { silence, tone } from '../../../app/audio/mix.ts';
import { concatPcm } from '../../../app/audio/pcm.ts';
import { recognise } from './recognition.ts';
import type { Behaviour, Connection, Hears, Kind, Order, Speaks, Utterance, Wire } from './spec.ts';
import { synthesise } from './synthesis.ts';
import { readUsp } from './usp.ts';

export interface FakeAzureSpeechOptions {
  /** Asked for by key or by a token that was given for it; nothing is asked for when it is left out, as by a container. */
  readonly key?: string;
  /** `help` wherever there is sound, when left out. */
  readonly hears?: Hears;
  /** As many tones as there are words, when left out. */
  readonly speaks?: Speaks;
}

/** A loopback server that speaks the protocol of Azure's speech service to the real SDK, for recognition and synthesis. */
export interface FakeAzureSpeech {
  /** Such as `ws://127.0.0.1:41234`. */
  readonly url: string;
  /** Gives tokens for the key. */
  readonly tokenUrl: string;
  /** All connections so far, those that were refused too. */
  readonly connections: readonly Connection[];
  /** How many utterances have come to their end, understood or not. */
  readonly endings: number;
  /** All whole utterances so far. */
  readonly utterances: readonly Utterance[];
  readonly orders: readonly Order[];
  /** Tokens that were given; the service takes them until `forgetTokens`. */
  readonly tokens: readonly string[];
  /** TCP connections that are open now. */
  readonly openSockets: number;
  /** From now on, or for the next `times` connections (then `ok` again); of one kind or of both. */
  behave(behaviour: Behaviour, options?: { readonly times?: number; readonly kind?: Kind }): void;
  forgetTokens(): void;
  /** Breaks all connections that are open, those that were made ahead too. */
  cut(): void;
  /** Breaks all connections off. */
  dropSockets(): void;
  /** Resolves when `isSo` holds after some news of connections, utterances or orders. */
  when(isSo: () => boolean): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

const paths: Readonly<Record<Kind, RegExp>> = {
  stt: /^\/(stt\/speech\/universal\/v2|speech\/recognition\/conversation\/cognitiveservices\/v1)$/,
  tts: /^\/tts\/cognitiveservices\/websocket\/v1$/,
};
const tokenPath = '/sts/v1.0/issueToken';
const msPerWord = 200;

const tones: Speaks = ({ text, sampleRateHz }) =>
  concatPcm(
    text
      .split(/\s+/)
      .flatMap(() => [tone(330, msPerWord, sampleRateHz, -20), silence(msPerWord / 4, sampleRateHz)]),
  );

export async function startAzureSpeech(options: FakeAzureSpeechOptions = {}): Promise<FakeAzureSpeech> {
  const { key, hears = () => 'help', speaks = tones } = options;
  const connections: Connection[] = [];
  const utterances: Utterance[] = [];
  const orders: Order[] = [];
  const tokens: string[] = [];
  const valid = new Set<string>();
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const scripted = new Map<Kind, { readonly behaviour: Behaviour; left: number }>();
  let endings = 0;
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  const news = (): void => [...watchers].forEach((watch) => watch());
  const isKnown = ({ headers }: IncomingMessage): boolean => {
    const token = /^Bearer (.*)$/.exec(headers.authorization ?? '')?.[1];
    return (
      key === undefined ||
      headers['ocp-apim-subscription-key'] === key ||
      (token !== undefined && valid.has(token))
    );
  };
  const behaviourOf = (kind: Kind): Behaviour => {
    const script = scripted.get(kind);
    if (script === undefined) return 'ok';
    script.left -= 1;
    if (script.left <= 0) scripted.delete(kind);
    return script.behaviour;
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST' || request.url !== tokenPath) {
      response.writeHead(501, { connection: 'close' }).end('This fake does not implement it.\n');
    } else if (!isKnown(request)) {
      response.writeHead(401, { connection: 'close' }).end();
    } else {
      const token = `token-${tokens.length + 1}`;
      tokens.push(token);
      valid.add(token);
      response.writeHead(200, { 'content-type': 'application/jwt', connection: 'close' }).end(token);
      news();
    }
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const kind = paths.stt.test(path) ? 'stt' : paths.tts.test(path) ? 'tts' : undefined;
    if (kind === undefined) {
      refuse(socket, '501');
      return;
    }
    connections.push({ kind, path, query, headers: request.headers });
    const behaviour = behaviourOf(kind);
    if (!isKnown(request)) refuse(socket, '401');
    else if (/^\d+$/.test(behaviour)) refuse(socket, behaviour);
    // It notices that the other side has gone, and that is all.
    else if (behaviour === 'no-upgrade') socket.on('end', () => socket.destroy()).resume();
    else upgrader.handleUpgrade(request, socket, head, (ws) => serve(ws, kind, query, behaviour));
    news();
  }

  function serve(ws: WebSocket, kind: Kind, query: URLSearchParams, behaviour: Behaviour): void {
    const timers = new Set<NodeJS.Timeout>();
    const wire: Wire = {
      query,
      behaviour,
      send: (message) => ws.send(message),
      close: (code, reason) => ws.close(code, reason),
      reset: () => ws.terminate(),
      later: (ms, work) => timers.add(setTimeout(work, ms)),
    };
    const take =
      kind === 'stt'
        ? recognise(
            wire,
            hears,
            () => {
              endings += 1;
              news();
            },
            (utterance) => {
              utterances.push(utterance);
              news();
            },
          )
        : synthesise(wire, speaks, (order) => {
            orders.push(order);
            news();
          });
    ws.on('message', (data: Buffer, isBinary) => take(readUsp(data, isBinary)));
    // Whoever breaks a connection off is the test's concern.
    ws.on('error', () => undefined);
    ws.on('close', () => timers.forEach((timer) => clearTimeout(timer)));
  }

  const server = createServer(answer);
  server.on('upgrade', upgrade);
  server.on('connection', (socket) => {
    sockets.add(socket);
    // The service is elsewhere: what it has open does not keep this process.
    socket.unref();
    socket.on('close', () => {
      sockets.delete(socket);
      news();
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  return {
    url: `ws://127.0.0.1:${port}`,
    tokenUrl: `http://127.0.0.1:${port}${tokenPath}`,
    connections,
    utterances,
    orders,
    tokens,
    get endings() {
      return endings;
    },
    get openSockets() {
      return sockets.size;
    },
    behave(behaviour, { times = Infinity, kind } = {}) {
      for (const each of kind === undefined ? (['stt', 'tts'] as const) : [kind])
        scripted.set(each, { behaviour, left: times });
    },
    forgetTokens: () => valid.clear(),
    cut: () => sockets.forEach((socket) => socket.resetAndDestroy()),
    dropSockets() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    when: (isSo) =>
      new Promise((resolve) => {
        // Sockets do not keep the process here; who waits for one does.
        const awake = setInterval(() => undefined, 60_000);
        const watch = (): void => {
          if (!isSo()) return;
          watchers.delete(watch);
          clearInterval(awake);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
      return closed;
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
