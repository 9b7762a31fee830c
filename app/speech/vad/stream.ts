import { rmsDbfs } from '../../audio/level.ts';
import type { Pcm } from '../../audio/pcm.ts';
import type { VoiceFrame } from '../../audio/voice-activity.ts';
import type { VoiceStream } from '../../audio/voice-detector.ts';
import { contextSamples, frameSamples, layerSize, rowSamples, stateLayers } from '../local/silero/shape.ts';
import { LevelGate } from './gate.ts';

/** The level is reported in pieces of 8 ms. */
const levelSamples = 64;
/** Voices on a telephone are louder than this, and quiet rooms are not. */
const loudDbfs = -40;
/** Frames that may wait (one second); of a stream that is further behind the oldest are not analysed. */
const mostWaiting = 32;

interface Frame {
  /** With the end of the frame before, as Silero takes it. Undefined for what is not analysed. */
  row: Int16Array | undefined;
  readonly levelsDbfs: readonly number[];
  probability: number | undefined;
}

export interface StreamEvents {
  /** There is something to analyse where there was nothing. */
  onDue(stream: SileroStream): void;
  onDropped(): void;
  onListenerError(error: unknown): void;
  onClose(stream: SileroStream): void;
}

/** Cuts one caller's audio into frames, keeps Silero's state for it, and reports the frames in order. */
export class SileroStream implements VoiceStream {
  readonly #events: StreamEvents;
  readonly #gate = new LevelGate();
  readonly #frames: Frame[] = [];
  /** Silero's memory of this stream, layer by layer. */
  readonly #state = new Float32Array(stateLayers * layerSize);
  /** The row that is being filled. */
  readonly #row = new Int16Array(rowSamples);
  #filled = contextSamples;
  #listener: ((frame: VoiceFrame) => void) | undefined;
  #lastProbability = 0;
  /** The frame that is with Silero now. */
  #away: Frame | undefined;
  #open = true;

  constructor(events: StreamEvents) {
    this.#events = events;
  }

  push(frame: Pcm): void {
    if (!this.#open) return;
    const wasDue = this.isDue;
    for (let at = 0; at < frame.length;) {
      const piece = frame.subarray(at, at + rowSamples - this.#filled);
      this.#row.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled < rowSamples) break;
      this.#take(this.#row.slice());
      this.#row.copyWithin(0, frameSamples);
      this.#filled = contextSamples;
    }
    this.#report();
    if (this.isDue && !wasDue) this.#events.onDue(this);
  }

  onFrame(listener: (frame: VoiceFrame) => void): void {
    this.#listener = listener;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#frames.length = 0;
    this.#events.onClose(this);
  }

  /** Whether a frame waits for Silero and none is with it. */
  get isDue(): boolean {
    return this.#open && !this.#away && this.#frames.some((frame) => frame.row);
  }

  /** Hands the next frame over. @param row of the batch, of which there are `rows`. */
  lend(samples: Int16Array, state: Float32Array, row: number, rows: number): void {
    const frame = this.#frames.find((one) => one.row);
    if (!frame?.row) return;
    this.#away = frame;
    samples.set(frame.row, row * rowSamples);
    for (let layer = 0; layer < stateLayers; layer++)
      state.set(
        this.#state.subarray(layer * layerSize, (layer + 1) * layerSize),
        (layer * rows + row) * layerSize,
      );
    frame.row = undefined;
  }

  /** Takes back what Silero made of it. Without `state` it failed: then whatever is loud is taken for a voice, so that nobody is left unheard. */
  giveBack(
    probability: number | undefined,
    state: Float32Array | undefined,
    row: number,
    rows: number,
  ): void {
    const frame = this.#away;
    this.#away = undefined;
    if (!frame) return;
    frame.probability = probability ?? (Math.max(...frame.levelsDbfs) > loudDbfs ? 1 : 0);
    for (let layer = 0; state && layer < stateLayers; layer++) {
      const from = (layer * rows + row) * layerSize;
      this.#state.set(state.subarray(from, from + layerSize), layer * layerSize);
    }
    this.#report();
  }

  #take(row: Int16Array): void {
    const levelsDbfs: number[] = [];
    for (let at = contextSamples; at < rowSamples; at += levelSamples)
      levelsDbfs.push(rmsDbfs(row.subarray(at, at + levelSamples)));
    if (!this.#gate.passes(Math.max(...levelsDbfs))) {
      this.#frames.push({ row: undefined, levelsDbfs, probability: 0 });
      return;
    }
    const waiting = this.#frames.filter((frame) => frame.row);
    const [oldest] = waiting;
    if (oldest && waiting.length >= mostWaiting) {
      oldest.row = undefined;
      oldest.probability = this.#lastProbability;
      this.#events.onDropped();
    }
    this.#frames.push({ row, levelsDbfs, probability: undefined });
  }

  #report(): void {
    while (this.#frames[0]?.probability !== undefined) {
      const { probability, levelsDbfs } = this.#frames[0];
      this.#frames.shift();
      this.#lastProbability = probability;
      const last = levelsDbfs.length - 1;
      for (const [i, levelDbfs] of levelsDbfs.entries()) {
        if (!this.#open) return;
        try {
          this.#listener?.({ probability, levelDbfs, samples: levelSamples, more: i < last });
        } catch (error) {
          this.#events.onListenerError(error);
        }
      }
    }
  }
}
