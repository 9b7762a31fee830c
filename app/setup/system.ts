import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { ParleyError } from '../errors.ts';
import { runProgram } from './program.ts';

/** A system whose packages Parley can fetch for itself. */
export interface DebianSystem {
  readonly distribution: 'debian' | 'ubuntu';
  /** Of the machine's own release, such as `bookworm`. */
  readonly codename: string;
  readonly architecture: 'amd64' | 'arm64';
}

export interface SystemOptions {
  readonly signal: AbortSignal;
  /** Where the system says what it is; os-release(5). */
  readonly osReleaseFile?: string;
}

const releaseFile = '/etc/os-release';

/**
 * Which Debian or Ubuntu this is.
 * @throws ParleyError `setup-unsupported-system` on anything else, or without apt-get and dpkg-deb.
 */
export async function debianSystem(options: SystemOptions): Promise<DebianSystem> {
  const release = await readRelease(options.osReleaseFile ?? releaseFile);
  const name = release.PRETTY_NAME ?? process.platform;
  const distribution = release.ID;
  if (distribution !== 'debian' && distribution !== 'ubuntu') throw unsupported(name);
  const architecture = await ask('dpkg', ['--print-architecture'], options.signal, name);
  if (architecture !== 'amd64' && architecture !== 'arm64') throw unsupported(`${name} on ${architecture}`);
  await ask('apt-get', ['--version'], options.signal, name);
  await ask('dpkg-deb', ['--version'], options.signal, name);
  // Debian testing and unstable have no codename in older releases of base-files.
  return { distribution, codename: release.VERSION_CODENAME ?? 'sid', architecture };
}

async function readRelease(file: string): Promise<NodeJS.Dict<string>> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch {
    return {};
  }
}

async function ask(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  name: string,
): Promise<string> {
  try {
    const { stdout } = await runProgram(program, args, { signal, deadlineMs: 10_000 });
    return stdout.trim();
  } catch (error) {
    signal.throwIfAborted();
    throw unsupported(`${name} without ${program}`, error);
  }
}

function unsupported(system: string, cause?: unknown): ParleyError {
  return new ParleyError('setup-unsupported-system', { system }, { cause });
}
