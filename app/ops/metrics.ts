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

/** What is counted of all calls, besides what their log lines say. docs/monitoring.md lists all of it. */
export interface Metrics extends ProviderMetrics {
  callBegan(): void;
  /** @param setupMs from the first that is known of the call to the answer. */
  callAnswered(line: string, setupMs: number): void;
  /** How long a call was that had been answered. */
  callLasted(ms: number): void;
  callEnded(by: 'caller' | 'bot' | 'operator' | 'failure'): void;
  turnedAway(): void;
  /** @param stages how long each took, in milliseconds. */
  turn(intent: string, stages: Readonly<Record<string, number>>): void;
  /** What came of a turn: `ok`, what was asked for, or the code of the error that the caller was told of. */
  answered(outcome: string): void;
  /** What one rung of the ladder of understanding took, and what came of it. */
  rung(rung: { readonly name: string; readonly ms: number; readonly outcome: string }): void;
  bargeIn(): void;
  /** A cough or a mere "mhm" stopped what the bot said for a moment. */
  falseInterruption(): void;
  answeredTooSoon(): void;
  /** Nobody had said anything for a while. */
  askedAgain(): void;
  /** The bot took its leave by itself. */
  farewell(why: string): void;
  /** Something failed in a call, which may have gone on. */
  failedInCall(code: string): void;
  noCallerAudio(): void;
  /** Audio that did not come and was counted as silence; `begins` a gap, or goes on with one. */
  audioMissing(ms: number, begins: boolean): void;
  audioLost(path: string): void;
  /** Records of calls that were not kept, and why. */
  storeDropped(why: string, count: number): void;
  /** Records of calls that wait to be written. */
  storeQueue(depth: number): void;
  /** The connection to Asterisk came back. */
  ariReconnected(): void;
  /** Spans that could not be sent to the collector. */
  spansLost(count: number): void;
  /** What is looked at whenever somebody asks for the metrics. */
  follow(sources: MetricSources): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

export interface MetricSources {
  readonly version: string;
  /** Calls at once. */
  readonly capacity: number;
  readonly ariConnected: () => boolean;
  /** The speech engines of this machine. */
  readonly engines: () => readonly {
    readonly kind: string;
    readonly provider: string;
    readonly running: number;
    readonly waiting: number;
  }[];
  /** Of voice activity: frames of audio that it did not get to see in time. */
  readonly voiceFramesDropped: () => number;
}

/** From what nobody notices to what everybody does. */
const stageBuckets = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 4, 8];
const callBuckets = [5, 15, 30, 60, 120, 300, 600, 1_800];
/** A service may make up intents and codes; what is over this many is counted together. */
const mostValues = 100;

/** Those of one process, the event loop's delay, memory and CPU included. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> =>
    new Counter({ name: `parley_${name}_total`, help, labelNames, registers });
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    collect?: (this: Gauge<L>) => void,
  ): Gauge<L> =>
    new Gauge({ name: `parley_${name}`, help, labelNames, registers, ...(collect && { collect }) });
  const seconds = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    buckets = stageBuckets,
  ): Histogram<L> => new Histogram({ name: `parley_${name}_seconds`, help, labelNames, buckets, registers });

  const live = gauge('calls_live', 'Calls that are running.');
  const answered = counter('calls_answered', 'Calls that were answered, by how their audio is carried.', [
    'line',
  ]);
  const ended = counter('calls_ended', 'Calls that are over, by who ended them.', ['ended_by']);
  const refused = counter('calls_refused', 'Calls that heard that all lines are busy.');
  const setup = seconds('call_setup', 'From the arrival of a call to its answer, line.ringMs included.');
  const duration = seconds('call_duration', 'How long answered calls lasted.', [], callBuckets);
  const turns = counter('turns', 'Turns that were answered, by intent.', ['intent']);
  const stage = seconds(
    'turn_stage',
    'How long the stages of a turn take; answer is from the end of speech to the first sound of the answer.',
    ['stage'],
  );
  const outcomes = counter(
    'turn_outcomes',
    'What came of turns: ok, a question, or the code of an error; those that were taken back included.',
    ['outcome'],
  );
  const rungTime = seconds(
    'understanding_rung',
    'How long one rung of the ladder of understanding took; those that were skipped are not counted.',
    ['rung'],
  );
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
  const askedAgain = counter('asked_again', 'Silent callers who were asked whether they are there.');
  const farewells = counter('farewells', 'Calls of which the bot took its leave by itself, and why.', [
    'why',
  ]);
  const failedInCalls = counter('call_failures', 'What failed in calls, by the code of the error.', ['code']);
  const noAudio = counter('no_caller_audio', 'Calls from which no audio came for a while.');
  const gaps = counter('caller_audio_gaps', 'Times that audio of a streamed caller did not come in time.');
  const gapTime = counter('caller_audio_gap_seconds', 'Audio that did not come and was counted as silence.');
  const lost = counter('audio_lost', 'Audio paths that broke off in the middle of a call.', ['path']);
  const storeDrops = counter('store_drops', 'Records of calls that were not kept, and why.', ['why']);
  const storeDepth = gauge('store_queue_depth', 'Records of calls that wait to be written.');
  const failovers = counter('speech_failovers', 'Speech engines that did the work of another.', [
    'kind',
    'from',
    'to',
    'reason',
  ]);
  const up = gauge(
    'provider_up',
    'Whether a provider is asked; 0 while it is left alone because it failed several times in a row.',
    ['kind', 'provider'],
  );
  const failures = counter('provider_failures', 'Failures of providers, by the code of the error.', [
    'kind',
    'provider',
    'code',
  ]);
  const reconnects = counter('ari_reconnects', 'Times that the connection to Asterisk came back.');
  const spans = counter('spans_lost', 'Spans that could not be sent to the collector.');
  const [intentOf, outcomeOf, codeOf] = [bounded(), bounded(), bounded()];
  // What has never happened is 0, so that the first time is seen as an increase.
  for (const ended_by of ['caller', 'bot', 'operator', 'failure']) ended.inc({ ended_by }, 0);
  for (const line of ['streamed', 'recorded']) answered.inc({ line }, 0);
  for (const path of ['streamed', 'recorded']) lost.inc({ path }, 0);
  for (const why of ['full', 'refused', 'closing', 'recording']) storeDrops.inc({ why }, 0);

  return {
    failover: (failover) => failovers.inc(failover),
    providerUp: (kind, provider, isUp) => up.set({ kind, provider }, isUp ? 1 : 0),
    providerFailed: (kind, provider, code) => failures.inc({ kind, provider, code: codeOf(code) }),
    callBegan: () => live.inc(),
    callAnswered: (line, setupMs) => {
      answered.inc({ line });
      setup.observe(setupMs / 1_000);
    },
    callLasted: (ms) => duration.observe(ms / 1_000),
    callEnded: (by) => {
      live.dec();
      ended.inc({ ended_by: by });
    },
    turnedAway: () => refused.inc(),
    turn: (intent, stages) => {
      turns.inc({ intent: intentOf(intent) });
      for (const [name, ms] of Object.entries(stages)) stage.observe({ stage: name }, ms / 1_000);
    },
    answered: (outcome) => outcomes.inc({ outcome: outcomeOf(outcome) }),
    rung: ({ name, ms, outcome }) => {
      rungs.inc({ rung: name, outcome });
      if (outcome !== 'skipped') rungTime.observe({ rung: name }, ms / 1_000);
    },
    bargeIn: () => bargeIns.inc(),
    falseInterruption: () => falseInterruptions.inc(),
    answeredTooSoon: () => tooSoon.inc(),
    askedAgain: () => askedAgain.inc(),
    farewell: (why) => farewells.inc({ why }),
    failedInCall: (code) => failedInCalls.inc({ code: codeOf(code) }),
    noCallerAudio: () => noAudio.inc(),
    audioMissing: (ms, begins) => {
      if (begins) gaps.inc();
      gapTime.inc(ms / 1_000);
    },
    audioLost: (path) => lost.inc({ path }),
    storeDropped: (why, count) => storeDrops.inc({ why }, count),
    storeQueue: (depth) => storeDepth.set(depth),
    ariReconnected: () => reconnects.inc(),
    spansLost: (count) => spans.inc(count),
    follow({ version, capacity, ariConnected, engines, voiceFramesDropped }) {
      gauge('info', 'Which Parley this is; always 1.', ['version']).set({ version }, 1);
      gauge('calls_capacity', 'Calls that are taken at once.').set(capacity);
      gauge('ari_connected', 'Whether Asterisk is there: 1, or 0.', [], function () {
        this.set(ariConnected() ? 1 : 0);
      });
      gauge(
        'speech_running',
        'What the speech engines of this machine work on.',
        ['kind', 'provider'],
        function () {
          for (const { kind, provider, running } of engines()) this.set({ kind, provider }, running);
        },
      );
      gauge('speech_waiting', 'What waits for a thread of them.', ['kind', 'provider'], function () {
        for (const { kind, provider, waiting } of engines()) this.set({ kind, provider }, waiting);
      });
      new Counter({
        name: 'parley_voice_frames_dropped_total',
        help: 'Frames of audio that voice activity did not get to see in time.',
        registers,
        collect() {
          this.reset();
          this.inc(voiceFramesDropped());
        },
      });
    },
    text: () => registry.metrics(),
  };
}

/** Keeps the values of a label from growing without end. */
function bounded(): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.size >= mostValues && !seen.has(value)) return 'other';
    seen.add(value);
    return value;
  };
}
