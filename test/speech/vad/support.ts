import { decodeMuLaw, encodeMuLaw } from '../../../app/audio/g711.ts';
import type { Pcm } from '../../../app/audio/pcm.ts';
import { VoiceActivity, type VoiceChange, type VoiceFrame } from '../../../app/audio/voice-activity.ts';
import type { VoiceDetector } from '../../../app/audio/voice-detector.ts';

export const rateHz = 8_000;

export interface Change {
  readonly change: VoiceChange;
  /** When it was known: the end of the frame that told it. */
  readonly knownMs: number;
  readonly startMs: number;
  readonly lastSpeechMs: number;
}

/** All frames of a piece, in order; what does not fill a frame at its end is left out. */
export async function frames(detector: VoiceDetector, audio: Pcm): Promise<VoiceFrame[]> {
  const stream = detector.open();
  const all: VoiceFrame[] = [];
  const { frameSamples } = detector;
  let position = 0;
  let wake = (): void => undefined;
  stream.onFrame((frame) => {
    all.push(frame);
    position += frame.samples;
    wake();
  });
  // A frame at a time: more than a second that waits would not be analysed.
  for (let at = 0; at + frameSamples <= audio.length; at += frameSamples) {
    stream.push(audio.subarray(at, at + frameSamples));
    while (position < at + frameSamples) await new Promise<void>((resolve) => (wake = resolve));
  }
  stream.close();
  return all;
}

/** What is told of a caller who sends this over the telephone (mu-law). */
export async function hearVoice(
  detector: VoiceDetector,
  audio: Pcm,
  aboveDbfs?: number,
): Promise<readonly Change[]> {
  const voice = new VoiceActivity();
  const changes: Change[] = [];
  const toMs = (samples: number): number => (samples / rateHz) * 1000;
  for (const frame of await frames(detector, decodeMuLaw(encodeMuLaw(audio)))) {
    const change = voice.feed(frame, aboveDbfs);
    if (change)
      changes.push({
        change,
        knownMs: toMs(Math.ceil(voice.position / detector.frameSamples) * detector.frameSamples),
        startMs: toMs(voice.speechStartSample),
        lastSpeechMs: toMs(voice.lastSpeechSample),
      });
  }
  return changes;
}
