import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { AriConnection } from '../../app/asterisk/ari/connection.ts';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import {
  type LocalAsterisk,
  startAsterisk,
  type StartAsteriskOptions,
} from '../../app/asterisk/local/start.ts';
import type { Log } from '../../app/ops/log.ts';
import { cacheDirOf } from '../../app/setup/cache.ts';
import type { Owner } from './owner.ts';
import { recordingLog } from '../fakes/log.ts';

export const ariPassword = 'for-this-test-only';

/** The cache folder of this user, where the set-up put what the tests need. */
export function testCacheDir(): string {
  const { XDG_CACHE_HOME } = process.env;
  return cacheDirOf(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }, homedir());
}

/** A private Asterisk on free ports for one test, ended with it. */
export async function startTestAsterisk(
  t: Owner,
  options: Partial<StartAsteriskOptions> = {},
): Promise<LocalAsterisk> {
  const runDir = options.runDir ?? (await mkdtemp(path.join(tmpdir(), 'parley-asterisk-')));
  const program = await findAsterisk({ cacheDir: testCacheDir(), signal: t.signal });
  const asterisk = await startAsterisk({ program, runDir, ariPassword, signal: t.signal, ...options });
  t.after(async () => {
    if (t.passed === false) t.diagnostic?.(await tailOf(asterisk.logFile));
    await asterisk.stop();
    await rm(runDir, { recursive: true, force: true });
  });
  return asterisk;
}

/** What Asterisk wrote last: where a failed test is explained as a rule. */
async function tailOf(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n');
  return lines.slice(-25).join('\n');
}

/** A connection to it that is closed with the test. */
export function testAri(
  t: Owner,
  url: string,
  options: { readonly app?: string; readonly password?: string; readonly log?: Log } = {},
): AriConnection {
  const ari = new AriConnection({
    url,
    user: 'parley',
    password: options.password ?? ariPassword,
    app: options.app ?? 'parley',
    commandDeadlineMs: 5_000,
    heartbeatMs: 500,
    log: options.log ?? recordingLog(),
  });
  t.after(() => ari.close());
  return ari;
}

/** Asterisk answers a command to remove something before it is gone, so this looks more than once. */
export async function nothingLeft(ari: AriConnection, deadlineMs = 3_000): Promise<void> {
  const { commands } = ari;
  for (const until = performance.now() + deadlineMs; ;) {
    const [channels, bridges, recordings] = await Promise.all([
      commands.listChannels(),
      commands.listBridges(),
      commands.listRecordings(),
    ]);
    const left = [...channels.map(({ name }) => name), ...bridges.map(({ name }) => name), ...recordings];
    if (left.length === 0) return;
    if (performance.now() > until) assert.fail(`still on Asterisk: ${left.join(', ')}`);
  }
}

/** Resolves at the next time that it is connected. */
export function connected(ari: AriConnection): Promise<{ readonly first: boolean }> {
  return new Promise((resolve) => {
    ari.onConnected(resolve);
  });
}
