import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** The folder with both voices of calls: a folder for each day, in it a WAV for each call. */
export class RecordingsFolder {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Where a recording is; undefined for a name that leads out of the folder. */
  pathOf(file: string): string | undefined {
    const full = path.resolve(this.dir, file);
    return full.startsWith(`${this.dir}${path.sep}`) ? full : undefined;
  }

  /** Those that are not there are passed over. @returns how many were removed. */
  async remove(files: readonly string[]): Promise<number> {
    let removed = 0;
    for (const file of files) {
      const full = this.pathOf(file);
      if (full === undefined || !(await sizeOf(full))) continue;
      await rm(full, { force: true });
      removed += 1;
      // The day's last one: the folder goes with it.
      await rmdir(path.dirname(full)).catch(() => undefined);
    }
    return removed;
  }

  /** Those of days before a moment, also where the database knows nothing of them. */
  async removeOlderThan(beforeMs: number): Promise<void> {
    const before = new Date(beforeMs).toISOString().slice(0, 10);
    for (const day of await this.#days()) {
      if (day < before) await rm(path.join(this.dir, day), { recursive: true, force: true });
    }
  }

  async sizeBytes(): Promise<number> {
    let bytes = 0;
    for (const day of await this.#days()) {
      for (const name of await readdir(path.join(this.dir, day)).catch(() => []))
        bytes += (await sizeOf(path.join(this.dir, day, name))) ?? 0;
    }
    return bytes;
  }

  /** Names of days, such as `2026-11-22`. */
  async #days(): Promise<string[]> {
    const names = await readdir(this.dir).catch(() => []);
    return names.filter((name) => /^\d{4}-\d\d-\d\d$/.test(name));
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}
