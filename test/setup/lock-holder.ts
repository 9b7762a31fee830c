// A process that takes a lock: it holds it until it is killed, or counts under it; see lock.test.ts.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { takeLock } from '../../app/setup/lock.mjs';

const [, , folder, what] = process.argv;
if (folder === undefined || what === undefined) throw new Error('usage: lock-holder.ts FOLDER hold|TIMES');
const lock = path.join(folder, 'lock');
const counter = path.join(folder, 'counter');
if (what === 'hold') {
  await takeLock(lock);
  process.send?.('held');
  setInterval(() => undefined, 60_000);
} else {
  for (let i = 0; i < Number(what); i++) {
    const release = await takeLock(lock);
    await writeFile(counter, String(Number(await readFile(counter, 'utf8')) + 1));
    await release();
  }
  process.disconnect?.();
}
