import { concatPcm, type Pcm, sliceMs } from '../../audio/pcm.ts';
import type { VoiceRecorder } from '../../media/voice-recorder.ts';
import type { Said, SayOptions, Speech } from './spec.ts';

/** Says something by `say`, and gives the recorder what of it was heard. Throws what `say` throws. */
export async function sayRecorded(
  recorder: VoiceRecorder,
  speech: Speech,
  options: SayOptions,
  say: (speech: Speech, options: SayOptions) => Promise<Said>,
): Promise<Said> {
  const kept: Pcm[] = [];
  const { audio, sampleRateHz } = speech;
  let startedAtMs: number | undefined;
  const onStarted = (): void => {
    startedAtMs = performance.now();
    options.onStarted?.();
  };
  recorder.saying();
  let said: Said | undefined;
  try {
    said = await say({ ...speech, audio: keeping(audio, kept) }, { ...options, onStarted });
    return said;
  } finally {
    // Of a caller who is gone, what was played until then.
    const heardMs = said?.heardMs ?? performance.now() - (startedAtMs ?? Infinity);
    const samples = audio instanceof Int16Array ? audio : concatPcm(kept);
    recorder.said(sliceMs({ samples, sampleRateHz }, 0, Math.max(0, heardMs)), startedAtMs);
  }
}

/** The same audio; what is read of it is kept. It may be read anew, when the way it is carried has broken off. */
function keeping(audio: Speech['audio'], kept: Pcm[]): Speech['audio'] {
  if (audio instanceof Int16Array) return audio;
  return {
    async *[Symbol.asyncIterator]() {
      kept.length = 0;
      for await (const piece of audio) {
        kept.push(piece);
        yield piece;
      }
    },
  };
}
