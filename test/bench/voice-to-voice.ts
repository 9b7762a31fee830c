import type { Audio } from '../../app/audio/pcm.ts';
import type { Phone } from '../../app/phone/phone.ts';
import { measureTurns } from '../../app/phone/turn-times.ts';
import { commandAt } from './commands.ts';
import { type Bench, holdCall } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { startOrigin } from './origin.ts';
import { percentiles } from './statistics.ts';
import { fine } from './tracks.ts';

const kinds = ['streamed', 'recorded', 'origin'] as const;
type Kind = (typeof kinds)[number];

interface Result {
  readonly latenciesMs: number[];
  calls: number;
  asked: number;
  failed: number;
}

/** Calls in this order, each with so many turns. */
function planOf(quick: boolean): readonly (readonly [kind: Kind, turns: number])[] {
  if (quick)
    return [
      ['streamed', 5],
      ['recorded', 2],
      ['origin', 1],
    ];
  return [
    ['streamed', 9],
    ['recorded', 6],
    ['origin', 2],
    ['streamed', 9],
    ['recorded', 6],
    ['origin', 2],
    ['streamed', 9],
    ['streamed', 9],
  ];
}

/** The bot pauses for up to 450 ms between two sentences. */
const silenceMs = 600;
const answerDeadlineMs = 25_000;

/** From the caller's last sound to the bot's first, with the own engines, one call at a time. */
export async function measureVoiceToVoice(bench: Bench): Promise<Measurement> {
  const { signal } = bench;
  const [own, recorded, origin] = await Promise.all([
    bench.bot('own'),
    bench.bot('recorded'),
    startOrigin(bench.owner, bench.services),
  ]);
  const phones: Readonly<Record<Kind, Phone>> = { streamed: own.phone, recorded: recorded.phone, origin };
  const fresh = (): Result => ({ latenciesMs: [], calls: 0, asked: 0, failed: 0 });
  const results: Readonly<Record<Kind, Result>> = { streamed: fresh(), recorded: fresh(), origin: fresh() };

  for (const [kind, turns] of planOf(bench.quick)) {
    const result = results[kind];
    const asked = Array.from({ length: turns }, (_, at) => commandAt(result.asked + at));
    const said = await Promise.all(asked.map(({ text, voice }) => bench.voice(text, voice)));
    await bench.calm();
    const latencies = await callLatencies(phones[kind], said, signal);
    result.calls += 1;
    result.asked += turns;
    result.failed += turns - latencies.length;
    result.latenciesMs.push(...latencies);
    bench.progress(`  ${kind}: ${latencies.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  }

  const figures = Object.fromEntries(kinds.map((kind) => [kind, percentiles(results[kind].latenciesMs)]));
  const streamed = percentiles(results.streamed.latenciesMs);
  return {
    title: 'Voice to voice',
    how: 'From the caller’s last sound to the bot’s first, own engines, one call at a time, the three ways by turns; four voices ask for the time and the weather, have it said again, and take a question back. `origin` is the flow of the proof of concept: ring for 3 s, record for 8 s, then recognise, understand, answer, synthesise and play one after the other.',
    table: [
      ['', 'p50 ms', 'p95 ms', 'p99 ms', 'calls', 'turns', 'not answered'],
      ...kinds.map((kind) => {
        const { p50, p95, p99 } = percentiles(results[kind].latenciesMs);
        const { calls, asked, failed } = results[kind];
        return [kind, p50, p95, p99, calls, asked, failed];
      }),
    ],
    notes: [],
    targets: [
      { what: 'voice to voice, streamed, p50', limit: 350, bound: 'most', unit: 'ms', value: streamed.p50 },
      { what: 'voice to voice, streamed, p95', limit: 600, bound: 'most', unit: 'ms', value: streamed.p95 },
    ],
    figures: { voiceToVoiceMs: figures },
  };
}

/** Of the turns that were answered. */
async function callLatencies(phone: Phone, said: readonly Audio[], signal: AbortSignal): Promise<number[]> {
  const { recording } = await holdCall(phone, { signal }, async (call) => {
    await call.listen({ silenceMs, signal });
    for (const audio of said) {
      await call.play(audio, { signal });
      await call.listen({ silenceMs, timeoutMs: answerDeadlineMs, signal });
    }
  });
  if (recording === undefined) return [];
  return measureTurns(recording, recording.turns, fine).flatMap(({ latencyMs }) => latencyMs ?? []);
}
