import path from 'node:path';
import { ParleyError } from '../errors.ts';
import { debianPrefix, writeWrapper } from './debian-packages.ts';
import { runProgram } from './program.ts';
import type { OnProgress } from './steps.ts';

export interface FindSoxOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: OnProgress | undefined;
  /** What to call as `sox` of this machine; a test may put its own program here. */
  readonly installed?: string;
}

/**
 * The `sox` of this machine, else one of Parley's own, fetched when it is not in the cache.
 * @returns what to call: `sox`, or the path of a script that runs it.
 * @throws ParleyError `setup-*`.
 */
export async function findSox(options: FindSoxOptions): Promise<{ readonly path: string }> {
  const installed = options.installed ?? 'sox';
  if (await runs(installed, options.signal)) return { path: installed };
  const prefix = await debianPrefix({
    cacheDir: options.cacheDir,
    name: 'sox',
    what: 'sox',
    packages: ['sox'],
    signal: options.signal,
    progress: options.progress,
    finish: async (folder) => {
      await writeWrapper(folder, 'sox', 'usr/bin/sox');
      if (await runs(path.join(folder, 'bin/sox'), options.signal)) return;
      throw new ParleyError('setup-no-network', {
        what: 'sox',
        reason: 'the packages that came do not run here',
      });
    },
  });
  return { path: path.join(prefix, 'bin/sox') };
}

async function runs(sox: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await runProgram(sox, ['--version'], { signal, deadlineMs: 10_000 });
    return status === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
