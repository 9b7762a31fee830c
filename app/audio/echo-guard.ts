import { rmsDbfs } from './level.ts';
import type { Pcm } from './pcm.ts';

/** How long ago something may have been said that comes back now: network, jitter buffer, the room. */
const tailMs = 600;
const windowMs = 20;
/** Playing goes on for so long after the last that was told of it; it is told every 200 ms. */
const untoldMs = 240;
/** A telephone's buffer holds no more than this, or throws it away. */
const mostBehindMs = 1_000;
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
 * much it loses on the way. It does not cancel the echo: it says below which level a sound need not be the caller. Times
 * are milliseconds of one clock that never goes back.
 */
export class EchoGuard {
  #couplingDb = firstCouplingDb;
  /** What was said before and may still come back, and what is said now. */
  #before = new Said();
  #now = new Said();
  /** How far the telephone is behind Asterisk, as of the last that was told of what is played. */
  #behindMs = 0;
  #told = { playedMs: 0, atMs: 0 };

  /** Something new is said; nothing of it has been heard yet. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Said();
    this.#told = { ...this.#told, playedMs: 0 };
  }

  /** What is sent, in order; it is played later. */
  sent(samples: Pcm, sampleRateHz: number): void {
    const window = Math.round((sampleRateHz * windowMs) / 1000);
    for (let at = 0; at < samples.length; at += window)
      this.#now.levels.push(rmsDbfs(samples.subarray(at, at + window)));
  }

  /**
   * So much of it has been played, from 0 ms on. A busy machine plays with holes: it is this, and not the clock alone,
   * that tells what may come back. What was late and then played faster than it sounds waits in the telephone's buffer,
   * and comes back as much later.
   */
  played(playedMs: number, nowMs: number): void {
    this.#now.reached.push({ playedMs, atMs: nowMs });
    const more = playedMs - this.#told.playedMs - (nowMs - this.#told.atMs);
    this.#behindMs = Math.max(0, Math.min(mostBehindMs, this.#behindMs + more));
    this.#told = { playedMs, atMs: nowMs };
  }

  /** It was said to its end, or was stopped. */
  ended(nowMs: number): void {
    this.#now.endedAtMs = nowMs;
  }

  /**
   * Level that must be exceeded by the caller; -Infinity when nothing can come back.
   * @param lateMs by how much what comes now from the caller is later than usual.
   */
  thresholdDbfs(nowMs: number, lateMs = 0): number {
    return this.#loudestDbfs(nowMs, lateMs) + this.#couplingDb + marginDb;
  }

  /** A piece of what comes from the caller's side while the caller is not taken to speak. */
  heard(levelDbfs: number, nowMs: number, lateMs = 0): void {
    const loudest = this.#loudestDbfs(nowMs, lateMs);
    if (loudest < quietestDbfs) return;
    const coupling = levelDbfs - loudest;
    const step = coupling > this.#couplingDb ? followsDb.up : -followsDb.down;
    const { least, most } = couplingRangeDb;
    this.#couplingDb = Math.max(least, Math.min(most, this.#couplingDb + step));
  }

  /** Of what was said within the time in which it may come back. */
  #loudestDbfs(nowMs: number, lateMs: number): number {
    const sinceMs = nowMs - lateMs - tailMs - this.#behindMs;
    return Math.max(this.#before.loudestDbfs(sinceMs, nowMs), this.#now.loudestDbfs(sinceMs, nowMs));
  }
}

class Said {
  /** Level of each window. */
  readonly levels: number[] = [];
  /** What had been played when, in order. */
  readonly reached: { readonly playedMs: number; readonly atMs: number }[] = [];
  endedAtMs = Infinity;

  /** Of what was played between two moments; -Infinity for nothing. */
  loudestDbfs(sinceMs: number, untilMs: number): number {
    const startedAtMs = this.reached[0]?.atMs ?? Infinity;
    if (untilMs < startedAtMs || sinceMs > this.endedAtMs) return -Infinity;
    const first = Math.floor(this.#playedAt(Math.max(sinceMs, startedAtMs)) / windowMs);
    const last = Math.floor(this.#playedAt(Math.min(untilMs, this.endedAtMs)) / windowMs);
    let loudest = -Infinity;
    for (let at = first; at <= last; at++) loudest = Math.max(loudest, this.levels[at] ?? -Infinity);
    return loudest;
  }

  /** How much of it had been played at a moment after its beginning, in milliseconds. */
  #playedAt(atMs: number): number {
    const last = this.reached.findLast((told) => told.atMs <= atMs);
    return last === undefined ? 0 : last.playedMs + Math.min(untoldMs, atMs - last.atMs);
  }
}
