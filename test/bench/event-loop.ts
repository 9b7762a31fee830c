/**
 * Loaded into the app by `node --import`: writes a line into its log once a second with how late its event loop was in
 * that second. The app itself knows nothing of it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

export const eventLoopMessage = 'event loop';

const everyMs = 1_000;
const resolutionMs = 10;
const nanosecondsInMs = 1e6;

if (isMainThread && process.env['PARLEY_STATE_DIR'] !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  setInterval(() => {
    // The histogram counts the interval itself as delay.
    const late = (ns: number): number => Math.max(0, ns / nanosecondsInMs - resolutionMs);
    const line = {
      time: new Date().toISOString(),
      message: eventLoopMessage,
      p99Ms: late(delay.percentile(99)),
      maxMs: late(delay.max),
    };
    process.stderr.write(`${JSON.stringify(line)}\n`);
    delay.reset();
  }, everyMs).unref();
}
