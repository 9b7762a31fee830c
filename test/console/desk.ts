/** A real console over a store that was filled by the test: what the page is opened at. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Content, Status } from '../../app/console/contract.ts';
import { LiveCalls } from '../../app/console/live.ts';
import { Console } from '../../app/console/server.ts';
import { systemClock } from '../../app/ops/clock.ts';
import { openStore } from '../../app/store/open.ts';
import { RecordingsFolder } from '../../app/store/recordings.ts';
import { recordingLog } from '../fakes/log.ts';
import type { Owner } from '../support/owner.ts';
import { hostileName, hostileWords, incidents, kept, manyCalls, recordingOf } from './desk-calls.ts';

export interface Desk {
  readonly url: string;
  /** Is told of calls as a conversation would tell. */
  readonly live: LiveCalls;
  /** Changes what the status says. */
  status(change: Partial<Status>): void;
  /** Calls that were hung up from the page. */
  readonly hungUp: readonly string[];
  close(): Promise<void>;
  /** Listens again, at the same address. */
  reopen(): Promise<void>;
}

export async function startDesk(
  owner: Owner,
  { token, empty = false }: { readonly token?: string; readonly empty?: boolean } = {},
): Promise<Desk> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-desk-'));
  owner.after(() => rm(stateDir, { recursive: true, force: true }));
  const store = openStore({ stateDir, store: { deadlineMs: 5_000 } });
  owner.after(() => store.close());
  const recordings = new RecordingsFolder(path.join(stateDir, 'recordings'));
  const nowMs = Date.now();
  if (!empty) {
    const whole = kept('whole', nowMs - 240_000, { seed: 7, name: 'Alice Hargreaves', recorded: true });
    const hostile = kept('hostile', nowMs - 900_000, {
      name: hostileName,
      number: '<b>0</b>',
      turns: 1,
      words: [{ heard: hostileWords, intent: 'None', said: [hostileWords] }],
      endedBy: 'caller',
    });
    await mkdir(path.join(recordings.dir, '2026-11-22'), { recursive: true });
    await writeFile(path.join(recordings.dir, '2026-11-22/whole.wav'), recordingOf(whole.voices, whole.ms));
    await store.write([...whole.records, ...hostile.records, ...manyCalls(nowMs), ...incidents(nowMs)], {
      signal: owner.signal,
    });
  }
  let status = usualStatus(nowMs);
  const hungUp: string[] = [];
  const live = new LiveCalls(systemClock);
  let port = 0;
  const start = (): Promise<Console> =>
    Console.start({
      config: { bind: '127.0.0.1', port, token, hosts: [] },
      version: '0.1.0',
      checks: () => ({ asterisk: true, engines: true, capacity: true }),
      metrics: () => Promise.resolve(''),
      live,
      store,
      recordings,
      content,
      status: () => status,
      hangUp: (id) => {
        hungUp.push(id);
        return true;
      },
      clock: systemClock,
      log: recordingLog(),
    });
  let running = await start();
  owner.after(() => running.close());
  port = running.port;
  return {
    url: `http://127.0.0.1:${port}`,
    live,
    status: (change) => {
      status = { ...status, ...change };
    },
    hungUp,
    close: () => running.close(),
    reopen: async () => {
      running = await start();
    },
  };
}

function usualStatus(nowMs: number): Status {
  const engine = { state: 'ok', failures: 0, lastFailure: null, failovers: 0 } as const;
  return {
    version: '0.1.0',
    startedAtMs: nowMs - 93_600_000,
    calls: { live: 0, capacity: 100, draining: false },
    asterisk: { connected: true },
    engines: [
      {
        ...engine,
        kind: 'stt',
        name: 'azure',
        place: 0,
        state: 'resting',
        failures: 4,
        lastFailure: { atMs: nowMs - 40_000, code: 'stt-unavailable' },
        failovers: 4,
      },
      { ...engine, kind: 'stt', name: 'local', place: 1 },
      { ...engine, kind: 'nlu', name: 'local', place: 0 },
      {
        ...engine,
        kind: 'nlu',
        name: 'model',
        place: 1,
        state: 'failing',
        failures: 1,
        lastFailure: { atMs: nowMs - 20_000, code: 'nlu-unavailable' },
      },
      { ...engine, kind: 'tts', name: 'rhvoice', place: 0 },
      { ...engine, kind: 'tts', name: 'local', place: 1 },
    ],
    languages: ['en-US', 'es-ES'],
    keeps: { calls: true, recordings: true, days: 30 },
    store: { kind: 'sqlite', waiting: 0, dropped: 0 },
    telephone: { ready: true },
  };
}

const content: Content = {
  languages: [
    {
      language: 'en-US',
      intents: [
        {
          intent: 'GetWeather',
          slots: ['city', 'day'],
          own: false,
          samples: [
            "what's the weather in {city}",
            'will it rain {day}',
            'do I need an umbrella {day}',
            'how warm is it in {city} {day}',
            'give me the forecast for {city}',
            'is it sunny in {city}',
            'weather',
            'and {day}',
          ],
        },
        {
          intent: 'GetNews',
          slots: ['count'],
          own: false,
          samples: ['read me the news', '{count} headlines please'],
        },
        {
          intent: 'GetTime',
          slots: ['city'],
          own: false,
          samples: ['what time is it', 'what time is it in {city}'],
        },
        {
          intent: 'OpeningHours',
          slots: ['@branch', 'day'],
          own: true,
          samples: ['when are you open {day}', 'is the {branch} shop open'],
        },
        { intent: 'Goodbye', slots: [], own: false, samples: ['goodbye', 'bye', 'that was all thank you'] },
      ],
      entities: [{ name: 'branch', kind: 'list', values: ['harbour', 'station', 'old town'] }],
      prompts: [
        { name: 'greeting', text: 'Hello, this is Parley. What can I do for you?' },
        { name: 'not-understood', text: 'I did not quite get that.' },
        { name: 'goodbye', text: 'Goodbye, and thank you for calling.' },
      ],
    },
    {
      language: 'es-ES',
      intents: [{ intent: 'GetNews', slots: [], own: false, samples: ['dime las noticias'] }],
      entities: [],
      prompts: [],
    },
  ],
  directory: { Alice: '6002', 'Workshop <3>': '6003' },
};
