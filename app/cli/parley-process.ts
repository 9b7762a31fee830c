import { homedir } from 'node:os';
import path from 'node:path';
import { findAsterisk, type AsteriskProgram } from '../asterisk/local/find.ts';
import { type LocalAsterisk, startAsterisk } from '../asterisk/local/start.ts';
import type { Config } from '../config/schema.ts';
import { cacheDirOf } from '../setup/cache.ts';
import { loadSecrets, type Secrets } from '../setup/secrets.ts';
import { findRhvoice } from '../setup/rhvoice.ts';
import { findSox } from '../setup/sox.ts';
import { speechWeights } from '../setup/speech-weights.ts';
import { setUp, type Step } from '../setup/steps.ts';
import { AppProcess } from './app-process.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface StartParleyOptions {
  readonly config: Config;
  /** The environment that the configuration was read from; the app reads it again. */
  readonly env: Environment;
  /** Where the app's log goes: this terminal, or a file descriptor. */
  readonly output: 'inherit' | number;
  readonly signal: AbortSignal;
  /** Told what happens to the parts while they run. */
  readonly onTrouble?: (what: string) => void;
}

const restartDelayMs = 500;

/** The cache folder of this user. */
export function userCacheDir(env: Environment): string {
  const { XDG_CACHE_HOME } = env;
  return cacheDirOf(XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME }, homedir());
}

/** What has to be there before Parley can run, as steps for `setUp`. */
export function setUpSteps(config: Config, env: Environment): Step[] {
  const cacheDir = userCacheDir(env);
  const steps: Step[] = [
    {
      title: 'speech weights',
      run: async (options) => {
        await speechWeights({ cacheDir, ...options });
      },
    },
    {
      title: 'sox',
      run: async (options) => {
        await findSox({ cacheDir, ...options });
      },
    },
  ];
  if (config.speech.tts.includes('rhvoice')) {
    steps.push({
      title: 'RHVoice',
      run: async (options) => {
        await findRhvoice({ cacheDir, ...options });
      },
    });
  }
  if (config.ari.url === undefined) {
    steps.unshift({
      title: 'Asterisk with its sounds',
      run: async (options) => {
        await findAsterisk({ cacheDir, ...options });
      },
    });
  }
  return steps;
}

/** Does the set-up, showing on `out` what there is to do. @throws ParleyError `setup-*`. */
export async function prepareMachine(
  config: Config,
  env: Environment,
  options: { readonly signal: AbortSignal; readonly out: NodeJS.WriteStream },
): Promise<void> {
  await setUp(setUpSteps(config, env), options);
}

/** Parley as a whole: its own Asterisk, unless one is configured, and the app; both are started again when they die. */
export class ParleyProcess {
  readonly secrets: Secrets;
  #asterisk: LocalAsterisk | undefined;
  #app: AppProcess | undefined;
  readonly #options: StartParleyOptions;
  readonly #program: AsteriskProgram | undefined;
  readonly #stopping = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

  private constructor(options: StartParleyOptions, secrets: Secrets, program: AsteriskProgram | undefined) {
    this.#options = options;
    this.secrets = secrets;
    this.#program = program;
  }

  /**
   * Starts both and resolves when calls are answered.
   * @throws ParleyError `asterisk-*`, `setup-*`; Error when the app does not come up.
   */
  static async start(options: StartParleyOptions): Promise<ParleyProcess> {
    const { config, env, signal } = options;
    const secrets = await loadSecrets(config.stateDir, config.asterisk.phones, { signal });
    const program =
      config.ari.url === undefined ? await findAsterisk({ cacheDir: userCacheDir(env), signal }) : undefined;
    const parley = new ParleyProcess(options, secrets, program);
    try {
      const { httpPort } = config.asterisk;
      if (program === undefined) await parley.#startApp(config.ari.url, signal);
      else if (httpPort === 0) {
        const asterisk = await parley.#startAsterisk(program, undefined);
        await parley.#startApp(asterisk.ariUrl, signal);
      } else {
        // Where Asterisk will be is known, so the app learns while Asterisk boots.
        const starting = parley.#startAsterisk(program, undefined);
        const failed = new AbortController();
        starting.catch((error: unknown) => failed.abort(error));
        const either = AbortSignal.any([signal, failed.signal]);
        const app = parley.#startApp(`http://127.0.0.1:${httpPort}`, either);
        await Promise.all([starting, app]);
      }
    } catch (error) {
      await parley.stop();
      throw error;
    }
    parley.#watching = Promise.all([parley.#watchApp(), parley.#watchAsterisk()]);
    return parley;
  }

  /** Undefined when an Asterisk of the user's is used. */
  get asterisk(): LocalAsterisk | undefined {
    return this.#asterisk;
  }

  get app(): AppProcess | undefined {
    return this.#app;
  }

  /** Ends the app alone, for good: Asterisk goes on without it. */
  async stopApp(): Promise<void> {
    const app = this.#app;
    this.#app = undefined;
    await app?.stop();
  }

  /** Lets the calls end, then ends all that was started. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#app?.stop();
    await this.#asterisk?.stop();
    await this.#watching;
  }

  /** Sets `#asterisk` as soon as there is something to stop. */
  async #startAsterisk(program: AsteriskProgram, again: LocalAsterisk | undefined): Promise<LocalAsterisk> {
    const { config, signal } = this.#options;
    const { asterisk } = config;
    const { tlsCertificate: certificate, tlsKey: key } = asterisk;
    const tls = certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
    this.#asterisk = await startAsterisk({
      program,
      runDir: path.join(config.stateDir, 'asterisk'),
      ariUser: config.ari.user,
      ariPassword: this.secrets.ari,
      ariApp: config.ari.app,
      sipBind: asterisk.bind,
      tls,
      phones: this.secrets.phones,
      callerPassword: this.secrets.caller,
      externalAddress: asterisk.externalAddress,
      localNetworks: asterisk.localNetwork === undefined ? undefined : [asterisk.localNetwork],
      // The same ports as before, for the telephones and the app know them.
      ports: {
        sip: again?.sipPort ?? asterisk.sipPort,
        http: again?.httpPort ?? asterisk.httpPort,
        ...(tls && { tls: again?.tlsPort ?? asterisk.tlsPort }),
        rtp:
          again?.rtpPorts ??
          (asterisk.rtpFrom === 0 ? undefined : { from: asterisk.rtpFrom, to: asterisk.rtpTo }),
      },
      signal,
    });
    return this.#asterisk;
  }

  async #startApp(url: string | undefined, signal: AbortSignal): Promise<AppProcess> {
    const { config, env, output } = this.#options;
    const own = config.ari.url === undefined;
    this.#app = await AppProcess.start({
      env: {
        ...env,
        ARI_URL: url,
        ...(own && { ARI_USER: config.ari.user, ARI_PASSWORD: this.secrets.ari }),
      },
      cwd: process.cwd(),
      output,
      signal,
    });
    return this.#app;
  }

  async #watchApp(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#app !== undefined && !signal.aborted) {
      const { status, signal: by } = await this.#app.exited;
      if (signal.aborted || this.#app === undefined) return;
      this.#options.onTrouble?.(`the app ended (${by ?? `status ${status ?? '?'}`}); it is started again`);
      try {
        await this.#startApp(this.#asterisk?.ariUrl ?? this.#options.config.ari.url, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onTrouble?.(error instanceof Error ? error.message : String(error));
        await pause(signal);
      }
    }
  }

  async #watchAsterisk(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#asterisk !== undefined && this.#program !== undefined && !signal.aborted) {
      const { status } = await this.#asterisk.exited;
      if (signal.aborted) return;
      this.#options.onTrouble?.(`Asterisk ended (status ${status ?? '?'}); it is started again`);
      try {
        await this.#startAsterisk(this.#program, this.#asterisk);
        // It was asked to stop while Asterisk came up.
        if (signal.aborted) await this.#asterisk.stop();
      } catch (error) {
        this.#options.onTrouble?.(error instanceof Error ? error.message : String(error));
        await pause(signal);
      }
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, restartDelayMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
