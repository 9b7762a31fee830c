import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { ParleyError } from '../errors.ts';
import { processRuns, takeLock } from './lock.mjs';

/**
 * The folder for everything that is fetched once per user: `$XDG_CACHE_HOME/parley`, else `~/.cache/parley`.
 * @param env the environment of the process.
 * @param home the user's home folder.
 */
export function cacheDirOf(env: { readonly XDG_CACHE_HOME?: string }, home: string): string {
  const base = env.XDG_CACHE_HOME;
  // The XDG specification says that a relative path is to be ignored.
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(home, '.cache'), 'parley');
}

export interface CacheEntryOptions {
  readonly cacheDir: string;
  /** Names the content, version or hash included: what has this name never changes. */
  readonly name: string;
  /** What a person calls it, for messages. */
  readonly what: string;
  /** Free space that filling it takes, downloads included. */
  readonly neededMB: number;
  readonly signal: AbortSignal;
  /** Called when another process is filling it and has to be waited for. */
  readonly onWait?: () => void;
  /** Puts the content into the empty folder `dir`, verified; throwing throws all of it away. */
  readonly fill: (dir: string) => Promise<void>;
}

/**
 * A folder in the cache that is either whole or not there: it is filled beside its place and renamed when it is
 * complete. Safe with several processes at once (the others wait), and after one that was killed (what it left is
 * removed).
 * @returns the folder.
 * @throws ParleyError `setup-no-space`, and what `fill` throws.
 */
export async function cacheEntry(options: CacheEntryOptions): Promise<string> {
  const { cacheDir, name, signal } = options;
  const entry = path.join(cacheDir, name);
  if (await exists(entry)) return entry;
  await mkdir(cacheDir, { recursive: true });
  return withLock(cacheDir, name, options, async () => {
    if (await exists(entry)) return entry;
    await removeLeftovers(cacheDir);
    await checkFreeSpace(cacheDir, options.what, options.neededMB);
    const part = await mkdtemp(path.join(cacheDir, `${name}.part-${String(process.pid)}-`));
    try {
      await options.fill(part);
      signal.throwIfAborted();
      await rename(part, entry);
      return entry;
    } catch (error) {
      throw noSpaceOr(error, await spaceIn(cacheDir), options);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  });
}

/** Runs `work` while no other process does so under the same name. */
export async function withLock<T>(
  cacheDir: string,
  name: string,
  options: { readonly signal: AbortSignal; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const { signal, onWait } = options;
  const release = await takeLock(path.join(cacheDir, '.locks', name), { signal, ...(onWait && { onWait }) });
  try {
    return await work();
  } finally {
    await release();
  }
}

export async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** @throws ParleyError `setup-no-space` when `folder` has less than `neededMB` free. */
export async function checkFreeSpace(folder: string, what: string, neededMB: number): Promise<void> {
  const freeMB = await spaceIn(folder);
  if (freeMB < neededMB) {
    throw new ParleyError('setup-no-space', { folder, freeMB: Math.floor(freeMB), what, neededMB });
  }
}

/** Removes the half-filled folders of processes that no longer run. */
async function removeLeftovers(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const pid = /\.part-(\d+)-\w+$/.exec(name)?.[1];
    if (pid !== undefined && !processRuns(Number(pid), '')) {
      await rm(path.join(cacheDir, name), { recursive: true, force: true });
    }
  }
}

async function spaceIn(folder: string): Promise<number> {
  const disk = await statfs(folder);
  return (disk.bavail * disk.bsize) / 1024 ** 2;
}

/** A disk that fills up on the way gives the same error as one that was too small from the start. */
function noSpaceOr(error: unknown, freeMB: number, options: CacheEntryOptions): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) return error;
  return new ParleyError(
    'setup-no-space',
    {
      folder: options.cacheDir,
      freeMB: Math.floor(freeMB),
      what: options.what,
      neededMB: options.neededMB,
    },
    { cause: error },
  );
}
