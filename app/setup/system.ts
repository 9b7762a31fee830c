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

const releaseFile = '/etc/os-release';
const architectures: NodeJS.Dict<DebianSystem['architecture']> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Which Debian or Ubuntu this is.
 * @param file where the system says what it is; os-release(5).
 * @throws ParleyError `setup-unsupported-system` on anything else.
 */
export async function debianSystem(file = releaseFile): Promise<DebianSystem> {
  const release = await readRelease(file);
  const name = release.PRETTY_NAME ?? process.platform;
  const distribution = release.ID;
  if (distribution !== 'debian' && distribution !== 'ubuntu') throw unsupported(name);
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw unsupported(`${name} on ${process.arch}`);
  // Debian unstable has no codename in older releases of base-files.
  return { distribution, codename: release.VERSION_CODENAME ?? 'sid', architecture };
}

/** @throws ParleyError `setup-unsupported-system` when a program that packages are fetched or unpacked with is missing. */
export async function checkTools(signal: AbortSignal): Promise<void> {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    try {
      await runProgram(tool, ['--version'], { signal, deadlineMs: 10_000 });
    } catch (error) {
      signal.throwIfAborted();
      throw unsupported(`a machine without ${tool}`, error);
    }
  }
}

async function readRelease(file: string): Promise<NodeJS.Dict<string>> {
  try {
    return parseEnv(await readFile(file, 'utf8'));
  } catch {
    return {};
  }
}

function unsupported(system: string, cause?: unknown): ParleyError {
  return new ParleyError('setup-unsupported-system', { system }, { cause });
}
