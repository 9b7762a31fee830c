import { concatPcm, type Pcm } from '../audio/pcm.ts';
import type { TextToSpeech } from '../speech/spec.ts';
import { normaliseForSpeech } from '../speech/text/normalise.ts';

const language = 'en-US';

/**
 * A caller's sentence as audio, all of it: a synthesiser that stutters on a busy machine would sound like a caller who
 * hesitates.
 * @throws ParleyError `tts-*`; the signal's reason.
 */
export async function synthesise(
  tts: TextToSpeech,
  text: string,
  options: {
    readonly voice?: string | undefined;
    readonly sampleRateHz: number;
    readonly signal: AbortSignal;
  },
): Promise<Pcm> {
  const { sampleRateHz, signal } = options;
  // A bot and its caller often share a synthesiser; the second voice tells them apart.
  const voice = options.voice ?? tts.can.voices[1] ?? tts.can.voices[0];
  const pieces: Pcm[] = [];
  for await (const piece of tts.speak(normaliseForSpeech(text, language), {
    sampleRateHz,
    language,
    signal,
    ...(voice === undefined ? {} : { voice }),
  }))
    pieces.push(piece);
  return concatPcm(pieces);
}
