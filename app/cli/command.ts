import { messageOf, ParleyError } from '../errors.ts';

/**
 * Runs a command of the command line; a number that `work` resolves to is its exit status, anything else is success.
 * Ctrl-C and SIGTERM abort its signal (a second one ends it at once), an error is
 * explained with its code and its remedy, and the exit status says how it went.
 */
export async function runCommand(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const stopped = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (stopped.signal.aborted) process.exit(130);
    stopped.abort(new Error(`stopped by ${name}`));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const status = await work(stopped.signal);
    process.exitCode = typeof status === 'number' ? status : 0;
  } catch (error) {
    if (stopped.signal.aborted) process.exitCode = 130;
    else {
      console.error(error instanceof ParleyError ? error.explain() : messageOf(error));
      process.exitCode = 1;
    }
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
