import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted of providers; `kind` is stt, tts, nlu. */
export interface ProviderMetrics {
  /** One provider did the work of another. */
  failover(failover: {
    readonly kind: string;
    readonly from: string;
    readonly to: string;
    readonly reason: string;
  }): void;
  /** It is asked, or is left alone because it failed several times in a row. */
  providerUp(kind: string, provider: string, up: boolean): void;
  providerFailed(kind: string, provider: string, code: string): void;
}

/** What is counted of all calls, besides what their log lines say. */
export interface Metrics extends ProviderMetrics {
  callBegan(): void;
  callEnded(by: 'caller' | 'bot' | 'failure'): void;
  turnedAway(): void;
  /** @param stages how long each took, in milliseconds. */
  turn(intent: string, stages: Readonly<Record<string, number>>): void;
  /** What one rung of the ladder of understanding took, and what came of it. */
  rung(rung: { readonly name: string; readonly ms: number; readonly outcome: string }): void;
  bargeIn(): void;
  /** A cough or a mere "mhm" stopped what the bot said for a moment. */
  falseInterruption(): void;
  answeredTooSoon(): void;
  noCallerAudio(): void;
  audioLost(path: string): void;
  /** Records of calls that were not kept, and why. */
  storeDropped(why: string, count: number): void;
  /** Records of calls that wait to be written. */
  storeQueue(depth: number): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** From what nobody notices to what everybody does. */
const bucketsMs = [
  25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1_000, 1_500, 2_000, 4_000, 8_000,
];

/** Those of one process, the event loop's delay, memory and CPU included. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name: `parley_${name}_total`, help, labelNames, registers });
  const live = new Gauge({ name: 'parley_calls_live', help: 'Calls that are running.', registers });
  const ended = counter('calls', 'Calls that are over, by who ended them.', ['ended_by']);
  const refused = counter('calls_refused', 'Calls that heard that all lines are busy.');
  const turns = counter('turns', 'Turns that were answered, by intent.', ['intent']);
  const stage = new Histogram({
    name: 'parley_turn_stage_ms',
    help: 'How long the stages of a turn take; answer is from the end of speech to the first sound of the answer.',
    labelNames: ['stage'],
    buckets: bucketsMs,
    registers,
  });
  const rungMs = new Histogram({
    name: 'parley_understanding_rung_ms',
    help: 'How long one rung of the ladder of understanding took; those that were skipped are not counted.',
    labelNames: ['rung'],
    buckets: bucketsMs,
    registers,
  });
  const rungs = counter('understanding_rungs', 'Rungs of the ladder of understanding that were come to.', [
    'rung',
    'outcome',
  ]);
  const bargeIns = counter('barge_ins', 'Callers who spoke into what the bot said.');
  const falseInterruptions = counter(
    'false_interruptions',
    'Barge-ins that were a cough, noise or a mere "mhm".',
  );
  const tooSoon = counter('answered_too_soon', 'Turns that were taken back because the caller went on.');
  const noAudio = counter('no_caller_audio', 'Calls from which no audio came for a while.');
  const lost = counter('audio_lost', 'Audio paths that broke off in the middle of a call.', ['path']);
  const storeDrops = counter('store_drops', 'Records of calls that were not kept, and why.', ['why']);
  const storeDepth = new Gauge({
    name: 'parley_store_queue_depth',
    help: 'Records of calls that wait to be written.',
    registers,
  });
  const failovers = counter('speech_failovers', 'Speech engines that did the work of another.', [
    'kind',
    'from',
    'to',
    'reason',
  ]);
  const up = new Gauge({
    name: 'parley_provider_up',
    help: 'Whether a provider is asked; 0 while it is left alone because it failed several times in a row.',
    labelNames: ['kind', 'provider'],
    registers,
  });
  const failures = counter('provider_failures', 'Failures of providers, by the code of the error.', [
    'kind',
    'provider',
    'code',
  ]);
  return {
    failover: (failover) => failovers.inc(failover),
    providerUp: (kind, provider, isUp) => {
      up.set({ kind, provider }, isUp ? 1 : 0);
    },
    providerFailed: (kind, provider, code) => failures.inc({ kind, provider, code }),
    callBegan: () => live.inc(),
    callEnded: (by) => {
      live.dec();
      ended.inc({ ended_by: by });
    },
    turnedAway: () => refused.inc(),
    turn: (intent, stages) => {
      turns.inc({ intent });
      for (const [name, ms] of Object.entries(stages)) stage.observe({ stage: name }, ms);
    },
    rung: ({ name, ms, outcome }) => {
      rungs.inc({ rung: name, outcome });
      if (outcome !== 'skipped') rungMs.observe({ rung: name }, ms);
    },
    bargeIn: () => bargeIns.inc(),
    falseInterruption: () => falseInterruptions.inc(),
    answeredTooSoon: () => tooSoon.inc(),
    noCallerAudio: () => noAudio.inc(),
    audioLost: (path) => lost.inc({ path }),
    storeDropped: (why, count) => storeDrops.inc({ why }, count),
    storeQueue: (depth) => {
      storeDepth.set(depth);
    },
    text: () => registry.metrics(),
  };
}
