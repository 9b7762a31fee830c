import {
  arriveMs,
  audibleMs,
  type Crowd,
  type CrowdResult,
  measureCrowd,
  mostLatencyMs,
  mostTries,
  type Step,
  stolenLimitPercent,
} from './crowd.ts';
import type { Bench } from './harness.ts';
import { jitterBufferMs } from './load-phone.ts';
import type { Measurement, Table } from './measurement.ts';
import { whole } from './statistics.ts';

const targets = { scripted: 100, own: 30 } as const;

/** How many callers at once are served without a gap in what they hear. */
export async function measureCallsAtOnce(bench: Bench): Promise<Measurement> {
  const { quick } = bench;
  const scripted = await measureCrowd(bench, {
    kind: 'scripted',
    steps: quick ? [60, 100] : [50, 75, 90, 100, 125],
    says: 'help me',
    answerMs: 15_500,
  });
  const own = await measureCrowd(bench, {
    kind: 'own',
    steps: quick ? [30] : [10, 20, 30, 40],
    says: 'say that again please',
    answerMs: 6_500,
  });
  const callsAtOnce = { scripted: mostServed(scripted), own: mostServed(own) };
  const memory = memoryPerCallMB(scripted);
  return {
    title: 'Calls at once',
    how: `Callers arrive evenly over ${arriveMs / 1000} s, hear the greeting out, say one thing (all of them within ${arriveMs / 1000} s, the pace of lively talks) and hear the answer out. They are one small process with SIP and RTP of its own. Each hears what a telephone with a fixed jitter buffer of ${jitterBufferMs} ms plays: a packet that comes later is not played (after three in a row, or when a sound begins, the buffer begins anew); the buffer’s own delay is not counted. A gap is silence that the same words do not have for a caller alone (the middle one of three), or sound that is missing; without the host, a packet is not taken for late by as much as the host of this virtual machine took of a core in the 300 ms before it (steal, /proc/stat). A step is passed when every call is answered, no gap is longer than ${audibleMs} ms and voice to voice stays at p95 ≤ ${mostLatencyMs} ms; after two in a row that are not, no more are tried. One that is not while the host gave more than ${stolenLimitPercent} % of the cores’ time to others is made again, ${mostTries} times in all at most; each is a row, and one that is passed counts. What is without the host explains, and passes nothing. CPU in percent of one core, all calls together; the event loop’s delay is the p99 of the worst second.`,
    table: [head, ...rowsOf('scripted', scripted), ...rowsOf('own', own)],
    notes: [
      'What the host took is the machine’s own count (steal, /proc/stat), of all cores: over the whole step, and within the worst 200 ms.',
      'The callers run on the same cores. A packet that may have come in time, while their own process was held up, is not taken for late.',
      `Memory per call: ${memory.app ?? '-'} MB of the app, ${memory.asterisk ?? '-'} MB of Asterisk (beyond the same process without calls, at the greatest step with scripted engines).`,
      ...failuresOf('scripted', scripted),
      ...failuresOf('own', own),
    ],
    targets: (['scripted', 'own'] as const).map((kind) => ({
      what: `calls at once, ${kind} engines`,
      limit: targets[kind],
      bound: 'least',
      unit: 'calls',
      value: callsAtOnce[kind],
    })),
    figures: { callsAtOnce, memoryPerCallMB: memory.app },
  };
}

const head = [
  'engines',
  'calls',
  'answered',
  'worst gap ms',
  'calls with a gap',
  'worst gap without the host ms',
  'calls with one',
  'voice to voice p50 ms',
  'p95 ms',
  'CPU app',
  'Asterisk',
  'callers',
  'memory app MB',
  'Asterisk MB',
  'event loop late ms',
  'packets too late',
  'callers late ms',
  'host took %',
  'at worst %',
  'passed',
];

function rowsOf(kind: Crowd['kind'], { steps }: CrowdResult): Table {
  return steps.map((step) => [
    kind,
    step.calls,
    step.answered,
    whole(step.worstGapMs),
    step.callsWithGap,
    whole(step.sparedGapMs),
    step.callsWithSparedGap,
    whole(step.p50),
    whole(step.p95),
    whole(step.cpu.app),
    whole(step.cpu.asterisk),
    whole(step.cpu.callers),
    whole(step.memoryMB.app),
    whole(step.memoryMB.asterisk),
    whole(step.loopLateP99Ms),
    step.latePackets,
    whole(step.callersLateMs),
    Math.round(10 * step.stolenPercent.mean) / 10,
    whole(step.stolenPercent.worst),
    step.passed ? 'yes' : 'no',
  ]);
}

function mostServed({ steps }: CrowdResult): number {
  return Math.max(0, ...steps.filter(({ passed }) => passed).map(({ calls }) => calls));
}

function memoryPerCallMB({
  idleMB,
  steps,
}: CrowdResult): Readonly<Record<'app' | 'asterisk', number | null>> {
  const most = steps.reduce<Step | undefined>(
    (best, step) => (step.calls > (best?.calls ?? 0) ? step : best),
    undefined,
  );
  const of = (name: 'app' | 'asterisk'): number | null =>
    most === undefined ? null : Math.round((100 * (most.memoryMB[name] - idleMB[name])) / most.calls) / 100;
  return { app: of('app'), asterisk: of('asterisk') };
}

function failuresOf(kind: Crowd['kind'], { failures }: CrowdResult): string[] {
  const counted = [...failures].map(([what, times]) => `${what} (${times})`);
  return counted.length === 0 ? [] : [`What went wrong with ${kind} engines: ${counted.join('; ')}.`];
}
