import path from 'node:path';
import type { Audio, Pcm } from '../audio/pcm.ts';
import { resample } from '../audio/resample.ts';
import type { ParleyError } from '../errors.ts';
import { GrowingWav } from './growing-wav.ts';

export interface VoiceRecorderOptions {
  /** The recordings' folder. */
  readonly dir: string;
  readonly callId: string;
  /** Told once when the recording is given up; the call goes on. */
  readonly onLost: (error: ParleyError) => void;
  /** By the clock of `performance.now()`; for tests. */
  readonly nowMs?: () => number;
}

/** As the lines carry it. */
const sampleRateHz = 16_000;
const samplesPerMs = sampleRateHz / 1000;
/** What comes a little early or late follows what came before: networks and timers are not exact to the millisecond. */
const toleranceSamples = 200 * samplesPerMs;
/** Written at once at least, and kept for the other voice at most. */
const leastSamples = 500 * samplesPerMs;
const mostSamples = 300_000 * samplesPerMs;

/** One voice, on its way to the file. */
interface Track {
  readonly pieces: { readonly at: number; readonly samples: Pcm }[];
  /** Where what comes next belongs, in samples since the beginning. */
  end: number;
}

/**
 * Both voices of a call in one stereo WAV, the caller left and the bot right, each where it was heard. Times are those of
 * `performance.now()`. Nothing here waits or throws.
 */
export class VoiceRecorder {
  readonly file: string;
  /** The first sample: by the calendar, in ms since 1970, and by `performance.now()`. */
  readonly startedAtMs: number;
  readonly beganMs: number;
  readonly #wav: GrowingWav;
  readonly #nowMs: () => number;
  readonly #caller: Track = { pieces: [], end: 0 };
  readonly #bot: Track = { pieces: [], end: 0 };
  /** Since when the bot says what is not known yet to be heard. */
  #sayingSince: number | undefined;
  /** Up to here it is in the file. */
  #written = 0;

  constructor({ dir, callId, onLost, nowMs = () => performance.now() }: VoiceRecorderOptions) {
    this.#nowMs = nowMs;
    this.beganMs = nowMs();
    this.startedAtMs = Date.now();
    const day = new Date(this.startedAtMs).toISOString().slice(0, 10);
    this.file = path.join(day, `${callId}.wav`);
    this.#wav = new GrowingWav(path.join(dir, this.file), sampleRateHz, onLost);
  }

  /** What the caller said; `atMs` is when it began. */
  caller(audio: Audio, atMs: number): void {
    this.#place(this.#caller, audio, atMs);
    this.#write(Math.min(this.#caller.end, this.#sayingSince ?? Infinity), leastSamples);
  }

  /** The bot begins to say something: what is heard of it comes with `said`. */
  saying(): void {
    this.#sayingSince = Math.max(this.#written, this.#at(this.#nowMs()));
  }

  /** What was heard of it, since `atMs`; undefined where nothing was. */
  said(audio?: Audio, atMs?: number): void {
    this.#sayingSince = undefined;
    if (audio !== undefined && atMs !== undefined) this.#place(this.#bot, audio, atMs);
  }

  /** @returns undefined when it was given up. To be called once. */
  async close(): Promise<
    { readonly ms: number; readonly bytes: number; readonly sampleRateHz: number } | undefined
  > {
    this.#write(Math.max(this.#caller.end, this.#bot.end), 0);
    const size = await this.#wav.close();
    return size && { ...size, sampleRateHz };
  }

  #at(ms: number): number {
    return Math.max(0, Math.round((ms - this.beganMs) * samplesPerMs));
  }

  #place(track: Track, audio: Audio, atMs: number): void {
    if (this.#wav.lost) return;
    const samples =
      audio.sampleRateHz === sampleRateHz
        ? audio.samples
        : resample(audio.samples, audio.sampleRateHz, sampleRateHz);
    const from = Math.max(track.end, this.#written);
    const meant = this.#at(atMs);
    const at = Math.abs(meant - from) <= toleranceSamples ? from : Math.max(meant, from);
    // What would lie over what is there already is left out.
    const over = meant < from - toleranceSamples ? from - meant : 0;
    const piece = samples.slice(over);
    if (piece.length === 0) return;
    track.pieces.push({ at, samples: piece });
    track.end = at + piece.length;
    const longest = Math.max(this.#caller.end, this.#bot.end) - mostSamples;
    if (longest > this.#written) this.#write(longest, 0);
  }

  #write(to: number, least: number): void {
    const count = to - this.#written;
    if (count <= least) return;
    const both = new Int16Array(count * 2);
    this.#take(this.#caller, to, both, 0);
    this.#take(this.#bot, to, both, 1);
    this.#written = to;
    this.#wav.write(both);
  }

  /** Moves what lies before `to` into one channel. */
  #take(track: Track, to: number, both: Int16Array, channel: 0 | 1): void {
    for (let first = track.pieces[0]; first !== undefined && first.at < to; first = track.pieces[0]) {
      const { at, samples } = first;
      const count = Math.min(samples.length, to - at);
      for (let i = 0; i < count; i++) both[(at - this.#written + i) * 2 + channel] = samples[i] ?? 0;
      track.pieces.shift();
      if (count < samples.length) track.pieces.unshift({ at: to, samples: samples.subarray(count) });
    }
  }
}
