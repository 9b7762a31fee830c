import { clip16 } from '../../audio/mix.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { resample } from '../../audio/resample.ts';
import type { StreamEngine } from '../streaming/thread.ts';
import type { TtsModel } from './models.ts';
import { type Sherpa, ttsConfig } from './native.ts';

export interface SpeakRequest {
  /** One sentence. */
  readonly text: string;
  readonly speaker: number;
  readonly sampleRateHz: number;
}

/** A synthesiser of sherpa-onnx, in the thread that it works in: sentence by sentence. */
export function createSpeaking(
  sherpa: Sherpa,
  options: { readonly model: TtsModel; readonly threads: number },
): StreamEngine<SpeakRequest, never, Pcm> {
  const tts = new sherpa.OfflineTts(ttsConfig(options.model, options.threads));
  return {
    open: ({ text, speaker: sid, sampleRateHz }, put) => ({
      end: () => {
        const { samples, sampleRate } = tts.generate({ text, sid, speed: 1, enableExternalBuffer: false });
        const made = Int16Array.from(samples, (sample) => clip16(sample * 32_768));
        const piece = resample(made, sampleRate, sampleRateHz).slice();
        if (piece.length > 0) put(piece, [piece.buffer]);
      },
    }),
  };
}
