import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { debianPrefix, writeWrapper } from './debian-packages.ts';
import { runProgram } from './program.ts';

/** How eSpeak NG is called here: the program, and what comes before every other argument. */
export interface Espeak {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * The eSpeak NG of this machine, else one of Parley's own. It speaks the dialplan's prompts in languages that no engine
 * of Parley's own speaks, when they are made (`npm run sounds`); Parley itself does not need it.
 * @throws ParleyError `setup-*`.
 */
export async function findEspeak(options: {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}): Promise<Espeak> {
  const { cacheDir, signal } = options;
  const installed: Espeak = { program: 'espeak-ng', args: [] };
  if (await runs(installed, signal)) return installed;
  const prefix = await debianPrefix({
    cacheDir,
    name: 'espeak-ng',
    what: 'eSpeak NG',
    packages: ['espeak-ng'],
    signal,
    finish: (folder) => writeWrapper(folder, 'espeak-ng', 'usr/bin/espeak-ng'),
  });
  // Its voices lie in a folder named after the architecture, such as usr/lib/x86_64-linux-gnu/espeak-ng-data.
  const lib = path.join(prefix, 'usr/lib');
  const [triplet = ''] = (await readdir(lib)).filter((name) => name.includes('-linux-gnu'));
  return { program: path.join(prefix, 'bin/espeak-ng'), args: [`--path=${path.join(lib, triplet)}`] };
}

async function runs({ program, args }: Espeak, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await runProgram(program, [...args, '--version'], { signal, deadlineMs: 10_000 });
    return status === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
