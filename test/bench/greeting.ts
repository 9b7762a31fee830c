import { firstBotSoundMs } from '../../app/phone/turn-times.ts';
import { type Bench, holdCall } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { percentiles } from './statistics.ts';
import { fine } from './tracks.ts';

const hearMs = 100;

/** From the INVITE to the first sound of the greeting, one call at a time. */
export async function measureGreeting(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('own');
  const calls = quick ? 6 : 20;
  const greetedMs: number[] = [];
  for (let at = 0; at < calls; at++) {
    const { recording } = await holdCall(bot.phone, { signal }, async (call) => {
      await call.untilSpeaking({ forMs: hearMs, signal });
    });
    const soundMs = recording && firstBotSoundMs(recording, fine);
    if (recording !== undefined && soundMs !== undefined) greetedMs.push(recording.startMs + soundMs);
  }
  const { p50, p95, p99 } = percentiles(greetedMs);
  bench.progress(`  ${greetedMs.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  return {
    title: 'Greeting',
    how: 'From the INVITE (the moment at which the phone is told to call) to the first sound of the greeting in its recording, one call at a time; the phone does not ring first.',
    table: [
      ['', 'p50 ms', 'p95 ms', 'p99 ms', 'calls', 'not greeted'],
      ['first sound', p50, p95, p99, calls, calls - greetedMs.length],
    ],
    notes: [],
    targets: [{ what: 'greeting, p95', limit: 300, bound: 'most', unit: 'ms', value: p95 }],
    figures: { greetingMs: { p50, p95 } },
  };
}
