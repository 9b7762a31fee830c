import path from 'node:path';
import { debianPrefix, writeWrapper } from '../../app/setup/debian-packages.ts';
import { type ProgramResult, runProgram } from '../../app/setup/program.ts';
import { debianSystem } from '../../app/setup/system.ts';
import { testCacheDir } from './asterisk.ts';

/** Runs Prometheus' own checker: that of this machine, else the one of Debian's package (17 MB), not installed. */
export async function promtool(args: readonly string[], signal: AbortSignal): Promise<ProgramResult> {
  const options = { signal, deadlineMs: 60_000 };
  try {
    return await runProgram('promtool', args, options);
  } catch {
    signal.throwIfAborted();
    return runProgram(await fetched(signal), args, options);
  }
}

async function fetched(signal: AbortSignal): Promise<string> {
  const { distribution } = await debianSystem();
  const prefix = await debianPrefix({
    cacheDir: testCacheDir(),
    name: 'promtool',
    what: 'promtool for the tests',
    // In Ubuntu it is part of the whole.
    packages: [distribution === 'debian' ? 'promtool' : 'prometheus'],
    signal,
    finish: (folder) => writeWrapper(folder, 'promtool', 'usr/bin/promtool'),
  });
  return path.join(prefix, 'bin/promtool');
}
