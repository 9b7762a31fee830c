import type { CallRecording } from '../../app/phone/recording.ts';
import type { Span } from '../../app/phone/turn-times.ts';
import { soundsOf } from './tracks.ts';

/** A shorter silence is not told from the softest moments of speech. */
const shortestMs = 30;

/** What ends so shortly before the recording may have gone on. */
const endingMs = 200;

/** How something fixed that the bot says is divided by its own pauses. */
export interface Pattern {
  readonly spanMs: number;
  readonly pausesMs: readonly number[];
  /** It had not ended yet when the recording ended: how long it takes is not known. */
  readonly cutOff: boolean;
}

/** Of what the bot says between two times; undefined when it says nothing. */
export function patternOf(recording: CallRecording, within: Span): Pattern | undefined {
  const sounds = soundsOf(recording, 'bot', { joinMs: shortestMs }).filter(
    ({ fromMs, toMs }) => fromMs >= within.fromMs && toMs <= within.toMs,
  );
  const [first, last] = [sounds[0], sounds.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const pausesMs = sounds.slice(1).map(({ fromMs }, at) => fromMs - (sounds[at]?.toMs ?? fromMs));
  const endMs = (recording.bot.length / recording.sampleRateHz) * 1000;
  return { spanMs: last.toMs - first.fromMs, pausesMs, cutOff: endMs - last.toMs < endingMs };
}

/**
 * The longest silence that does not belong to what was said, or the sound that is missing, in milliseconds: compared
 * with the same words as a caller heard them who was alone. Where the pauses are as many, each is compared with its own;
 * otherwise the whole length tells.
 */
export function worstGapMs(heard: Pattern, alone: Pattern): number {
  const lengthMs = Math.abs(heard.spanMs - alone.spanMs);
  if (heard.pausesMs.length !== alone.pausesMs.length) return lengthMs;
  const longer = heard.pausesMs.map((ms, at) => ms - (alone.pausesMs[at] ?? 0));
  return Math.max(0, ...longer, alone.spanMs - heard.spanMs);
}
