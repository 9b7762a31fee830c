// A process that fills a cache entry, or begins to and hangs; see cache.test.ts.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheEntry } from '../../app/setup/cache.ts';

const [, , cacheDir, what] = process.argv;
if (cacheDir === undefined) throw new Error('usage: cache-filler.ts FOLDER hang|fill');
let filled = false;
await cacheEntry({
  cacheDir,
  name: 'thing-1',
  what: 'The thing',
  neededMB: 1,
  signal: AbortSignal.timeout(60_000),
  fill: async (dir) => {
    await writeFile(path.join(dir, 'half'), '');
    if (what === 'hang') process.send?.('half');
    // Long enough for the others to come and wait.
    await delay(what === 'hang' ? 60_000 : 300);
    filled = true;
  },
});
process.send?.(filled ? 'filled' : 'found');
