import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { readRunning } from '../setup/running.ts';
import { loadSecrets } from '../setup/secrets.ts';
import { type Environment, ParleyProcess } from './parley-process.ts';

/** Where a call goes, and as whom. */
export interface CallTarget {
  readonly server: { readonly host: string; readonly port: number };
  readonly user: string;
  readonly password: string | undefined;
  /** Ends what was started for the call. Idempotent. */
  stop(): Promise<void>;
}

/** What is said about where to call. */
export interface WantedTarget {
  /** Undefined: the Parley that runs, or one that is started for the call. */
  readonly server?: { readonly host: string; readonly port: number } | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Starts a Parley with lines of this kind, whichever may run. */
  readonly line?: Config['line']['kind'] | undefined;
}

const callerUser = '6099';

/**
 * The SIP server that was named, else the Parley that runs, else one that is started for this call alone.
 * @param onStart told when one is started, with the file that its log goes to.
 * @throws ParleyError `asterisk-*`, `setup-*`, `phone-usage`; Error when Parley does not come up.
 */
export async function findTarget(
  wanted: WantedTarget,
  config: Config,
  env: Environment,
  options: { readonly signal: AbortSignal; readonly onStart: (logFile: string) => void },
): Promise<CallTarget> {
  const nothing = (): Promise<void> => Promise.resolve();
  const { server, user = '', password, line } = wanted;
  if (server !== undefined) return { server, user, password, stop: nothing };
  const running = line === undefined ? await readRunning(config.stateDir) : undefined;
  if (running !== undefined) {
    const secrets = await loadSecrets(config.stateDir, [], options);
    return { server: running.sip, user: running.caller.user, password: secrets.caller, stop: nothing };
  }
  if (config.ari.url !== undefined) {
    throw new ParleyError('phone-usage', {
      reason: 'ARI_URL names an Asterisk of yours; say with --from and --user where on it to call',
    });
  }
  if (line === undefined) return startForCall(config, env, options);
  const withLine = { ...config, line: { ...config.line, kind: line } };
  return startForCall(withLine, { ...env, PARLEY_LINE_KIND: line }, options);
}

/** A Parley with free ports and a state folder of its own, so that it is in nobody's way. */
async function startForCall(
  config: Config,
  env: Environment,
  options: { readonly signal: AbortSignal; readonly onStart: (logFile: string) => void },
): Promise<CallTarget> {
  const { signal, onStart } = options;
  await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
  const logFile = path.join(config.stateDir, 'call.log');
  onStart(logFile);
  const stateDir = await mkdtemp(path.join(tmpdir(), 'parley-call-'));
  const log = await open(logFile, 'w', 0o600);
  let parley: ParleyProcess | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      await parley?.stop();
      await log.close();
      await rm(stateDir, { recursive: true, force: true });
    })());
  try {
    parley = await ParleyProcess.start({
      config: {
        ...config,
        stateDir,
        asterisk: {
          ...config.asterisk,
          bind: '127.0.0.1',
          sipPort: 0,
          httpPort: 0,
          rtpFrom: 0,
          tlsCertificate: undefined,
          tlsKey: undefined,
        },
      },
      env: { ...env, PARLEY_STATE_DIR: stateDir, PARLEY_MEDIA_PORT: '0' },
      output: log.fd,
      signal,
    });
    const port = parley.asterisk?.sipPort ?? 0;
    return { server: { host: '127.0.0.1', port }, user: callerUser, password: parley.secrets.caller, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
