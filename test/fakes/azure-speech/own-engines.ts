import { createLocalStt } from '../../../app/speech/local/stt.ts';
import { createLocalTts } from '../../../app/speech/local/tts.ts';
import { concatPcm, type Pcm } from '../../../app/audio/pcm.ts';
import type { Hears, Speaks } from './spec.ts';

export interface OwnEngines {
  readonly hears: Hears;
  readonly speaks: Speaks;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** The fake service hears and speaks with Parley's own engines, so that whole calls can be made with it. */
export function ownEngines(modelDir: string): OwnEngines {
  const stt = createLocalStt({ modelDir, workers: 1 });
  const tts = createLocalTts();
  return {
    async hears({ samples, sampleRateHz, phrases, isFinal }) {
      if (!isFinal) return '';
      const audio = async function* (): AsyncGenerator<Pcm> {
        yield await Promise.resolve(samples);
      };
      const set = phrases.length === 0 ? {} : { phrases: { id: phrases.join('\n'), phrases } };
      for await (const heard of stt.listen(audio(), {
        sampleRateHz,
        language: 'en-US',
        signal: never,
        ...set,
      }))
        if (heard.kind === 'final') return heard.text;
      return '';
    },
    async speaks({ text, sampleRateHz }) {
      const pieces: Pcm[] = [];
      for await (const piece of tts.speak(text, { sampleRateHz, language: 'en-US', signal: never }))
        pieces.push(piece);
      return concatPcm(pieces);
    },
    async close() {
      await Promise.all([stt.close(), tts.close()]);
    },
  };
}
