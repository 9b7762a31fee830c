import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Owner } from './owner.ts';
import { AriConnection } from '../../app/asterisk/ari/connection.ts';
import { ParleyProcess } from '../../app/cli/parley-process.ts';
import { loadConfig } from '../../app/config/load.ts';
import type { Config } from '../../app/config/schema.ts';
import { recordingLog } from '../fakes/log.ts';

/** A whole Parley for one test: its own Asterisk on free ports, the app as a process, nothing outside loopback. */
export interface TestParley {
  readonly config: Config;
  readonly parley: ParleyProcess;
  readonly sip: { readonly host: string; readonly port: number };
  readonly stateDir: string;
  /** The app's log so far, one object for each line. */
  log(): Promise<Record<string, unknown>[]>;
  /** What is on Asterisk now, seen from outside the app. */
  onAsterisk(): Promise<{ channels: string[]; bridges: string[]; recordings: string[] }>;
}

/** Feeds and weather must not go out to the network: a test that needs them names its own servers. */
const noServices = {
  PARLEY_SKILLS_WEATHER_BASE_URL: 'http://127.0.0.1:9',
  PARLEY_SKILLS_NEWS_FEEDS: '[]',
};

export async function startTestParley(
  t: Owner,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestParley> {
  // A dot as in .parley, where Asterisk would not find what it cached.
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley.test-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    PARLEY_STATE_DIR: stateDir,
    PARLEY_ASTERISK_BIND: '127.0.0.1',
    PARLEY_ASTERISK_SIP_PORT: '0',
    PARLEY_ASTERISK_HTTP_PORT: '0',
    PARLEY_ASTERISK_RTP_FROM: '0',
    PARLEY_CONSOLE_PORT: '0',
    PARLEY_LOG_FORMAT: 'json',
    PARLEY_LOG_LEVEL: 'info',
    PARLEY_LOG_SHOW_SPEECH: 'true',
    ...noServices,
    ...settings,
  };
  const config = await loadConfig(env);
  const logFile = path.join(stateDir, 'app.log');
  const output = openSync(logFile, 'a', 0o600);
  const parley = await ParleyProcess.start({ config, env, output, signal: t.signal });
  t.after(async () => {
    await parley.stop();
    if (t.passed === false)
      t.diagnostic?.(`the app's log:\n${(await readFile(logFile, 'utf8')).slice(-6_000)}`);
    closeSync(output);
    await rm(stateDir, { recursive: true, force: true });
  });
  const asterisk = parley.asterisk;
  if (asterisk === undefined) throw new Error('the test needs an Asterisk of its own');

  const readLog = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(logFile, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  return {
    config,
    parley,
    stateDir,
    sip: { host: '127.0.0.1', port: asterisk.sipPort },
    log: readLog,
    async onAsterisk() {
      const current = parley.asterisk ?? asterisk;
      // An application of its own: the app's name belongs to the app's socket.
      const ari = new AriConnection({
        url: current.ariUrl,
        user: current.ariUser,
        password: current.ariPassword,
        app: 'test-observer',
        commandDeadlineMs: 5_000,
        heartbeatMs: 5_000,
        log: recordingLog(),
      });
      const connected = new Promise<void>((resolve) => {
        ari.onConnected(() => {
          resolve();
        });
      });
      ari.start();
      await connected;
      try {
        const [channels, bridges, recordings] = await Promise.all([
          ari.commands.listChannels(),
          ari.commands.listBridges(),
          ari.commands.listRecordings(),
        ]);
        return {
          channels: channels.map(({ name }) => name),
          bridges: bridges.map(({ name }) => name),
          recordings,
        };
      } finally {
        await ari.close();
      }
    },
  };
}
