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

/** How exactly the times of a span are known: they come from a clock and not from the samples. */
const slackMs = 150;

/**
 * How long the bot took to answer, for each time that the caller made sound: from the caller's last sound to the bot's
 * first, by sample position. A sound of the bot that the caller spoke over does not count: only one that begins later.
 * @param turns when the caller spoke or pressed digits, in order.
 */
export function measureTurns(tracks: Tracks, turns: readonly Span[], options: SoundOptions = {}): TurnTime[] {
  const { sampleRateHz } = tracks;
  const callerSounds = inMs(findSounds(tracks.caller, sampleRateHz, options), sampleRateHz);
  const botSounds = inMs(findSounds(tracks.bot, sampleRateHz, options), sampleRateHz);
  return turns.map(({ fromMs, toMs }, i) => {
    const nextFromMs = turns[i + 1]?.fromMs ?? Infinity;
    const callerEndMs = callerSounds
      .filter((sound) => sound.toMs > fromMs - slackMs && sound.fromMs < Math.min(toMs + slackMs, nextFromMs))
      .at(-1)?.toMs;
    const botStartMs =
      callerEndMs === undefined
        ? undefined
        : botSounds.find((sound) => sound.fromMs >= callerEndMs && sound.fromMs < nextFromMs)?.fromMs;
    const latencyMs =
      callerEndMs === undefined || botStartMs === undefined ? undefined : botStartMs - callerEndMs;
    return { callerEndMs, botStartMs, latencyMs };
  });
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
