import type { Pcm } from './pcm.ts';
import type { VoiceFrame } from './voice-activity.ts';

/** Tells how likely it is that somebody speaks. One instance serves every call. */
export interface VoiceDetector {
  readonly sampleRateHz: 8_000;
  /** Samples for which there is one probability; a frame is reported when the last of them is in. */
  readonly frameSamples: 256;
  open(): VoiceStream;
  /** Idempotent; closes its streams. */
  close(): Promise<void>;
}

/** One caller's audio on its way through a detector. */
export interface VoiceStream {
  /** @param frame any number of samples at the detector's rate, in order. */
  push(frame: Pcm): void;
  /**
   * One listener. It is given all that was pushed, in order and without gaps, in pieces that may be shorter than
   * `frameSamples`: the level is known more finely than the probability. A listener that throws harms no other stream.
   */
  onFrame(listener: (frame: VoiceFrame) => void): void;
  /** Nothing is reported afterwards. Idempotent. */
  close(): void;
}
