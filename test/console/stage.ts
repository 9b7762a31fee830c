import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Board } from '../../app/console/board.ts';
import { type ConsoleEvent, type Ready, type Status } from '../../app/console/contract.ts';
import { LiveCalls } from '../../app/console/live.ts';
import { Console, type ConsoleOptions } from '../../app/console/server.ts';
import { type CallBeginning, type CallObserver, tellAll } from '../../app/conversation/observer.ts';
import { type Clock, systemClock } from '../../app/ops/clock.ts';
import { createMetrics, type Metrics } from '../../app/ops/metrics.ts';
import type { CallKeeper } from '../../app/store/keeper.ts';
import { startKeeping } from '../../app/store/keeping.ts';
import type { RecordingsFolder } from '../../app/store/recordings.ts';
import type { CallStore } from '../../app/store/spec.ts';
import { recordingLog, type RecordingLog } from '../fakes/log.ts';
import type { Owner } from '../support/owner.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** The body as JSON, as what the test takes it for. */
  json(): unknown;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A console with a real store in a folder of its own; the test is Asterisk and the callers. */
export interface Stage {
  readonly console: Console;
  readonly store: CallStore;
  readonly keeper: CallKeeper;
  readonly recordings: RecordingsFolder;
  /** Tells the store and the console of calls, as the app does. */
  readonly calls: CallObserver;
  readonly live: LiveCalls;
  readonly metrics: Metrics;
  readonly log: RecordingLog;
  readonly hungUp: readonly string[];
  checks: Ready['checks'];
  ask(path: string, options?: Ask): Promise<Answer>;
  /** Follows what happens. */
  follow(options?: Ask): Promise<Follower>;
}

export interface StageOptions extends Partial<Pick<ConsoleOptions, 'plugins'>> {
  readonly config?: Partial<ConsoleOptions['config']>;
  readonly clock?: Clock;
}

export async function startStage(owner: Owner, options: StageOptions = {}): Promise<Stage> {
  const { clock = systemClock, plugins = [] } = options;
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-console-'));
  const log = recordingLog();
  const board = new Board(clock, { stt: ['azure', 'local'], tts: ['local'], nlu: ['local'] });
  const metrics = board.watch(createMetrics());
  const { store, keeper, recordings } = await startKeeping(
    {
      stateDir,
      store: { deadlineMs: 5_000, queueLimit: 5_000, maskDigits: 0 },
      calls: { maxCallMs: 1_800_000 },
    },
    { clock: systemClock, log, metrics, signal: owner.signal },
  );
  const live = new LiveCalls(clock);
  const hungUp: string[] = [];
  const known = { checks: { asterisk: true, engines: true, capacity: true } };
  const status = (): Status => ({
    version: '1.2.3',
    startedAtMs: 0,
    calls: { live: live.calls.length, capacity: 20, draining: false },
    asterisk: { connected: known.checks.asterisk },
    engines: board.engines,
    languages: ['en-US'],
    keeps: { calls: true, recordings: true, days: 30 },
    store: { kind: store.kind, waiting: keeper.waiting, dropped: board.dropped },
    telephone: { ready: true },
  });
  const opened: Console[] = [];
  owner.after(async () => {
    for (const one of opened) await one.close();
    await keeper.close(1_000);
    await store.close();
    await rm(stateDir, { recursive: true, force: true });
  });
  const server = await Console.start({
    config: { bind: '127.0.0.1', port: 0, token: undefined, hosts: [], ...options.config },
    version: '1.2.3',
    live,
    store,
    recordings,
    content: { languages: [], directory: { Alice: '6002' } },
    status,
    checks: () => ({ ...known.checks, engines: board.enginesAnswer }),
    hangUp: (id) => {
      hungUp.push(id);
      return live.calls.some((call) => call.id === id);
    },
    metrics: () => metrics.text(),
    plugins,
    clock,
    log,
  });
  opened.push(server);
  const send = (where: string, { method = 'GET', headers = {}, body }: Ask = {}): ClientRequest => {
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      path: where,
      method,
      agent: false,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    return sent;
  };
  const stage: Stage = {
    console: server,
    store,
    keeper,
    recordings,
    live,
    metrics,
    log,
    hungUp,
    get checks() {
      return known.checks;
    },
    set checks(checks) {
      known.checks = checks;
    },
    calls: tellAll([keeper, live], (error) => {
      throw error;
    }),
    ask: async (where, how) => {
      const answer = await answerOf(send(where, how));
      const pieces: Buffer[] = [];
      for await (const piece of answer) pieces.push(piece as Buffer);
      const bytes = Buffer.concat(pieces);
      const { statusCode = 0, headers } = answer;
      return { status: statusCode, headers, bytes, json: () => JSON.parse(bytes.toString()) as unknown };
    },
    follow: async (how) => {
      const answer = await answerOf(send('/api/events', how));
      assert.equal(answer.statusCode, 200);
      return new Follower(answer);
    },
  };
  return stage;
}

function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
}

export type Told = ConsoleEvent & { readonly id: number };

/** Reads server-sent events, one after the other, whenever the test asks for the next. */
export class Follower {
  readonly answer: IncomingMessage;
  readonly #pieces: AsyncIterator<Buffer>;
  #text = '';

  constructor(answer: IncomingMessage) {
    this.answer = answer;
    this.#pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async next(): Promise<Told> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (!block.startsWith(':')) return toldOf(block);
        continue;
      }
      const piece = await this.#pieces.next();
      if (piece.done === true) return assert.fail('the events ended');
      this.#text += piece.value.toString();
    }
  }

  /** The next one of this name; those before it are passed over. */
  async nextOf<N extends ConsoleEvent['name']>(name: N): Promise<Extract<Told, { name: N }>> {
    for (;;) {
      const told = await this.next();
      if (told.name === name) return told as Extract<Told, { name: N }>;
    }
  }

  close(): void {
    this.answer.destroy();
  }
}

function toldOf(block: string): Told {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  return {
    id: Number(fields['id']),
    name: fields['event'],
    data: JSON.parse(fields['data'] ?? '') as unknown,
  } as Told;
}

/** A call as it begins. */
export function arriving(callId: string): CallBeginning {
  return {
    callId,
    startedAt: new Date('2026-11-04T12:00:00Z'),
    caller: { number: '6099', name: '' },
    dialled: '1000',
    language: 'en-US',
    resumed: false,
  };
}
