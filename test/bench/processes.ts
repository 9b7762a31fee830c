import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a process has used so far (Linux, /proc). */
export interface Usage {
  readonly atMs: number;
  readonly cpuMs: number;
  readonly memoryMB: number;
}

/** USER_HZ, which Linux has fixed at 100 for what it tells programs. */
const tickMs = 10;

/** All threads of a process. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'latin1'),
    readFile(`/proc/${pid}/status`, 'latin1'),
  ]);
  // The name in brackets may hold blanks; of what follows it, fields 12 and 13 are utime and stime (proc(5): 14 and 15).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
  const memoryMB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  return { atMs: performance.now(), cpuMs, memoryMB };
}

/** CPU in percent of one core between two looks. */
export function cpuPercent(before: Usage, after: Usage): number {
  return (100 * (after.cpuMs - before.cpuMs)) / (after.atMs - before.atMs);
}

/** The process of a private Asterisk. */
export async function pidOfAsterisk(runDir: string): Promise<number> {
  return Number(await readFile(path.join(runDir, 'asterisk.pid'), 'utf8'));
}
