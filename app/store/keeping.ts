import path from 'node:path';
import { hasCode } from '../errors.ts';
import { repairWavs } from '../media/growing-wav.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import { CallKeeper } from './keeper.ts';
import { openStore, recordingsDirOf, type StorePlace } from './open.ts';
import { RecordingsFolder } from './recordings.ts';
import type { CallStore } from './spec.ts';
import type { StoreMetrics } from './write-queue.ts';

export interface KeepingConfig extends StorePlace {
  readonly store: StorePlace['store'] & { readonly queueLimit: number; readonly maskDigits: number };
  readonly calls: { readonly maxCallMs: number };
}

export interface Keeping {
  readonly store: CallStore;
  readonly keeper: CallKeeper;
  readonly recordings: RecordingsFolder;
}

/** How long a call may take beyond its longest time, ringing and saying goodbye included. */
const graceMs = 600_000;

/**
 * Opens the store, and tidies up what a process left that died in the middle of calls. A store that is not there (yet)
 * is a line in the log: calls are answered all the same.
 * @throws ParleyError `store-too-new`.
 */
export async function startKeeping(
  config: KeepingConfig,
  {
    clock,
    log,
    metrics,
    signal,
  }: {
    readonly clock: Clock;
    readonly log: Log;
    readonly metrics: StoreMetrics;
    readonly signal: AbortSignal;
  },
): Promise<Keeping> {
  const { queueLimit: limit, maskDigits } = config.store;
  const store = openStore(config);
  const keeper = new CallKeeper({ store, clock, log, metrics, limit, maskDigits });
  const recordings = new RecordingsFolder(recordingsDirOf(config));
  const nowMs = clock.now().getTime();
  try {
    // A file belongs to this process alone; of a database that several use, only what is surely over.
    const shared = store.kind === 'postgres';
    const startedBeforeMs = shared ? nowMs - config.calls.maxCallMs - graceMs : nowMs;
    await store.write([{ kind: 'lost-calls', startedBeforeMs }], { signal });
  } catch (error) {
    if (hasCode(error, 'store-too-new')) throw error;
    log.error('the store of calls is not there; calls are answered all the same', { error });
  }
  try {
    for (const { file, ...size } of await repairWavs(recordings.dir, nowMs)) {
      keeper.recordingFound(path.basename(file, '.wav'), { file, ...size });
      log.info('a recording that was cut off was made whole', { file });
    }
  } catch (error) {
    log.warn('recordings that were cut off could not be made whole', { error });
  }
  return { store, keeper, recordings };
}
