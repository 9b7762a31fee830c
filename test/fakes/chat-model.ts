import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A piece of what the model says; a wait in milliseconds, or until something has happened, before the next one. */
export type Piece = string | number | Promise<unknown>;

/**
 * How the model answers one request.
 * - words, in pieces, and how they end: `done` as they should; `cut` without an end; `reset`; `hang`: nothing more;
 *   `error`: an error event; `garbage`: an event that is no JSON; `wrong`: JSON that is no chunk.
 * - a call of a function, its arguments as an object or as the raw text; words before it.
 * - an HTTP status. `hang`: takes the request and never answers. `headers`: answers 200 and then nothing. `reset`: breaks
 *   the connection. `page`: an HTML page with status 200. `nothing`: an answer without a word.
 */
export type Reaction =
  | {
      readonly words: string | readonly Piece[];
      readonly then?: 'done' | 'cut' | 'reset' | 'hang' | 'error' | 'garbage' | 'wrong';
    }
  | { readonly call: string; readonly with?: object | string; readonly words?: string }
  | { readonly status: number }
  | 'hang'
  | 'headers'
  | 'reset'
  | 'page'
  | 'nothing';

export interface ChatRequest {
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly stream: boolean;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly tools: readonly {
      readonly function: { readonly name: string; readonly description: string; readonly parameters: object };
    }[];
  };
}

export interface FakeChatModel {
  /** Up to and with `/v1`. */
  readonly url: string;
  /** All questions so far, oldest first. */
  readonly requests: readonly ChatRequest[];
  /** How the next requests are answered, one after the other; those after them with an answer in words. */
  next(...reactions: Reaction[]): void;
  /** How all others are answered. */
  always(reaction: Reaction): void;
  /** Connections on which an answer is still to come. */
  readonly busy: number;
  /** Resolves when none is. */
  whenIdle(): Promise<void>;
  whenRequested(count: number): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A server on loopback that speaks the OpenAI chat interface, as far as Parley uses it, and says what it is told to. */
export async function startChatModel(): Promise<FakeChatModel> {
  const requests: ChatRequest[] = [];
  const queue: Reaction[] = [];
  const busy = new Set<ServerResponse>();
  const watchers = new Set<() => void>();
  let usual: Reaction = { words: 'I can help you with the weather, the news and the time.' };

  const check = (): void => {
    for (const watch of [...watchers]) watch();
  };
  const when = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const watch = (): void => {
        if (!isSo()) return;
        watchers.delete(watch);
        resolve();
      };
      watchers.add(watch);
      watch();
    });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const piece of request) text += String(piece);
    if (request.method === 'GET' && request.url === '/v1/models') {
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'small', object: 'model' }] }));
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      response
        .writeHead(501)
        .end(`This fake does not implement ${request.method ?? ''} ${request.url ?? ''}.`);
      return;
    }
    const { authorization } = request.headers;
    requests.push({ authorization, body: JSON.parse(text) as ChatRequest['body'] });
    busy.add(response);
    response.on('close', () => {
      busy.delete(response);
      check();
    });
    check();
    await react(queue.shift() ?? usual, request.socket, response);
  }

  const server = createServer((request, response) => {
    // A client that has gone away is no failure of the server.
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    next: (...reactions) => void queue.push(...reactions),
    always: (reaction) => void (usual = reaction),
    get busy() {
      return busy.size;
    },
    whenIdle: () => when(() => busy.size === 0),
    whenRequested: (count) => when(() => requests.length >= count),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

async function react(reaction: Reaction, socket: Socket, response: ServerResponse): Promise<void> {
  if (reaction === 'hang') return;
  if (reaction === 'reset') {
    socket.resetAndDestroy();
    return;
  }
  if (reaction === 'page') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><p>Please log in.</p>');
    return;
  }
  if (typeof reaction === 'object' && 'status' in reaction) {
    response.writeHead(reaction.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: 'No.', type: 'test' } }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  if (reaction === 'headers') return;
  send(response, { role: 'assistant', content: '' });
  if (reaction === 'nothing') {
    finish(response, 'stop');
    return;
  }
  if ('call' in reaction) {
    if (reaction.words !== undefined) send(response, { content: reaction.words });
    const { call, with: given = {} } = reaction;
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    const tool = (part: object): object => ({ tool_calls: [{ index: 0, ...part }] });
    send(response, tool({ id: 'call_1', type: 'function', function: { name: call, arguments: '' } }));
    for (const part of text.match(/[^]{1,5}/gu) ?? [])
      send(response, tool({ function: { arguments: part } }));
    finish(response, 'tool_calls');
    return;
  }
  const { words, then = 'done' } = reaction;
  // Tokens of a word each, as models have them.
  for (const piece of typeof words === 'string' ? words.split(/(?<= )/) : words) {
    if (typeof piece === 'string') send(response, { content: piece });
    else if (typeof piece === 'number') await sleep(piece, undefined, { ref: false });
    else await piece;
    if (response.destroyed) return;
  }
  switch (then) {
    case 'done':
      finish(response, 'stop');
      return;
    case 'cut':
      response.end();
      return;
    case 'reset':
      // What was written before must be on its way.
      await new Promise((resolve) => response.write(': about to go\n\n', resolve));
      socket.resetAndDestroy();
      return;
    case 'hang':
      return;
    case 'error':
      response.end('data: {"error":{"message":"out of memory"}}\n\n');
      return;
    case 'garbage':
      response.end('data: {"choices":[{"del\n\n');
      return;
    case 'wrong':
      response.end('data: {"choices":"none"}\n\n');
      return;
  }
}

function send(response: ServerResponse, delta: object): void {
  const chunk = { object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: null }] };
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function finish(response: ServerResponse, reason: string): void {
  const chunk = {
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: {}, finish_reason: reason }],
  };
  response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
}
