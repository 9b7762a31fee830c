import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ParleyError, hasCode } from '../../errors.ts';
import { exists } from '../../setup/cache.ts';
import { runProgram } from '../../setup/program.ts';
import type { AsteriskProgram } from './find.ts';
import { reservePorts } from './ports.ts';
import type { ReservedPorts, WantedPorts } from './ports.ts';
import { endLeftBehind, prepareFolders, renderConf, runFolder } from './run-folder.ts';
import type { AsteriskSettings, RunFolder } from './run-folder.ts';

export interface StartAsteriskOptions extends Partial<AsteriskSettings> {
  /** From `findAsterisk`. */
  readonly program: AsteriskProgram;
  /** Folder for all that it writes and for its log. One Asterisk at a time. */
  readonly runDir: string;
  /** Parley's prompts: folder with `en/apology.wav` and so on. Default: `sounds` of the project. */
  readonly soundsDir?: string | undefined;
  /** Folder with `render` and the files beside it. Default: `asterisk-conf` of the project. */
  readonly confDir?: string | undefined;
  /** Default: all free ones. */
  readonly ports?: WantedPorts | undefined;
  readonly ariPassword: string;
  /** Text to add to files of the configuration, by their name, such as `{ 'pjsip.conf': '…' }`. */
  readonly extraConf?: Readonly<Record<string, string>> | undefined;
  /** Ends the start. A running Asterisk is ended by `stop`. */
  readonly signal: AbortSignal;
}

/** How Asterisk ended: by itself (`expected` false) or by `stop`. */
interface AsteriskExit {
  readonly expected: boolean;
  readonly status: number | null;
}

/** A private Asterisk that is up: all modules loaded, ARI answering, the SIP ports open. */
export interface LocalAsterisk {
  readonly version: string;
  readonly sipPort: number;
  /** Undefined when there is no TLS. */
  readonly tlsPort: number | undefined;
  readonly httpPort: number;
  readonly rtpPorts: { readonly from: number; readonly to: number };
  /** Such as `http://127.0.0.1:8088`; ARI is below `/ari`, media WebSockets below `/media`. */
  readonly ariUrl: string;
  readonly ariUser: string;
  readonly ariPassword: string;
  readonly runDir: string;
  readonly logFile: string;
  /** Resolves when it has ended, for whatever reason; never rejects. */
  readonly exited: Promise<AsteriskExit>;
  /** Runs one command of Asterisk's command line (`asterisk -rx`) and gives what it prints. */
  command(cli: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /** Ends it, its children and its temporary files. Idempotent; resolves when it is gone. */
  stop(): Promise<void>;
}

const bootDeadlineMs = 30_000;
const commandDeadlineMs = 10_000;
const pollMs = 20;
/** Another program may take a free port between the look and the start. */
const portTries = 3;
/** sockaddr_un holds 107 characters, and Asterisk adds `/asterisk.ctl`. */
const longestTemporaryFolder = 70;

const project = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const keeper = fileURLToPath(new URL('keeper.sh', import.meta.url));

/**
 * Starts an Asterisk with Parley's configuration in a folder of its own; nothing of an installed one is touched, and
 * root is not needed. It ends when this process ends, even by kill -9.
 * @throws ParleyError `asterisk-port-in-use`, `asterisk-start-failed`.
 */
export async function startAsterisk(options: StartAsteriskOptions): Promise<LocalAsterisk> {
  const folder = runFolder(path.resolve(options.runDir));
  await endLeftBehind(folder, options.signal);
  const wanted = options.ports ?? { sip: 0, http: 0, ...(options.tls ? { tls: 0 } : {}) };
  for (let tried = 1; ; tried++) {
    try {
      return await startOnce(folder, wanted, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!hasCode(error, 'asterisk-port-in-use') || !isChosen(error, wanted) || tried === portTries)
        throw error;
    }
  }
}

async function startOnce(
  folder: RunFolder,
  wanted: WantedPorts,
  options: StartAsteriskOptions,
): Promise<LocalAsterisk> {
  const { program, signal } = options;
  const settings: AsteriskSettings = {
    ariUser: options.ariUser ?? 'parley',
    ariPassword: options.ariPassword,
    ariApp: options.ariApp ?? 'parley',
    httpBind: options.httpBind ?? '127.0.0.1',
    sipBind: options.sipBind ?? '127.0.0.1',
    tls: options.tls,
    phones: options.phones ?? {},
    callerPassword: options.callerPassword,
    externalAddress: options.externalAddress,
    localNetworks: options.localNetworks,
  };
  const ports = await reservePorts(
    { ...wanted, tls: settings.tls ? wanted.tls : undefined },
    { sip: settings.sipBind, http: settings.httpBind },
  );
  const controlDir = await mkdtemp(path.join(temporaryFolder(), 'parley-'));
  let running: Running | undefined;
  try {
    await mkdir(path.join(controlDir, 'cache'));
    await prepareFolders(folder, program, options.soundsDir ?? path.join(project, 'sounds'));
    await renderConf(folder, program, settings, ports, {
      confDir: options.confDir ?? path.join(project, 'asterisk-conf'),
      controlDir,
      extraConf: options.extraConf ?? {},
      signal,
    });
    running = await spawnKept(folder, program, controlDir);
    await untilUp(running, folder, program, controlDir, ports, settings, signal);
    return asLocalAsterisk(running, folder, program, ports, settings);
  } catch (error) {
    await running?.stop();
    ports.release();
    await rm(controlDir, { recursive: true, force: true });
    throw error;
  }
}

/** The process and the pipe that keeps it alive. */
interface Running {
  readonly exited: Promise<AsteriskExit>;
  ended(): boolean;
  stop(): Promise<void>;
}

async function spawnKept(folder: RunFolder, program: AsteriskProgram, controlDir: string): Promise<Running> {
  const console = await open(folder.consoleFile, 'w');
  let child: ChildProcess;
  try {
    // Detached: a Ctrl-C at the terminal is meant for the app, which lets running calls end before it stops Asterisk.
    child = spawn(
      'sh',
      [keeper, folder.pidFile, controlDir, ...program.command, '-C', folder.confFile, '-f'],
      {
        stdio: ['pipe', console.fd, console.fd],
        detached: true,
        cwd: folder.dir,
      },
    );
  } finally {
    await console.close();
  }
  let stopping = false;
  let ended = false;
  const exited = new Promise<AsteriskExit>((resolve) => {
    const end = (status: number | null): void => {
      ended = true;
      resolve({ expected: stopping, status });
    };
    child.once('exit', end);
    child.once('error', () => end(null));
  });
  // A keeper that is gone makes the pipe fail, which `exited` tells already.
  child.stdin?.on('error', () => undefined);
  return {
    exited,
    ended: () => ended,
    stop: async () => {
      stopping = true;
      child.stdin?.end();
      await exited;
    },
  };
}

async function untilUp(
  running: Running,
  folder: RunFolder,
  program: AsteriskProgram,
  controlDir: string,
  ports: ReservedPorts,
  settings: AsteriskSettings,
  signal: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.timeout(bootDeadlineMs);
  const waiting = AbortSignal.any([signal, deadline]);
  const control = path.join(controlDir, 'asterisk.ctl');
  const failed = async (reason: string): Promise<ParleyError> =>
    new ParleyError('asterisk-start-failed', {
      reason: `${reason}${await complaints(folder)}`,
      log: folder.logFile,
    });
  try {
    for (;;) {
      if (running.ended()) throw await failed('it ended at once.');
      if (await exists(control)) {
        const said = await ask(program, folder, 'core waitfullybooted', waiting);
        if (/fully booted/i.test(said)) break;
      }
      await delay(pollMs, undefined, { signal: waiting });
    }
    const transports = await ask(program, folder, 'pjsip show transports', waiting);
    for (const [name, port] of [
      ['udp', ports.sip],
      ['tcp', ports.sip],
      ...(settings.tls ? ([['tls', ports.tls]] as const) : []),
    ] as const) {
      if (new RegExp(`transport-${name}\\b`).test(transports)) continue;
      if ((await complaints(folder)).includes('Address already in use')) {
        throw new ParleyError('asterisk-port-in-use', {
          port,
          what: `SIP, ${name}`,
          field: name === 'tls' ? 'asterisk.tlsPort' : 'asterisk.sipPort',
        });
      }
      throw await failed(`it has no SIP transport ${name}.`);
    }
    const status = await ping(settings, ports.http, waiting);
    if (status !== 200) throw await failed(`ARI answers ${String(status)} on port ${String(ports.http)}.`);
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.aborted) throw await failed(`it was not up after ${String(bootDeadlineMs / 1000)} s.`);
    throw error;
  }
}

function asLocalAsterisk(
  running: Running,
  folder: RunFolder,
  program: AsteriskProgram,
  ports: ReservedPorts,
  settings: AsteriskSettings,
): LocalAsterisk {
  void running.exited.then(ports.release);
  return {
    version: program.version,
    sipPort: ports.sip,
    tlsPort: settings.tls ? ports.tls : undefined,
    httpPort: ports.http,
    rtpPorts: { from: ports.rtpFrom, to: ports.rtpTo },
    ariUrl: `http://${reachable(settings.httpBind)}:${String(ports.http)}`,
    ariUser: settings.ariUser,
    ariPassword: settings.ariPassword,
    runDir: folder.dir,
    logFile: folder.logFile,
    exited: running.exited,
    command: (cli, { signal }) => ask(program, folder, cli, signal),
    stop: () => running.stop(),
  };
}

async function ask(
  program: AsteriskProgram,
  folder: RunFolder,
  cli: string,
  signal: AbortSignal,
): Promise<string> {
  const [file, ...args] = program.command;
  const result = await runProgram(file, [...args, '-C', folder.confFile, '-rx', cli], {
    signal,
    deadlineMs: commandDeadlineMs,
  });
  return result.stdout;
}

/** The health check of ARI; its HTTP status, 0 when nobody listens. */
async function ping(settings: AsteriskSettings, port: number, signal: AbortSignal): Promise<number> {
  const login = Buffer.from(`${settings.ariUser}:${settings.ariPassword}`).toString('base64');
  try {
    const answer = await fetch(`http://${reachable(settings.httpBind)}:${String(port)}/ari/asterisk/ping`, {
      headers: { authorization: `Basic ${login}` },
      signal,
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    signal.throwIfAborted();
    return 0;
  }
}

/** What the log and the console complain about, at most a dozen lines. */
async function complaints(folder: RunFolder): Promise<string> {
  const log = await readFile(folder.logFile, 'utf8').catch(() => '');
  const said = await readFile(folder.consoleFile, 'utf8').catch(() => '');
  const errors = log.split('\n').filter((line) => / (ERROR|WARNING)\[/.test(line));
  const lines = [...new Set([...errors.slice(-8), ...said.trim().split('\n').slice(-4)])];
  const text = lines.filter(Boolean).join('\n  ');
  return text === '' ? '' : ` It says:\n  ${text}`;
}

/** Whether the port that is in use was chosen here, so that another may be tried. */
function isChosen(error: ParleyError, wanted: WantedPorts): boolean {
  return error.details.field === 'asterisk.tlsPort' ? wanted.tls === 0 : wanted.sip === 0;
}

function reachable(bind: string): string {
  if (bind === '0.0.0.0') return '127.0.0.1';
  if (bind === '::') return '[::1]';
  return bind.includes(':') ? `[${bind}]` : bind;
}

/**
 * Where the control socket and the media cache are. No dot may be in its name: Asterisk (22.10, main/media_cache.c)
 * takes what follows the last dot of a cached file's whole path for its extension, and then plays none of them.
 */
function temporaryFolder(): string {
  const folder = tmpdir();
  return folder.length > longestTemporaryFolder || folder.includes('.') ? '/tmp' : folder;
}
