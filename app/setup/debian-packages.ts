import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ParleyError } from '../errors.ts';
import { download, openApt, resolve } from './apt.ts';
import type { Apt, DebianFile } from './apt.ts';
import { cacheEntry, checkFreeSpace, exists, withLock } from './cache.ts';
import { lastLines, runProgram } from './program.ts';
import type { OnProgress } from './steps.ts';
import { checkTools, debianSystem } from './system.ts';
import type { DebianSystem } from './system.ts';

export interface DebianPrefixOptions {
  readonly cacheDir: string;
  /** What the folder in the cache is called, such as `asterisk`. */
  readonly name: string;
  /** What a person calls it. */
  readonly what: string;
  readonly packages: readonly string[];
  readonly signal: AbortSignal;
  readonly progress?: OnProgress | undefined;
  /** Takes what fits the machine's own libraries, because it is loaded into a program of this machine; see `sourcesFor`. */
  readonly fitting?: boolean;
  /** Looks at what would be fetched and throws when it will not do. */
  readonly check?: (files: readonly DebianFile[], system: DebianSystem) => void;
  /** Called with the unpacked folder before it becomes visible. */
  readonly finish?: (folder: string) => Promise<void>;
  readonly osReleaseFile?: string | undefined;
}

/** Raised when what a prefix is made of changes in another way than by its packages. */
const recipe = 1;
/** Unpacked, the packages of Asterisk are 3.0 times as big as fetched. */
const unpackedPerFetched = 3.2;

/**
 * Debian packages with all that they depend on, unpacked into a folder of their own; nothing is installed, and any
 * user may do it. Programs in it are run by its own loader, see {@link prefixCommand}.
 * @returns the folder.
 * @throws ParleyError `setup-unsupported-system`, `setup-no-network`, `setup-no-space`, `setup-checksum`.
 */
export async function debianPrefix(options: DebianPrefixOptions): Promise<string> {
  const { cacheDir, packages, signal, fitting = false } = options;
  const system = await debianSystem(options.osReleaseFile);
  const own = fitting ? `${system.codename}-own` : system.codename;
  const suite = system.distribution === 'debian' && !fitting ? 'sid' : own;
  const version = createHash('sha256')
    .update(JSON.stringify([recipe, [...packages].sort()]))
    .digest('hex')
    .slice(0, 8);
  const onWait = (): void => options.progress?.({ doing: 'waiting for another part of the set-up' });
  const base = `${system.distribution}-${suite}-${system.architecture}`;
  return cacheEntry({
    cacheDir,
    name: `${options.name}-${base}-${version}`,
    what: options.what,
    // Told apart below, when apt knows how much there is to fetch.
    neededMB: 0,
    signal,
    onWait,
    fill: async (folder) => {
      options.progress?.({ doing: 'asking the package sources' });
      await checkTools(signal);
      const state = path.join(cacheDir, `apt-${base}`);
      const apt = await withLock(cacheDir, `apt-${base}`, { signal, onWait }, () =>
        openApt(state, system, { signal, progress: options.progress, fitting }),
      );
      const archives = path.join(state, `archives-${options.name}`);
      await fetchAndUnpack(apt, archives, folder, system, options);
      await options.finish?.(folder);
      await rm(archives, { recursive: true, force: true });
    },
  });
}

async function fetchAndUnpack(
  apt: Apt,
  archives: string,
  folder: string,
  system: DebianSystem,
  options: DebianPrefixOptions,
): Promise<void> {
  const { signal, progress, packages } = options;
  const files = await resolve(apt, packages, signal);
  options.check?.(files, system);
  const totalMB = files.reduce((sum, file) => sum + file.bytes, 0) / 1e6;
  await checkFreeSpace(folder, options.what, Math.ceil(totalMB * (1 + unpackedPerFetched)));

  progress?.({ doing: 'fetching', fraction: 0, totalMB });
  await download(apt, packages, archives, {
    signal,
    onFraction: (fraction) => progress?.({ doing: 'fetching', fraction, totalMB }),
  });
  let done = 0;
  const queue = files.values();
  const unpackRest = async (): Promise<void> => {
    for (const { file } of queue) {
      await unpack(path.join(archives, file), folder, options);
      done += 1;
      progress?.({ doing: 'unpacking', fraction: done / files.length });
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, unpackRest));
}

async function unpack(deb: string, folder: string, options: DebianPrefixOptions): Promise<void> {
  const result = await runProgram('dpkg-deb', ['-x', deb, folder], {
    signal: options.signal,
    deadlineMs: 300_000,
  });
  if (result.status === 0) return;
  if (result.stderr.includes('No space left')) {
    const disk = await statfs(folder);
    throw new ParleyError('setup-no-space', {
      folder,
      freeMB: Math.floor((disk.bavail * disk.bsize) / 1024 ** 2),
      what: options.what,
      neededMB: 400,
    });
  }
  // A file that apt has checked and that cannot be unpacked would fail again.
  await rm(deb, { force: true });
  throw new ParleyError('setup-no-network', {
    what: path.basename(deb),
    reason: lastLines(result.stderr, 3),
  });
}

/**
 * The words that run a program of a prefix by the prefix's own loader and libraries, so that those of the machine
 * (often older) play no part: loader, `--library-path`, folders, program.
 */
export async function prefixCommand(prefix: string, program: string): Promise<[string, ...string[]]> {
  const { loader, libraries } = await loaderOf(prefix);
  const folders = libraries.map((folder) => path.join(prefix, folder)).join(':');
  return [path.join(prefix, loader), '--library-path', folders, path.join(prefix, program)];
}

/**
 * Writes `bin/NAME` into a prefix: a script that runs a program of it in the same way, for those who take the path of
 * a program. It finds the prefix by its own path, so that the prefix may be renamed afterwards.
 */
export async function writeWrapper(prefix: string, name: string, program: string): Promise<void> {
  const { loader, libraries } = await loaderOf(prefix);
  const folders = libraries.map((folder) => `$prefix/${folder}`).join(':');
  await writeScript(prefix, name, [
    `exec "$prefix/${loader}" --library-path "${folders}" "$prefix/${program}" "$@"`,
  ]);
}

/** Writes the shell script `bin/NAME` into a prefix, which `$prefix` stands for in its lines. */
export async function writeScript(prefix: string, name: string, lines: readonly string[]): Promise<void> {
  await mkdir(path.join(prefix, 'bin'), { recursive: true });
  await writeFile(
    path.join(prefix, 'bin', name),
    ['#!/bin/sh', 'prefix=${0%/*}/..', ...lines, ''].join('\n'),
    { mode: 0o755 },
  );
}

/** The folders with libraries inside a prefix. */
export async function libraryFolders(prefix: string): Promise<string[]> {
  return (await loaderOf(prefix)).libraries;
}

/** Inside a prefix: the dynamic loader, and the folders with libraries. */
async function loaderOf(prefix: string): Promise<{ loader: string; libraries: string[] }> {
  const machine =
    process.arch === 'arm64'
      ? { triplet: 'aarch64-linux-gnu', name: 'ld-linux-aarch64.so.1' }
      : { triplet: 'x86_64-linux-gnu', name: 'ld-linux-x86-64.so.2' };
  const main = ['usr/lib', 'lib'].flatMap((lib) => [`${lib}/${machine.triplet}`, lib]);
  const libraries = [...main];
  for (const folder of main) libraries.push(...(await librariesBelow(prefix, folder)));
  for (const folder of [...main, 'usr/lib64', 'lib64']) {
    const loader = `${folder}/${machine.name}`;
    if (await exists(path.join(prefix, loader))) return { loader, libraries: [...new Set(libraries)] };
  }
  throw new ParleyError('setup-tool-missing', { tool: machine.name, package: 'libc6' });
}

/**
 * Some packages keep libraries one folder deeper (pulseaudio, blas) and name that folder, from the root, inside the
 * libraries that use them; in a prefix it has to be told.
 */
async function librariesBelow(prefix: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(path.join(prefix, folder), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const below = `${folder}/${entry.name}`;
    const files = await readdir(path.join(prefix, below));
    if (files.some((name) => /^lib.+\.so/.test(name))) found.push(below);
  }
  return found;
}
