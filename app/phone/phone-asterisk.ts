import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AriConnection } from '../asterisk/ari/connection.ts';
import type { AsteriskProgram } from '../asterisk/local/find.ts';
import { startAsterisk, type LocalAsterisk } from '../asterisk/local/start.ts';
import { ParleyError } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import { phoneDialplan, pjsipConf, registrationOf, type PhoneAccount } from './accounts.ts';

export interface PhoneAsteriskOptions {
  readonly program: AsteriskProgram;
  readonly accounts: readonly PhoneAccount[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

const app = 'phone';
/**
 * Without the bridges for two, a call's bridge is always one that mixes. That one runs by a clock of its own: it sends
 * silence when nobody speaks, so that the recorder and the ears have each moment of the call and not only its sounds.
 */
const modules = 'noload = bridge_simple.so\nnoload = bridge_native_rtp.so\n';
const connectDeadlineMs = 10_000;
const commandDeadlineMs = 5_000;
const heartbeatMs = 5_000;
const pollMs = 100;

/** The Asterisk inside a phone, with a folder of its own, and the connection to it. */
export class PhoneAsterisk {
  readonly ari: AriConnection;
  readonly runDir: string;
  readonly #asterisk: LocalAsterisk;

  private constructor(asterisk: LocalAsterisk, ari: AriConnection, runDir: string) {
    this.#asterisk = asterisk;
    this.ari = ari;
    this.runDir = runDir;
  }

  /** @throws ParleyError `phone-usage`, `phone-unfit`, `asterisk-*`, `ari-*`; the signal's reason. Nothing is left then. */
  static async start(options: PhoneAsteriskOptions): Promise<PhoneAsterisk> {
    const { program, accounts, signal, log } = options;
    checkVersion(program.version);
    const runDir = await mkdtemp(path.join(tmpdir(), 'parley-phone-'));
    let asterisk: LocalAsterisk | undefined;
    let ari: AriConnection | undefined;
    try {
      asterisk = await startAsterisk({
        program,
        runDir,
        ariUser: app,
        ariPassword: randomBytes(18).toString('hex'),
        ariApp: app,
        sipBind: accounts.every(({ server }) => isLoopback(server.host)) ? '127.0.0.1' : '0.0.0.0',
        extraConf: {
          'pjsip.conf': pjsipConf(accounts),
          'extensions.conf': phoneDialplan(app),
          'modules.conf': modules,
        },
        signal,
      });
      ari = new AriConnection({
        url: asterisk.ariUrl,
        user: asterisk.ariUser,
        password: asterisk.ariPassword,
        app,
        commandDeadlineMs,
        heartbeatMs,
        log,
      });
      await connect(ari, signal);
      return new PhoneAsterisk(asterisk, ari, runDir);
    } catch (error) {
      await ari?.close();
      await asterisk?.stop();
      await rm(runDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where ARI and the media WebSockets are. */
  get access(): { readonly ariUrl: string; readonly ariUser: string; readonly ariPassword: string } {
    const { ariUrl, ariUser, ariPassword } = this.#asterisk;
    return { ariUrl, ariUser, ariPassword };
  }

  get logFile(): string {
    return this.#asterisk.logFile;
  }

  /** Resolves when it has ended, for whatever reason; never rejects. */
  get exited(): Promise<unknown> {
    return this.#asterisk.exited;
  }

  /**
   * Waits until the server has answered the registration of an account.
   * @throws ParleyError `phone-call-failed` when it does not answer in time; the signal's reason.
   */
  async registration(
    accountName: string,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<'registered' | 'refused'> {
    const { timeoutMs, signal } = options;
    const command = `pjsip show registration ${registrationOf(accountName)}`;
    // There is no event for it in ARI.
    for (const untilMs = performance.now() + timeoutMs; performance.now() < untilMs;) {
      const shown = await this.#asterisk.command(command, { signal });
      const status = /\b(Registered|Rejected|Stopped)\b/.exec(shown)?.[1];
      if (status !== undefined) return status === 'Registered' ? 'registered' : 'refused';
      await delay(pollMs, undefined, { signal });
    }
    throw new ParleyError('phone-call-failed', {
      to: accountName,
      reason: 'the server does not answer the registration',
    });
  }

  async sendRegister(
    accountName: string,
    what: 'register' | 'unregister',
    options: { readonly signal: AbortSignal },
  ): Promise<void> {
    await this.#asterisk.command(`pjsip send ${what} ${registrationOf(accountName)}`, options);
  }

  /** Ends all of it and removes what it wrote. Idempotent. */
  async close(): Promise<void> {
    await this.ari.close();
    await this.#asterisk.stop();
    await rm(this.runDir, { recursive: true, force: true });
  }
}

async function connect(ari: AriConnection, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(connectDeadlineMs)]);
  const aborted = (): void => reject(waiting.reason as Error);
  waiting.addEventListener('abort', aborted, { once: true });
  ari.onConnected(() => {
    // All channels: a call that is not answered never enters the app.
    ari.commands.subscribe(app, 'channel:').then(() => resolve(undefined), reject);
  });
  ari.start();
  try {
    await promise;
  } finally {
    waiting.removeEventListener('abort', aborted);
  }
}

/** Media WebSockets with JSON commands came with 20.18, 22.8 and 23.2. */
function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const firstMinor: Readonly<Record<number, number>> = { 20: 18, 22: 8, 23: 2 };
  if (major > 23 || minor >= (firstMinor[major] ?? Infinity)) return;
  throw new ParleyError('phone-unfit', { version });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
