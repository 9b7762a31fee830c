import { createLocalStt } from '../../../app/speech/local/stt.ts';
import { createLocalTts } from '../../../app/speech/local/tts.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import type { Hears, Speaks } from './spec.ts';

export interface OwnEngines {
  readonly hears: Hears;
  readonly speaks: Speaks;
  /** The first utterance need not wait. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/**
 * The fake service hears and speaks with Parley's own engines, so that whole calls can be made with it.
 * @param phrases what it hears best; those that come with an utterance would have to be prepared first.
 */
export function ownEngines(modelDir: string, ...phrases: readonly string[]): OwnEngines {
  const known = { id: 'what it hears best', phrases };
  const stt = createLocalStt({ modelDir, workers: 1 });
  const tts = createLocalTts();
  return {
    async hears({ samples, sampleRateHz, isFinal }) {
      if (!isFinal) return '';
      const audio = async function* (): AsyncGenerator<Pcm> {
        yield await Promise.resolve(samples);
      };
      const options = { sampleRateHz, language: 'en-US', signal: never, phrases: known };
      for await (const heard of stt.listen(audio(), options)) if (heard.kind === 'final') return heard.text;
      return '';
    },
    async speaks({ text, sampleRateHz }) {
      const pieces: Pcm[] = [];
      for await (const piece of tts.speak(text, { sampleRateHz, language: 'en-US', signal: never }))
        pieces.push(piece);
      return concatPcm(pieces);
    },
    async warmUp() {
      await Promise.all([stt.warmUp([known]), tts.warmUp()]);
    },
    async close() {
      await Promise.all([stt.close(), tts.close()]);
    },
  };
}
