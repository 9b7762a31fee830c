import { findSounds, type SoundOptions } from '../../app/phone/sounds.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import type { Span } from '../../app/phone/turn-times.ts';

/** Two milliseconds: with the usual ten, an end counts five too late as a rule and a beginning five too early. */
export const fine: SoundOptions = { windowMs: 2 };

/** Where one side of a call is heard, in milliseconds of its recording. */
export function soundsOf(
  recording: CallRecording,
  side: 'caller' | 'bot',
  options: SoundOptions = {},
): Span[] {
  const { sampleRateHz } = recording;
  return findSounds(recording[side], sampleRateHz, { ...fine, ...options }).map(({ from, to }) => ({
    fromMs: (from * 1000) / sampleRateHz,
    toMs: (to * 1000) / sampleRateHz,
  }));
}

/** A sound belongs to a turn that lies no further away than this by the clock. */
const nearMs = 600;

/** From the caller's first sound to the last, for each turn; undefined where nothing was heard of it. */
export function callerSpans(recording: CallRecording): (Span | undefined)[] {
  const sounds = soundsOf(recording, 'caller');
  return recording.turns.map(({ fromMs, toMs }) => {
    const own = sounds.filter((sound) => sound.toMs > fromMs - nearMs && sound.fromMs < toMs + nearMs);
    const [first, last] = [own[0], own.at(-1)];
    return first && last && { fromMs: first.fromMs, toMs: last.toMs };
  });
}
