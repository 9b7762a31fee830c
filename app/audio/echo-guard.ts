import { rmsDbfs } from './level.ts';
import type { Pcm } from './pcm.ts';

/** How long ago something may have been said that comes back now: network, jitter buffer, the room. */
const tailMs = 600;
const windowMs = 20;
/** How much louder than what is expected to come back a caller must be. */
const marginDb = 6;
/** What is taken for the echo's loss until it is known, and the limits of what is believed. */
const firstCouplingDb = -22;
const couplingRangeDb = { least: -60, most: -12 };
/** Follows the level that 19 of 20 pieces stay under: as far up for one above it as down for ten below. */
const followsDb = { up: 0.4, down: 0.04 };
/** Softer speech of the bot tells nothing about its echo. */
const quietestDbfs = -45;

/**
 * Knows how loud the bot's own voice may come back from a telephone whose microphone hears its loudspeaker, and learns how
 * much it loses on the way. It does not cancel the echo: it says below which level a sound need not be the caller.
 */
export class EchoGuard {
  #couplingDb = firstCouplingDb;
  /** What was said before and may still come back, and what is said now. */
  #before: Said = nothing();
  #now: Said = nothing();

  /** Something new is said; nothing of it has been heard yet. */
  begin(): void {
    this.#before = this.#now;
    this.#now = nothing();
  }

  /** What is sent, in order; it is played later. */
  sent(samples: Pcm, sampleRateHz: number): void {
    const window = Math.round((sampleRateHz * windowMs) / 1000);
    for (let at = 0; at < samples.length; at += window)
      this.#now.levels.push(rmsDbfs(samples.subarray(at, at + window)));
  }

  /** The caller begins to hear it. */
  started(nowMs: number): void {
    this.#now.startedAtMs = nowMs;
  }

  /** It was said to its end, or was stopped. */
  ended(nowMs: number): void {
    this.#now.endedAtMs = nowMs;
  }

  /** Level that must be exceeded by the caller; -Infinity when nothing can come back. */
  thresholdDbfs(nowMs: number): number {
    const loudest = this.#loudestDbfs(nowMs);
    return loudest + this.#couplingDb + marginDb;
  }

  /** A piece of what comes from the caller's side while the caller is not taken to speak. */
  heard(levelDbfs: number, nowMs: number): void {
    const loudest = this.#loudestDbfs(nowMs);
    if (loudest < quietestDbfs) return;
    const coupling = levelDbfs - loudest;
    const step = coupling > this.#couplingDb ? followsDb.up : -followsDb.down;
    const { least, most } = couplingRangeDb;
    this.#couplingDb = Math.max(least, Math.min(most, this.#couplingDb + step));
  }

  /** Of what was said within the time in which it may come back. */
  #loudestDbfs(nowMs: number): number {
    return Math.max(loudestOf(this.#before, nowMs), loudestOf(this.#now, nowMs));
  }
}

interface Said {
  /** Level of each window. */
  readonly levels: number[];
  startedAtMs: number;
  endedAtMs: number;
}

const nothing = (): Said => ({ levels: [], startedAtMs: Infinity, endedAtMs: Infinity });

function loudestOf({ levels, startedAtMs, endedAtMs }: Said, nowMs: number): number {
  if (nowMs < startedAtMs || nowMs > endedAtMs + tailMs) return -Infinity;
  const first = Math.max(0, Math.floor((nowMs - tailMs - startedAtMs) / windowMs));
  const last = Math.floor((Math.min(nowMs, endedAtMs) - startedAtMs) / windowMs);
  let loudest = -Infinity;
  for (let at = first; at <= last; at++) loudest = Math.max(loudest, levels[at] ?? -Infinity);
  return loudest;
}
