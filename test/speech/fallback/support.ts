import { configSchema } from '../../../app/config/schema.ts';
import type { ChainOptions } from '../../../app/speech/fallback/chain.ts';
import { manualClock, type ManualClock } from '../../fakes/clock.ts';
import { type RecordingLog, recordingLog } from '../../fakes/log.ts';

export interface ChainStage extends ChainOptions {
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly failovers: string[];
  readonly failures: string[];
  /** Who is up and down, in the order in which it was told. */
  readonly states: string[];
}

/** A chain's surroundings: time that stands still, and what it tells. */
export function chainStage(): ChainStage {
  const failovers: string[] = [];
  const failures: string[] = [];
  const states: string[] = [];
  return {
    failover: configSchema.parse({}).speech.failover,
    sampleRateHz: 16_000,
    language: 'en-US',
    clock: manualClock(),
    log: recordingLog(),
    failovers,
    failures,
    states,
    metrics: {
      failover: ({ kind, from, to, reason }) => failovers.push(`${kind} ${from} > ${to}: ${reason}`),
      providerFailed: (kind, provider, code) => failures.push(`${kind} ${provider}: ${code}`),
      providerUp: (kind, provider, up) => states.push(`${kind} ${provider} ${up ? 'up' : 'down'}`),
    },
  };
}
