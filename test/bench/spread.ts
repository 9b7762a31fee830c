import { setTimeout as delay } from 'node:timers/promises';

/** Starts so many things, spread evenly over a time. */
export async function spread<Result>(
  count: number,
  overMs: number,
  signal: AbortSignal,
  begin: (at: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      await delay((at * overMs) / count, undefined, { signal });
      return begin(at);
    }),
  );
}
