import { measureTurns } from '../../app/phone/turn-times.ts';
import { type Bench, holdCall, inLanes } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { percentiles, whole } from './statistics.ts';
import { fine, soundsOf } from './tracks.ts';

/** Short, so that many fit into a call; the scripted recogniser hears "help" in anything. */
const said = { text: 'help me', voice: 'rms' } as const;
const silenceMs = 600;
const atOnce = 4;

/** A line of the app's log that tells the moments of a turn. */
interface TurnLine {
  readonly callId: string;
  readonly turn: number;
  readonly speechEnded: number;
  readonly turnOver: number;
}

/** What Parley, Asterisk and the road add to the silence that was waited for: engines that answer at once. */
export async function measureOverhead(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('scripted');
  const audio = await bench.voice(said.text, said.voice);
  const turns = quick ? 3 : 8;
  const rounds = quick ? 1 : 2;
  const addedMs: number[] = [];
  const silencesMs: number[] = [];
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    const latencies = await inLanes(Array.from({ length: atOnce }), atOnce, async (_job, at) => {
      // One after the other, so that the app's log has them in this order.
      await new Promise((resolve) => setTimeout(resolve, at * 400));
      const { recording } = await holdCall(bot.phone, { signal }, async (call) => {
        await call.listen({ silenceMs, signal });
        for (let turn = 0; turn < turns; turn++) {
          await call.play(audio, { signal });
          await call.listen({ silenceMs, signal });
        }
      });
      if (recording === undefined) return [];
      return measureTurns(recording, recording.turns, fine).map(({ latencyMs }) => latencyMs);
    });
    const log = await bot.log();
    const calls = log.filter(({ message }) => message === 'a call').slice(round * atOnce);
    const lines = log.filter(({ message }) => message === 'a turn') as unknown as TurnLine[];
    for (const [at, ofCall] of latencies.entries()) {
      for (const [turn, latencyMs] of ofCall.entries()) {
        const line = lines.find((one) => one.callId === calls[at]?.['callId'] && one.turn === turn + 1);
        if (line === undefined || latencyMs === undefined) continue;
        silencesMs.push(line.turnOver - line.speechEnded);
        addedMs.push(latencyMs - (line.turnOver - line.speechEnded));
      }
    }
    failed += atOnce * turns;
  }
  failed -= addedMs.length;
  const roadMs = await measureRoad(bench);
  const added = percentiles(addedMs);
  const road = percentiles(roadMs);
  const silence = percentiles(silencesMs);
  return {
    title: 'What Parley itself adds',
    how: `Voice to voice with engines that answer in 0 ms, less the silence that the app judged before it took the turn (its own trace: \`turnOver - speechEnded\`). ${rounds * atOnce} calls, ${atOnce} at once. The road alone is the echo test: from the caller’s sound to its return, without the app.`,
    table: [
      ['', 'p50 ms', 'p95 ms', 'p99 ms', 'count', 'not measured'],
      ['added by Parley, Asterisk and the road', added.p50, added.p95, added.p99, addedMs.length, failed],
      ['the silence that was judged', silence.p50, silence.p95, silence.p99, silencesMs.length, null],
      ['the road alone (echo test)', road.p50, road.p95, road.p99, roadMs.length, null],
    ],
    notes: [
      'The app dates the caller’s end by its voice detector, the recording by its level (-50 dBFS): where a word dies away slowly the two differ, by the same few frames in every turn.',
      `Parley’s own part, the whole less the road, is ${whole((added.p50 ?? 0) - (road.p50 ?? 0))} ms at p50.`,
    ],
    targets: [
      { what: 'added by Parley itself, p95', limit: 40, bound: 'most', unit: 'ms', value: added.p95 },
    ],
    figures: { overheadMs: { p50: added.p50, p95: added.p95 }, roadMs: { p50: road.p50, p95: road.p95 } },
  };
}

/** The echo test of the dialplan: each sound of the caller comes back as it is. */
async function measureRoad(bench: Bench): Promise<number[]> {
  const { signal, quick } = bench;
  const bot = await bench.bot('scripted');
  const audio = await bench.voice(said.text, said.voice);
  const { recording } = await holdCall(bot.phone, { number: '600', signal }, async (call) => {
    for (let turn = 0; turn < (quick ? 5 : 20); turn++) {
      await call.play(audio, { signal });
      await call.wait(500, { signal });
    }
  });
  if (recording === undefined) return [];
  const returned = soundsOf(recording, 'bot');
  return soundsOf(recording, 'caller').flatMap(({ fromMs }) => {
    const back = returned.find((sound) => sound.fromMs >= fromMs);
    return back === undefined ? [] : [back.fromMs - fromMs];
  });
}
