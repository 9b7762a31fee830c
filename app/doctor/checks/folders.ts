import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, ParleyError } from '../../errors.ts';
import { fine, troubleWith } from '../findings.ts';
import type { Check, Finding } from '../spec.ts';

/** What logs, records and a few calls take. */
const neededMB = 100;

interface Folder {
  readonly what: string;
  readonly folder: string;
  readonly field: string;
}

/** What is written has a place, and space. */
export const foldersCheck: Check = {
  name: 'folders',
  title: 'Folders and disk',
  deadlineMs: 5_000,
  async examine({ config, cacheDir }) {
    const folders: Folder[] = [
      { what: 'state', folder: path.resolve(config.stateDir), field: 'PARLEY_STATE_DIR' },
      { what: 'cache', folder: cacheDir, field: 'XDG_CACHE_HOME' },
    ];
    // The app alone, as in a container that is read-only, answers calls with what was put there when it was built.
    const verdict = config.ari.url === undefined ? 'failed' : 'warning';
    return Promise.all(folders.map((place) => look(place, verdict)));
  },
};

async function look(place: Folder, unusable: 'warning' | 'failed'): Promise<Finding> {
  const { what, folder } = place;
  try {
    const there = await nearest(folder);
    await readdir(there);
    const file = path.join(there, `.parley-doctor-${randomUUID()}`);
    await writeFile(file, '').finally(() => rm(file, { force: true }));
    const disk = await statfs(there);
    const freeMB = Math.floor((disk.bavail * disk.bsize) / 1024 ** 2);
    if (freeMB < neededMB)
      throw new ParleyError('setup-no-space', { folder, freeMB, what: 'running calls', neededMB });
    return fine(`${what}: ${folder}, ${(freeMB / 1024).toFixed(1)} GB free`);
  } catch (error) {
    if (error instanceof ParleyError) return troubleWith(error);
    return troubleWith(new ParleyError('folder-unusable', { ...place, reason: messageOf(error) }), unusable);
  }
}

/** The folder, or the one above it in which it will be made. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    try {
      if ((await stat(at)).isDirectory()) return at;
      throw new Error(`${at} is not a folder`);
    } catch (error) {
      const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!absent || path.dirname(at) === at) throw error;
    }
  }
}
