import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What a running Parley tells about itself in `STATE_DIR/running.json`, for commands that want to call it. */
const runningSchema = z.strictObject({
  /** Of the process that started everything. */
  pid: z.int().positive(),
  /** Where telephones on this machine reach it. */
  sip: z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65_535) }),
  /** Where ARI of its Asterisk is; its password is in the same file. */
  ariUrl: z.url().optional(),
  /** The account of the software caller. `passwordFile` is relative to the state folder; see secrets.ts. */
  caller: z.strictObject({ user: z.string().min(1), passwordFile: z.string().min(1) }),
});

export type Running = z.infer<typeof runningSchema>;

/**
 * Tells that Parley runs.
 * @returns the way to take it back; it leaves the file alone when another Parley has written it since.
 */
export async function writeRunning(stateDir: string, running: Running): Promise<() => Promise<void>> {
  const file = fileIn(stateDir);
  const text = `${JSON.stringify(running, null, 2)}\n`;
  const part = `${file}.${String(running.pid)}`;
  await writeFile(part, text, { mode: 0o600 });
  await rename(part, file);
  return async () => {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) await rm(file, { force: true });
  };
}

/** The Parley that runs with this state folder; undefined when none does, or when one died and left its file behind. */
export async function readRunning(stateDir: string): Promise<Running | undefined> {
  const text = await readFile(fileIn(stateDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = runningSchema.safeParse(parseJson(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

function fileIn(stateDir: string): string {
  return path.join(stateDir, 'running.json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
