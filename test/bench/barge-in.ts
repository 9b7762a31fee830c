import type { CallRecording } from '../../app/phone/recording.ts';
import { type Bench, holdCall, inLanes } from './harness.ts';
import { callerVoices } from './commands.ts';
import type { Measurement } from './measurement.ts';
import { percentiles } from './statistics.ts';
import { callerSpans, soundsOf } from './tracks.ts';

/** Long enough that the bot, once silent, stays so; its answer lasts ten seconds, so that it can be interrupted in turn. */
const interruption = 'please tell me what you can do for me';
/** How long the bot has been speaking then. */
const momentsMs = [400, 900, 1_600, 2_700];
const atOnce = 2;
/** The bot speaks on over a pause between two sentences. */
const betweenSentencesMs = 450;
/** Who is still spoken to after so long was not heard. */
const missedMs = 1_000;

/** From the caller's first sound to the bot's silence, at several moments of what the bot says. */
export async function measureBargeIn(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('own');
  const voices = quick ? callerVoices.slice(0, 2) : [...callerVoices, ...callerVoices];
  const said = await Promise.all(voices.map((voice) => bench.voice(interruption, voice)));
  const calls = await inLanes(said, atOnce, async (audio, at) => {
    const { recording } = await holdCall(bot.phone, { signal }, async (call) => {
      for (const [i] of momentsMs.entries()) {
        await call.untilSpeaking({ forMs: momentsMs[(i + at) % momentsMs.length], signal });
        await call.play(audio, { signal });
      }
      await call.listen({ silenceMs: 0, signal });
    });
    return recording === undefined ? [] : silentAfterMs(recording);
  });
  const all = calls.flat();
  const silencedMs = all.filter((ms) => ms <= missedMs);
  const missed = all.length - silencedMs.length;
  bench.progress(`  ${all.map((ms) => ms.toFixed(0)).join(' ')} ms`);
  const { p50, p95, p99 } = percentiles(silencedMs);
  return {
    title: 'Barge-in',
    how: `From the caller’s first sound to the bot’s last, in the phone’s recording; own engines, ${voices.length} calls, ${atOnce} at once, ${callerVoices.length} voices, ${momentsMs.join(', ')} ms after the bot began (greeting and answers).`,
    table: [
      ['', 'p50 ms', 'p95 ms', 'p99 ms', 'interruptions', 'missed (1 s)', 'bot was not speaking'],
      [
        'silence on the phone',
        p50,
        p95,
        p99,
        all.length,
        missed,
        voices.length * momentsMs.length - all.length,
      ],
    ],
    notes: [],
    targets: [
      { what: 'barge-in, p50', limit: 150, bound: 'most', unit: 'ms', value: p50 },
      { what: 'barge-in, p95', limit: 250, bound: 'most', unit: 'ms', value: p95 },
      {
        what: 'missed interruptions',
        limit: 0,
        bound: 'most',
        unit: '',
        value: all.length > 0 ? missed : null,
      },
    ],
    figures: { bargeInMs: { p50, p95 }, missedInterruptions: missed },
  };
}

/** For each turn that began while the bot spoke. */
function silentAfterMs(recording: CallRecording): number[] {
  const spoken = soundsOf(recording, 'bot', { joinMs: betweenSentencesMs });
  return callerSpans(recording).flatMap((span) => {
    if (span === undefined) return [];
    const interrupted = spoken.findLast(({ fromMs, toMs }) => fromMs <= span.fromMs && toMs > span.fromMs);
    return interrupted === undefined ? [] : [interrupted.toMs - span.fromMs];
  });
}
