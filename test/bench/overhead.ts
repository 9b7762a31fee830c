import { setTimeout as delay } from 'node:timers/promises';
import { measureTurns } from '../../app/phone/turn-times.ts';
import { type Bench, holdCall } from './harness.ts';
import type { Measurement, Table } from './measurement.ts';
import { percentiles } from './statistics.ts';
import { fine, soundsOf } from './tracks.ts';

/** Short; the scripted recogniser hears "help" in anything. */
const said = { text: 'help me', voice: 'rms' } as const;
const atOnce = 2;
/** A call's packets, the detector's windows and Asterisk's ticks lie in one way to each other from its beginning to its end. */
const turns = 6;
const startEveryMs = 700;
/** The answer is long: the next turn begins when it has been heard for so long. */
const heardForMs = 700;
const silenceMs = 600;

/** A line of the app's log: the moments of a turn, in milliseconds since the answer of the call. */
interface TurnLine {
  readonly callId: string;
  readonly turn: number;
  readonly speechEnded: number;
  readonly turnOver: number;
  readonly sent: number;
  readonly started: number;
}

/** What one turn's latency consists of. */
interface Parts {
  readonly silence: number;
  readonly added: number;
  readonly app: number;
  readonly asterisk: number;
}

/** What Parley, Asterisk and the road add to the silence that was waited for: with engines that answer at once. */
export async function measureOverhead(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('scripted');
  const audio = await bench.voice(said.text, said.voice);
  const calls = quick ? 2 : 8;
  const logged = (await bot.log()).length;
  const hold = async (at: number): Promise<(number | undefined)[]> => {
    // One after the other, so that the app's log has them in this order.
    await delay((at % atOnce) * startEveryMs, undefined, { signal });
    const { recording } = await holdCall(bot.phone, { signal }, async (call) => {
      await call.listen({ silenceMs, signal });
      for (let turn = 0; turn < turns; turn++) {
        await call.play(audio, { signal });
        await call.untilSpeaking({ forMs: heardForMs, signal });
      }
    });
    if (recording === undefined) return [];
    return measureTurns(recording, recording.turns, fine).map(({ latencyMs }) => latencyMs);
  };
  const latencies: (number | undefined)[][] = [];
  while (latencies.length < calls) {
    await bench.calm();
    const next = Array.from({ length: atOnce }, (_, at) => hold(latencies.length + at));
    latencies.push(...(await Promise.all(next)));
  }
  const log = (await bot.log()).slice(logged);
  const ids = log.filter(({ message }) => message === 'a call').map(({ callId }) => callId);
  const lines = log.filter(({ message }) => message === 'a turn') as unknown as TurnLine[];
  const measured = latencies.flatMap((ofCall, at) =>
    ofCall.flatMap((latencyMs, turn): Parts[] => {
      const line = lines.find((one) => one.callId === ids[at] && one.turn === turn + 1);
      if (line === undefined || latencyMs === undefined) return [];
      const silence = line.turnOver - line.speechEnded;
      const app = line.sent - line.turnOver;
      return [{ silence, added: latencyMs - silence, app, asterisk: line.started - line.sent }];
    }),
  );
  const roadMs = await measureRoad(bench);
  const added = percentiles(measured.map((parts) => parts.added));
  const road = percentiles(roadMs);
  const row = (what: string, values: readonly number[]): Table[number] => {
    const { p50, p95, p99 } = percentiles(values);
    return [what, p50, p95, p99, values.length];
  };
  const rest = measured.map((parts) => parts.added - parts.app - parts.asterisk);
  return {
    title: 'What Parley itself adds',
    how: `Voice to voice with engines that answer in 0 ms, less the silence that the app judged before it took the turn (its own trace: \`turnOver - speechEnded\`). ${calls} calls, ${atOnce} at once, ${turns} turns each.`,
    table: [
      ['', 'p50 ms', 'p95 ms', 'p99 ms', 'turns'],
      row(
        'added in all',
        measured.map((parts) => parts.added),
      ),
      row(
        'of it: the app, from its decision to the first sound sent',
        measured.map(({ app }) => app),
      ),
      row(
        'of it: until Asterisk takes that sound',
        measured.map(({ asterisk }) => asterisk),
      ),
      row('of it: the rest, which is the road both ways and the voice detector', rest),
      row(
        'the silence that was judged, not part of it',
        measured.map(({ silence }) => silence),
      ),
      row('for comparison: echo test of the dialplan, without the app', roadMs),
    ],
    notes: [
      `Turns that could not be measured: ${calls * turns - measured.length} of ${calls * turns}.`,
      'The app dates the caller’s end by its voice detector, the recording by its level (-50 dBFS): where a word dies away slowly the two differ, by about the same in every turn.',
      'What limits it: Asterisk takes what is sent at its own ticks of 20 ms, and hears and is heard in packets of 20 ms; how these lie to each other is chance in each call.',
    ],
    targets: [
      { what: 'added by Parley itself, p95', limit: 40, bound: 'most', unit: 'ms', value: added.p95 },
    ],
    figures: { overheadMs: { p50: added.p50, p95: added.p95 }, roadMs: { p50: road.p50, p95: road.p95 } },
  };
}

/** From a caller's sound to its return in the echo test: the way to Asterisk and back. */
async function measureRoad(bench: Bench): Promise<number[]> {
  const { signal, quick } = bench;
  const bot = await bench.bot('scripted');
  const audio = await bench.voice(said.text, said.voice);
  const { recording } = await holdCall(bot.phone, { number: '600', signal }, async (call) => {
    for (let turn = 0; turn < (quick ? 3 : 10); turn++) {
      await call.play(audio, { signal });
      await call.wait(silenceMs, { signal });
    }
  });
  if (recording === undefined) return [];
  const returned = soundsOf(recording, 'bot');
  return soundsOf(recording, 'caller').flatMap(({ fromMs }) => {
    const back = returned.find((sound) => sound.fromMs >= fromMs);
    return back === undefined ? [] : [back.fromMs - fromMs];
  });
}
