import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AriConnection } from '../asterisk/ari/connection.ts';
import { findAsterisk } from '../asterisk/local/find.ts';
import { type LocalAsterisk, startAsterisk } from '../asterisk/local/start.ts';
import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { systemClock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { readRunning } from '../setup/running.ts';
import { loadSecrets } from '../setup/secrets.ts';
import type { Exam, ExaminedAsterisk } from './spec.ts';

/** An exam that ends what it started. */
export interface OpenExam extends Exam {
  /** Passwords that it came to know. */
  readonly secrets: readonly string[];
  /** Idempotent. */
  close(): Promise<void>;
}

const connectDeadlineMs = 10_000;

/** @param options.signal ends what is being started. */
export async function openExam(options: {
  readonly config: Config;
  readonly cacheDir: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<OpenExam> {
  const { config, cacheDir, log, signal } = options;
  const running = await readRunning(config.stateDir);
  const secrets: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  const findOrStart = async (): Promise<ExaminedAsterisk> => {
    const { url, user, password = '' } = config.ari;
    if (url !== undefined) return { url, user, password, source: 'configured' };
    if (running?.ariUrl !== undefined) {
      const known = await loadSecrets(config.stateDir, [], { signal });
      secrets.push(known.ari, known.caller, ...Object.values(known.phones));
      return { url: running.ariUrl, user, password: known.ari, source: 'running' };
    }
    const asterisk = await startPrivate(config, cacheDir, signal, closers);
    secrets.push(asterisk.ariPassword);
    return { url: asterisk.ariUrl, user, password: asterisk.ariPassword, source: 'started' };
  };
  const asterisk = once(findOrStart);
  const ari = once(async () => {
    const access = await asterisk();
    const connection = new AriConnection({
      ...access,
      app: `${config.ari.app}-doctor`,
      commandDeadlineMs: config.ari.commandDeadlineMs,
      heartbeatMs: config.ari.heartbeatMs,
      log,
    });
    closers.push(() => connection.close());
    await connect(connection, access.url, signal);
    return connection;
  });
  let closing: Promise<void> | undefined;
  return {
    config,
    cacheDir,
    clock: systemClock,
    log,
    fetch: globalThis.fetch,
    running: running !== undefined,
    secrets,
    asterisk,
    ari,
    close: () =>
      (closing ??= (async () => {
        // What was begun last ends first.
        for (const close of closers.reverse()) await close();
      })()),
  };
}

/** Parley's own Asterisk with the configuration it has in `npm start`, but on free ports and in nobody's way. */
async function startPrivate(
  config: Config,
  cacheDir: string,
  signal: AbortSignal,
  closers: (() => Promise<void>)[],
): Promise<LocalAsterisk> {
  const program = await findAsterisk({ cacheDir, signal });
  const runDir = await mkdtemp(path.join(tmpdir(), 'parley-doctor-'));
  closers.push(() => rm(runDir, { recursive: true, force: true }));
  const asterisk = await startAsterisk({
    program,
    runDir,
    ariUser: config.ari.user,
    ariPassword: randomBytes(18).toString('hex'),
    ariApp: config.ari.app,
    signal,
  });
  closers.push(() => asterisk.stop());
  return asterisk;
}

async function connect(ari: AriConnection, url: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(connectDeadlineMs)]);
  const late = (): void =>
    reject(
      signal.aborted
        ? (signal.reason as Error)
        : new ParleyError('ari-unreachable', { url, reason: 'its event socket does not open' }),
    );
  waiting.addEventListener('abort', late, { once: true });
  ari.onConnected(() => resolve(undefined));
  ari.start();
  try {
    await promise;
  } finally {
    waiting.removeEventListener('abort', late);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
