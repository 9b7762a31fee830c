import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ParleyError } from '../../errors.ts';
import { exists } from '../../setup/cache.ts';
import { debianPrefix, prefixCommand } from '../../setup/debian-packages.ts';
import { runProgram } from '../../setup/program.ts';
import type { OnProgress } from '../../setup/steps.ts';

/** An Asterisk that can be started. */
export interface AsteriskProgram {
  /** The words that run it. */
  readonly command: readonly [string, ...string[]];
  /** Such as `22.10.1`. */
  readonly version: string;
  /** Its modules; undefined: where it looks by itself. */
  readonly modulesDir: string | undefined;
  /** Its data: rest-api, documentation, sounds. */
  readonly dataDir: string;
  /** The recorded English prompts that come with Asterisk, where they are there. */
  readonly englishSoundsDir: string | undefined;
}

export interface FindAsteriskOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: OnProgress | undefined;
  /** What to call as `asterisk` of this machine; a test may put its own program here. */
  readonly installed?: readonly string[];
}

/** The folders of system programs are not on everybody's PATH. */
const installedNames = ['asterisk', '/usr/sbin/asterisk', '/usr/local/sbin/asterisk'];

const oldestMajor = 20;
const packages = ['asterisk', 'asterisk-core-sounds-en-wav', 'asterisk-moh-opsound-gsm'];

/**
 * The Asterisk of this machine when it has a usable one, else one of Parley's own, fetched when it is not in the cache.
 * @throws ParleyError `setup-*`.
 */
export async function findAsterisk(options: FindAsteriskOptions): Promise<AsteriskProgram> {
  for (const name of options.installed ?? installedNames) {
    const installed = await findInstalled(name, options.signal);
    if (installed) return installed;
  }
  const prefix = await debianPrefix({
    cacheDir: options.cacheDir,
    name: 'asterisk',
    what: 'Asterisk',
    packages,
    signal: options.signal,
    progress: options.progress,
    check: (files, system) => {
      const version = files.find((file) => file.name === 'asterisk')?.version.replace(/^\d+:/, '');
      if (version !== undefined && majorOf(version) >= oldestMajor) return;
      throw new ParleyError('setup-unsupported-system', {
        system: `${system.distribution} ${system.codename}, whose Asterisk is ${version ?? 'missing'}`,
      });
    },
    finish: async (folder) => {
      await inPrefix(folder, options.signal);
    },
  });
  return inPrefix(prefix, options.signal);
}

async function inPrefix(prefix: string, signal: AbortSignal): Promise<AsteriskProgram> {
  const command = await prefixCommand(prefix, 'usr/sbin/asterisk');
  const modulesDir = await firstThere(
    (await readdir(path.join(prefix, 'usr/lib'))).map((name) =>
      path.join(prefix, 'usr/lib', name, 'asterisk/modules'),
    ),
  );
  const dataDir = path.join(prefix, 'usr/share/asterisk');
  const version = await versionOf(command, signal);
  if (modulesDir === undefined || version === undefined) {
    throw new ParleyError('setup-no-network', {
      what: 'Asterisk',
      reason: `what came does not run here; if this happens again, remove ${prefix}`,
    });
  }
  return { command, version, modulesDir, dataDir, englishSoundsDir: await englishIn(dataDir) };
}

async function findInstalled(program: string, signal: AbortSignal): Promise<AsteriskProgram | undefined> {
  const command = [program] as const;
  const version = await versionOf(command, signal);
  if (version === undefined || majorOf(version) < oldestMajor) return undefined;
  const configured = await configuredDataDir();
  const candidates = ['/usr/share/asterisk', '/var/lib/asterisk', '/usr/local/share/asterisk'];
  for (const dataDir of configured === undefined ? candidates : [configured, ...candidates]) {
    if (!(await exists(path.join(dataDir, 'rest-api')))) continue;
    return { command, version, modulesDir: undefined, dataDir, englishSoundsDir: await englishIn(dataDir) };
  }
  return undefined;
}

async function versionOf(
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string | undefined> {
  const [file, ...args] = command;
  try {
    const { stdout } = await runProgram(file, [...args, '-V'], { signal, deadlineMs: 10_000 });
    return /^Asterisk (\S+)/.exec(stdout)?.[1]?.replace(/[~+-].*$/, '');
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Where the configuration of an installed Asterisk says that its data is. */
async function configuredDataDir(): Promise<string | undefined> {
  const text = await readFile('/etc/asterisk/asterisk.conf', 'utf8').catch(() => '');
  return /^\s*astdatadir\s*=>?\s*(\S+)/m.exec(text)?.[1];
}

/** Debian names the folder by language, country, voice (`en_US_f_Allison`) and links `en` to it when it installs. */
async function englishIn(dataDir: string): Promise<string | undefined> {
  const sounds = path.join(dataDir, 'sounds');
  const names = await readdir(sounds).catch(() => []);
  const name = names.find((each) => each === 'en') ?? names.find((each) => /^en[_-]/.test(each));
  return name === undefined ? undefined : path.join(sounds, name);
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10) || 0;
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await exists(file)) return file;
  return undefined;
}
