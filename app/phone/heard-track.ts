import { rmsDbfs } from '../audio/level.ts';
import type { Audio, Pcm } from '../audio/pcm.ts';
import { soundThresholdDbfs } from './sounds.ts';

/** One unbroken run of frames. */
interface Run {
  /** When its first sample was heard, by the clock; see `push`. */
  startMs: number;
  readonly frames: Pcm[];
  /** Whether each frame holds sound. */
  readonly sounds: boolean[];
  lengthMs: number;
}

export interface HeardTrackOptions {
  readonly sampleRateHz: number;
  /** What is older is forgotten. */
  readonly keepMs?: number;
}

/** A pause in the flow of frames that is longer than this begins a new run; up to it, frames are merely late. */
const lateMs = 120;

/**
 * What a phone hears, on the time axis of a clock. Frames should come every 20 ms, but a busy machine leaves some out,
 * and counting samples would then lose time: runs of frames are kept with the time at which each began. Frames that
 * only arrive late, and then many at once, are put back where they belong.
 */
export class HeardTrack {
  readonly #sampleRateHz: number;
  readonly #keepMs: number;
  readonly #runs: Run[] = [];
  readonly #listeners = new Set<() => void>();
  #forgottenMs = 0;

  constructor(options: HeardTrackOptions) {
    this.#sampleRateHz = options.sampleRateHz;
    this.#keepMs = options.keepMs ?? 120_000;
  }

  /** @param atMs when the frame arrived, by a clock that never goes back. */
  push(frame: Pcm, atMs: number): void {
    const frameMs = (frame.length / this.#sampleRateHz) * 1000;
    const beganMs = atMs - frameMs;
    const last = this.#runs.at(-1);
    let run = last;
    if (run === undefined || beganMs - endOf(run) > lateMs) {
      run = {
        startMs: Math.max(beganMs, last ? endOf(last) : -Infinity),
        frames: [],
        sounds: [],
        lengthMs: 0,
      };
      this.#runs.push(run);
    } else {
      // The frame that was held up least on its way tells best when the run began.
      const before = this.#runs.at(-2);
      const earliest = before ? endOf(before) : -Infinity;
      run.startMs = Math.max(earliest, Math.min(run.startMs, beganMs - run.lengthMs));
    }
    run.frames.push(frame);
    run.sounds.push(rmsDbfs(frame) >= soundThresholdDbfs);
    run.lengthMs += frameMs;
    this.#forget(atMs - this.#keepMs);
    for (const listener of this.#listeners) listener();
  }

  /** Called after each frame. @returns the way to stop. */
  onFrame(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Up to when it has heard, sound or silence; undefined before the first frame. */
  get endMs(): number | undefined {
    const last = this.#runs.at(-1);
    return last && endOf(last);
  }

  /** When sound was last heard after `afterMs`; undefined when there was none. A single short frame is a click, no sound. */
  lastSoundMs(afterMs: number): number | undefined {
    for (const run of this.#runs.toReversed()) {
      if (endOf(run) <= afterMs) return undefined;
      let endMs = endOf(run);
      for (let i = run.frames.length - 1; i >= 0 && endMs > afterMs; i--) {
        if (run.sounds[i] && (run.sounds[i - 1] ?? false)) return endMs;
        endMs -= this.#lengthMs(run.frames[i]);
      }
    }
    return undefined;
  }

  /** What was heard between two times, silence where nothing came. */
  slice(fromMs: number, toMs: number): Audio {
    const sampleRateHz = this.#sampleRateHz;
    const at = (ms: number): number => Math.round(((ms - fromMs) / 1000) * sampleRateHz);
    const samples = new Int16Array(Math.max(0, at(toMs)));
    for (const run of this.#runs) {
      if (endOf(run) <= fromMs || run.startMs >= toMs) continue;
      let position = at(run.startMs);
      for (const frame of run.frames) {
        const from = Math.max(0, -position);
        const to = Math.min(frame.length, samples.length - position);
        if (from < to) samples.set(frame.subarray(from, to), position + from);
        position += frame.length;
      }
    }
    return { samples, sampleRateHz };
  }

  /** How much was forgotten because it was too old. */
  get forgottenMs(): number {
    return this.#forgottenMs;
  }

  #forget(beforeMs: number): void {
    for (let run = this.#runs[0]; run && run.startMs < beforeMs; run = this.#runs[0]) {
      const frameMs = this.#lengthMs(run.frames.shift());
      run.sounds.shift();
      run.startMs += frameMs;
      run.lengthMs -= frameMs;
      this.#forgottenMs += frameMs;
      if (run.frames.length === 0) this.#runs.shift();
    }
  }

  #lengthMs(frame: Pcm | undefined): number {
    return ((frame?.length ?? 0) / this.#sampleRateHz) * 1000;
  }
}

function endOf(run: Run): number {
  return run.startMs + run.lengthMs;
}
