import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, ParleyError } from '../errors.ts';
import { exists } from './cache.ts';
import { debianPrefix } from './debian-packages.ts';
import type { OnProgress } from './steps.ts';

export interface FindRhvoiceOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: OnProgress | undefined;
  /** Where an installed one is looked for; a test may put its own folder here. */
  readonly roots?: readonly string[];
}

export interface RhvoiceFiles {
  /** libRHVoice.so.5. */
  readonly library: string;
  /** Folder with `languages/` and `voices/`. */
  readonly dataDir: string;
}

const libraryName = 'libRHVoice.so.5';
const systemRoots = ['/usr', '/usr/local'];

/**
 * RHVoice (LGPL) with its English voices: that of this machine, else fetched when it is not in the cache, from the part
 * of Debian that is not free (some of its voices are not).
 * @throws ParleyError `rhvoice-missing`.
 */
export async function findRhvoice(options: FindRhvoiceOptions): Promise<RhvoiceFiles> {
  for (const root of options.roots ?? systemRoots) {
    const installed = await filesIn(root);
    if (installed) return installed;
  }
  try {
    const prefix = await debianPrefix({
      cacheDir: options.cacheDir,
      name: 'rhvoice',
      what: 'RHVoice',
      packages: ['librhvoice5', 'rhvoice-english'],
      signal: options.signal,
      progress: options.progress,
      fitting: true,
    });
    const fetched = await filesIn(path.join(prefix, 'usr'));
    if (fetched) return fetched;
    throw new Error(`what came is not what was expected; remove ${prefix}`);
  } catch (error) {
    options.signal.throwIfAborted();
    throw new ParleyError('rhvoice-missing', { reason: messageOf(error) }, { cause: error });
  }
}

async function filesIn(root: string): Promise<RhvoiceFiles | undefined> {
  const dataDir = path.join(root, 'share/RHVoice');
  if (!(await exists(path.join(dataDir, 'voices')))) return undefined;
  const lib = path.join(root, 'lib');
  const deeper = await readdir(lib).catch(() => []);
  const folders = [lib, path.join(root, 'lib64'), ...deeper.map((name) => path.join(lib, name))];
  for (const folder of folders) {
    const library = path.join(folder, libraryName);
    if (await exists(library)) return { library, dataDir };
  }
  return undefined;
}
