import type { Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import type { SpeakOptions, TextToSpeech } from '../spec.ts';
import { StreamPool } from '../streaming/stream-pool.ts';
import { splitSentences } from '../text/sentences.ts';
import { findTtsModel } from './models.ts';
import { requireSherpa, sherpaModule } from './native.ts';
import type { SpeakRequest } from './speaking.ts';
import { languagesLike, type SherpaOptions } from './stt.ts';
import type { SherpaSetup } from './worker.ts';

const provider = 'sherpa';
const longestText = 10_000;

export const sherpaTtsCan = {
  streaming: true,
  sampleRatesHz: [8_000, 16_000],
} as const satisfies Partial<TextToSpeech['can']>;

/**
 * sherpa-onnx in worker threads, with weights that the operator has downloaded: Piper and other VITS, Kokoro. Speaks
 * sentence by sentence; its voices are the numbers of the speakers in the weights.
 * @throws ParleyError `provider-not-configured`, `provider-mismatch`, `sherpa-folder`, `sherpa-missing`.
 */
export function createSherpaTts(options: SherpaOptions & { readonly speaker?: number }): TextToSpeech {
  const {
    dir,
    language,
    threads,
    workers = 1,
    queueLimit = 64,
    module = sherpaModule,
    speaker = 0,
  } = options;
  if (dir === undefined)
    throw new ParleyError('provider-not-configured', {
      kind: 'tts',
      name: provider,
      fields: 'speech.sherpa.ttsDir',
    });
  const model = findTtsModel(dir);
  requireSherpa(module);
  if (speaker >= model.speakers)
    throw new ParleyError('provider-mismatch', {
      kind: 'tts',
      name: provider,
      reason: `its speakers are 0 to ${model.speakers - 1}, and speech.sherpa.speaker is ${speaker}`,
    });
  const can: TextToSpeech['can'] = {
    ...sherpaTtsCan,
    languages: languagesLike(language),
    voices: Array.from({ length: model.speakers }, (_, i) => String(i)),
  };
  const setup: SherpaSetup = { kind: 'tts', module, model, threads };
  const pool = new StreamPool<SpeakRequest, never, Pcm>({
    provider,
    unavailable: 'tts-unavailable',
    script: new URL('./worker.ts', import.meta.url),
    setup,
    workers,
    limit: queueLimit,
  });
  // The first answer should not wait for it. What goes wrong here goes wrong again, and is told, when it is asked to speak.
  pool.start().catch(() => undefined);

  async function* speak(text: string, { signal, ...how }: SpeakOptions): AsyncGenerator<Pcm> {
    signal.throwIfAborted();
    check(text, how, can);
    const chosen = how.voice === undefined ? speaker : Number(how.voice);
    for (const sentence of splitSentences(text)) {
      if (!/[\p{L}\p{N}]/u.test(sentence)) continue;
      const request = { text: sentence, speaker: chosen, sampleRateHz: how.sampleRateHz };
      const stream = pool.open(request, { signal });
      stream.end();
      yield* stream.outputs();
    }
  }
  return { name: provider, can, speak, load: () => [pool.load()], close: () => pool.close() };
}

function check(
  text: string,
  { language, sampleRateHz, voice }: Omit<SpeakOptions, 'signal'>,
  can: TextToSpeech['can'],
): void {
  const refuse = (reason: string): never => {
    throw new ParleyError('tts-rejected', { provider, reason });
  };
  if (!can.languages.includes(language)) refuse(`it does not speak ${language}`);
  if (!can.sampleRatesHz.includes(sampleRateHz)) refuse(`it cannot give ${sampleRateHz} Hz`);
  if (text.length > longestText) refuse(`the text is longer than ${longestText} characters`);
  if (voice !== undefined && !can.voices.includes(voice)) refuse(`it has no voice ${voice}`);
}
