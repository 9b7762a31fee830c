import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { kill } from 'node:process';
import { ParleyError } from '../../errors.ts';
import { exists } from '../../setup/cache.ts';
import { lastLines, runProgram } from '../../setup/program.ts';
import type { AsteriskProgram } from './find.ts';
import type { Ports } from './ports.ts';

/** What one Asterisk is to be. Passwords come in; none has a default. */
export interface AsteriskSettings {
  readonly ariUser: string;
  readonly ariPassword: string;
  /** Stasis application that gets the calls to 1000. */
  readonly ariApp: string;
  readonly httpBind: string;
  readonly sipBind: string;
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
  /** Password of each telephone account, by its number (6000 to 6098). */
  readonly phones: Readonly<Record<string, string>>;
  /** Makes the account 6099. */
  readonly callerPassword?: string | undefined;
  readonly externalAddress?: string | undefined;
  readonly localNetworks?: readonly string[] | undefined;
}

/** The folders and files of one Asterisk on this machine. */
export interface RunFolder {
  readonly dir: string;
  readonly confFile: string;
  readonly logFile: string;
  /** What Asterisk and its loader say outside the log. */
  readonly consoleFile: string;
  readonly pidFile: string;
}

export function runFolder(dir: string): RunFolder {
  return {
    dir,
    confFile: path.join(dir, 'etc/asterisk.conf'),
    logFile: path.join(dir, 'var/log/messages'),
    consoleFile: path.join(dir, 'var/log/console'),
    pidFile: path.join(dir, 'asterisk.pid'),
  };
}

/**
 * Makes all folders that Asterisk writes to (without `spool/recording` ARI answers 500 to a recording) and its data
 * folder: links to the data that come with it, and Parley's prompts as `sounds/parley` in English and
 * `sounds/LANGUAGE/parley` in every other language.
 * @param soundsDir Parley's prompts: a folder for each language, `en` and others.
 */
export async function prepareFolders(
  folder: RunFolder,
  program: AsteriskProgram,
  soundsDir: string,
): Promise<void> {
  const at = (name: string): string => path.join(folder.dir, name);
  await mkdir(folder.dir, { recursive: true, mode: 0o700 });
  await chmod(folder.dir, 0o700);
  for (const name of ['recording', 'tmp', 'monitor', 'outgoing']) {
    await mkdir(at(`var/spool/${name}`), { recursive: true });
  }
  for (const name of ['var/log', 'var/keys']) await mkdir(at(name), { recursive: true });
  for (const file of [folder.logFile, folder.consoleFile]) {
    if (await exists(file)) await rename(file, `${file}.before`);
  }

  await rm(at('data'), { recursive: true, force: true });
  await mkdir(at('data/sounds'), { recursive: true });
  for (const name of await readdir(program.dataDir)) {
    const target = path.join(program.dataDir, name);
    // A link may lead to where an installed Asterisk has its files; then there are none.
    if (name !== 'sounds' && (await exists(target))) await symlink(target, at(`data/${name}`));
  }
  await mkdir(at('data/moh'), { recursive: true });
  if (program.englishSoundsDir !== undefined) await symlink(program.englishSoundsDir, at('data/sounds/en'));
  await symlink(path.join(soundsDir, 'en'), at('data/sounds/parley'));
  for (const language of await readdir(soundsDir, { withFileTypes: true }).catch(() => [])) {
    if (!language.isDirectory() || language.name === 'en') continue;
    await mkdir(at(`data/sounds/${language.name}`));
    await symlink(path.join(soundsDir, language.name), at(`data/sounds/${language.name}/parley`));
  }
}

/**
 * Writes the configuration by `asterisk-conf/render`, and what is to be added to single files of it.
 * @param extraConf text to add, by the name of the file, such as `pjsip.conf`.
 * @throws ParleyError `asterisk-start-failed` with what render has to say.
 */
export async function renderConf(
  folder: RunFolder,
  program: AsteriskProgram,
  settings: AsteriskSettings,
  ports: Ports,
  options: {
    readonly confDir: string;
    readonly controlDir: string;
    readonly extraConf: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const etc = path.dirname(folder.confFile);
  await rm(etc, { recursive: true, force: true });
  const phones = Object.entries(settings.phones);
  const env: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    PARLEY_ARI_USER: settings.ariUser,
    PARLEY_ARI_PASSWORD: settings.ariPassword,
    PARLEY_ARI_APP: settings.ariApp,
    PARLEY_HTTP_BIND: settings.httpBind,
    PARLEY_HTTP_PORT: String(ports.http),
    PARLEY_SIP_BIND: settings.sipBind,
    PARLEY_SIP_PORT: String(ports.sip),
    PARLEY_TLS_PORT: String(ports.tls),
    PARLEY_TLS_CERTIFICATE: settings.tls?.certificate ?? '',
    PARLEY_TLS_KEY: settings.tls?.key ?? '',
    PARLEY_RTP_FROM: String(ports.rtpFrom),
    PARLEY_RTP_TO: String(ports.rtpTo),
    PARLEY_PHONES: phones.map(([number]) => number).join(' '),
    PARLEY_CALLER_PASSWORD: settings.callerPassword ?? '',
    PARLEY_EXTERNAL_ADDRESS: settings.externalAddress ?? '',
    PARLEY_LOCAL_NETWORKS: (settings.localNetworks ?? []).join(' '),
    PARLEY_MODULES_DIR: program.modulesDir ?? '',
    PARLEY_DATA_DIR: path.join(folder.dir, 'data'),
    PARLEY_VAR_DIR: path.join(folder.dir, 'var'),
    PARLEY_RUN_DIR: options.controlDir,
  };
  for (const [number, password] of phones) env[`PARLEY_PHONE_${number}_PASSWORD`] = password;
  const result = await runProgram('sh', [path.join(options.confDir, 'render'), etc], {
    signal: options.signal,
    deadlineMs: 10_000,
    env,
  });
  if (result.status !== 0) {
    throw new ParleyError('asterisk-start-failed', {
      reason: lastLines(result.stderr, 3),
      log: 'not written yet',
    });
  }
  for (const [name, text] of Object.entries(options.extraConf)) {
    await writeFile(path.join(etc, 'local', name), text, { mode: 0o600 });
  }
}

/**
 * Ends an Asterisk that a killed Parley left in this run folder. Its keeper does so by itself within three seconds;
 * this is for the case that the keeper was killed as well.
 * @throws ParleyError `asterisk-start-failed` when a living Parley uses the folder.
 */
export async function endLeftBehind(folder: RunFolder, signal: AbortSignal): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const pid = await runningFrom(folder);
    if (pid === undefined) break;
    const { parent } = await processState(pid);
    const orphaned = !(await commandLine(parent)).includes('keeper.sh');
    if (orphaned) tryKill(pid, waitedMs < 3_000 ? 'SIGTERM' : 'SIGKILL');
    else if (waitedMs > 5_000) {
      throw new ParleyError('asterisk-start-failed', {
        reason: `another Parley uses ${folder.dir} (its Asterisk is process ${String(pid)})`,
        log: folder.logFile,
      });
    }
    await delay(100, undefined, { signal });
  }
  // The keeper removes this one, too.
  const conf = await readFile(folder.confFile, 'utf8').catch(() => '');
  const controlDir = /^astrundir => (.*\/parley-\w{6})$/m.exec(conf)?.[1];
  if (controlDir !== undefined) await rm(controlDir, { recursive: true, force: true });
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

/** The Asterisk of the folder, for as long as anything of it runs and may hold its ports. */
async function runningFrom(folder: RunFolder): Promise<number | undefined> {
  const pid = Number(await readFile(folder.pidFile, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 1 || !(await isRunning(pid))) return undefined;
  // A process that is just ending has no command line any more, and still its ports.
  const words = await commandLine(pid);
  return words === '' || words.includes(folder.confFile) ? pid : undefined;
}

/** False also for a process of which only the exit status is left: its first thread is a zombie, and there is no other. */
export async function isRunning(pid: number): Promise<boolean> {
  const { state } = await processState(pid);
  if (state !== 'Z') return state !== undefined;
  const threads = await readdir(`/proc/${String(pid)}/task`).catch(() => []);
  return threads.length > 1;
}

async function commandLine(pid: number): Promise<string> {
  const text = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return text.replaceAll('\0', ' ');
}

/** Fields 3 and 4 of /proc/PID/stat; field 2 is in brackets and may hold anything. */
async function processState(pid: number): Promise<{ state: string | undefined; parent: number }> {
  const text = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '');
  const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: text === '' ? undefined : state, parent: Number(parent) };
}
