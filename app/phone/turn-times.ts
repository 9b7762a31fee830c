import { findSounds, type Sound, type SoundOptions } from './sounds.ts';
import type { Pcm } from '../audio/pcm.ts';

/** The two sides of a call, sample-aligned. */
export interface Tracks {
  readonly caller: Pcm;
  readonly bot: Pcm;
  readonly sampleRateHz: number;
}

/** Part of a call, in milliseconds of its recording. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TurnTime {
  /** The caller's last sound inside the span; undefined when there was none. */
  readonly callerEndMs: number | undefined;
  /** The bot's first sound that began after it and before the next span; undefined when there was none. */
  readonly botStartMs: number | undefined;
  /** The time between the two. */
  readonly latencyMs: number | undefined;
}

/**
 * How long the bot took to answer, for each time that the caller made sound: from the caller's last sound to the bot's
 * first, by sample position. A sound of the bot that the caller spoke over does not count: only one that begins later.
 * @param turns when the caller spoke or pressed digits, in order. These times come from a clock, and the recording of a
 * busy machine may be behind it; so they only say which sound belongs to which turn: the nearest one.
 */
export function measureTurns(tracks: Tracks, turns: readonly Span[], options: SoundOptions = {}): TurnTime[] {
  const { sampleRateHz } = tracks;
  const callerSounds = inMs(findSounds(tracks.caller, sampleRateHz, options), sampleRateHz);
  const botSounds = inMs(findSounds(tracks.bot, sampleRateHz, options), sampleRateHz);
  const soundsOf = turns.map((): Span[] => []);
  for (const sound of callerSounds) soundsOf[nearest(turns, sound)]?.push(sound);
  return turns.map((_, i) => {
    const callerEndMs = soundsOf[i]?.at(-1)?.toMs;
    if (callerEndMs === undefined)
      return { callerEndMs: undefined, botStartMs: undefined, latencyMs: undefined };
    const nextFromMs = soundsOf[i + 1]?.[0]?.fromMs ?? turns[i + 1]?.fromMs ?? Infinity;
    const botStartMs = botSounds.find(({ fromMs }) => fromMs >= callerEndMs && fromMs < nextFromMs)?.fromMs;
    const latencyMs = botStartMs === undefined ? undefined : botStartMs - callerEndMs;
    return { callerEndMs, botStartMs, latencyMs };
  });
}

/** Index of the turn that a sound overlaps most or lies next to; -1 without turns. */
function nearest(turns: readonly Span[], sound: Span): number {
  const distances = turns.map(
    (turn) => Math.max(turn.fromMs, sound.fromMs) - Math.min(turn.toMs, sound.toMs),
  );
  return distances.indexOf(Math.min(...distances));
}

/** When the bot's first sound began, in milliseconds of the recording; undefined when it never made one. */
export function firstBotSoundMs(tracks: Tracks, options: SoundOptions = {}): number | undefined {
  return inMs(findSounds(tracks.bot, tracks.sampleRateHz, options), tracks.sampleRateHz)[0]?.fromMs;
}

function inMs(sounds: readonly Sound[], sampleRateHz: number): Span[] {
  return sounds.map(({ from, to }) => ({
    fromMs: (from / sampleRateHz) * 1000,
    toMs: (to / sampleRateHz) * 1000,
  }));
}
