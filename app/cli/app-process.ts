import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What app/main.ts tells whoever started it. */
export type AppMessage =
  | { readonly kind: 'ready'; readonly consoleUrl?: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface AppExit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** The app as a process of its own, so that it can die and be started again while Asterisk keeps its calls. */
export class AppProcess {
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason; never rejects. */
  readonly exited: Promise<AppExit>;
  readonly #child: ChildProcess;
  #consoleUrl: string | undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.exited = new Promise((resolve) => {
      child.once('exit', (status, signal) => {
        resolve({ status, signal });
      });
    });
  }

  /** Where the console is opened on this machine; undefined where there is none. */
  get consoleUrl(): string | undefined {
    return this.#consoleUrl;
  }

  /**
   * Starts it and resolves when it answers calls.
   * @param options.env its whole environment.
   * @throws Error with the reason when it ends before.
   */
  static async start(options: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly cwd: string;
    readonly output: 'inherit' | number;
    readonly signal: AbortSignal;
  }): Promise<AppProcess> {
    options.signal.throwIfAborted();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
      env: options.env,
      cwd: options.cwd,
      // A process group of its own: Ctrl-C on the terminal is for whoever started it, who then stops it in order.
      detached: true,
      stdio: ['ignore', options.output, options.output, 'ipc'],
    });
    const app = new AppProcess(child);
    const ready = new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('message', (message: AppMessage) => {
        if (message.kind === 'failed') {
          reject(new Error(message.reason));
          return;
        }
        app.#consoleUrl = message.consoleUrl;
        resolve();
      });
      void app.exited.then(({ status, signal }) => {
        reject(new Error(`the app ended with ${signal ?? `status ${status ?? '?'}`}`));
      });
    });
    const stop = (): void => {
      child.kill('SIGTERM');
    };
    options.signal.addEventListener('abort', stop);
    try {
      await ready;
      return app;
    } catch (error) {
      child.kill('SIGTERM');
      await app.exited;
      throw error;
    } finally {
      options.signal.removeEventListener('abort', stop);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets running calls end, within the app's own deadline. Idempotent. */
  async stop(): Promise<AppExit> {
    this.kill('SIGTERM');
    return this.exited;
  }
}
