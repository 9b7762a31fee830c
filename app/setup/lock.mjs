// A lock between processes, in plain JavaScript because bootstrap.mjs needs it before there is anything else.
//
// A lock is a folder of numbered files: NAME/1, NAME/2, ... Whoever makes the next number holds the lock; the file
// says which process that is. A number can be made only once (link fails when the file exists), so two processes
// that find the same dead holder cannot both take over from it. Nothing has to be cleaned up after a killed holder:
// its file says a process that no longer runs.
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';

const pollMs = 100;

/**
 * When a process started, in clock ticks since boot ('' where /proc does not tell): a process number alone may have
 * been given to another process since. Field 22 of /proc/PID/stat; field 2 is in brackets and may hold anything.
 */
function startOfProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Whether the process that once had this number and this start still runs. */
export function processRuns(pid, start) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return start === '' || startOfProcess(pid) === start;
}

/**
 * Takes the lock `folder`, waiting for as long as another process holds it.
 * @param folder made when it is not there; it stays (empty but for one small file).
 * @param options.signal gives up waiting when it aborts, with its reason.
 * @param options.onWait called once, when there is somebody to wait for.
 * @returns a function that gives the lock back.
 */
export async function takeLock(folder, { signal, onWait } = {}) {
  await mkdir(folder, { recursive: true });
  const mine = path.join(folder, `.${randomUUID()}`);
  const holder = { pid: process.pid, start: startOfProcess(process.pid), key: mine };
  await writeFile(mine, JSON.stringify(holder));
  try {
    for (let waited = false; ; waited = true) {
      signal?.throwIfAborted();
      const number = await tryTake(folder, mine);
      if (number !== undefined) return () => release(folder, number, holder.key);
      if (!waited) onWait?.();
      await pause(signal);
    }
  } finally {
    await rm(mine, { force: true });
  }
}

/** The number that was taken; undefined when somebody holds the lock. */
async function tryTake(folder, mine) {
  const numbers = await numbersIn(folder);
  const last = numbers.at(-1) ?? 0;
  if (last > 0 && (await isHeld(path.join(folder, String(last))))) return undefined;
  const next = last + 1;
  try {
    await link(mine, path.join(folder, String(next)));
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  }
  // Older numbers are removed by whoever comes after them. So a slow process may have made a number again that was
  // there before; then a higher one exists, and the lock belongs to that one.
  const now = await numbersIn(folder);
  if (now.at(-1) !== next) {
    await rm(path.join(folder, String(next)), { force: true });
    return undefined;
  }
  await Promise.all(now.slice(0, -1).map((old) => rm(path.join(folder, String(old)), { force: true })));
  return next;
}

async function isHeld(file) {
  let holder;
  try {
    holder = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // Given back (an empty file), or removed by a later holder: look again.
    return false;
  }
  return processRuns(holder.pid, holder.start);
}

/** The file stays, emptied: the next number is counted from it. */
async function release(folder, number, key) {
  const file = path.join(folder, String(number));
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text !== '' && JSON.parse(text).key === key) await writeFile(file, '');
}

async function numbersIn(folder) {
  const names = await readdir(folder);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function pause(signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, pollMs);
    function done() {
      signal?.removeEventListener('abort', gaveUp);
      resolve();
    }
    function gaveUp() {
      clearTimeout(timer);
      reject(signal.reason);
    }
    signal?.addEventListener('abort', gaveUp, { once: true });
  });
}
