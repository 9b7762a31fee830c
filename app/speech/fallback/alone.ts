import { ParleyError } from '../../errors.ts';
import type { ProviderMetrics } from '../../ops/metrics.ts';
import type { SpeechToText, TextToSpeech } from '../spec.ts';

/** The same recogniser; its failures are counted, as those of a chain's members are. */
export function countStt(engine: SpeechToText, metrics: ProviderMetrics): SpeechToText {
  metrics.providerUp('stt', engine.name, true);
  return {
    ...engine,
    listen: (audio, options) =>
      counted(engine.listen(audio, options), options.signal, (code) =>
        metrics.providerFailed('stt', engine.name, code),
      ),
  };
}

/** The same for a synthesiser. */
export function countTts(engine: TextToSpeech, metrics: ProviderMetrics): TextToSpeech {
  metrics.providerUp('tts', engine.name, true);
  return {
    ...engine,
    speak: (text, options) =>
      counted(engine.speak(text, options), options.signal, (code) =>
        metrics.providerFailed('tts', engine.name, code),
      ),
  };
}

/** Whoever does not listen any more has no failure. */
async function* counted<T>(
  results: AsyncIterable<T>,
  signal: AbortSignal,
  onFailure: (code: string) => void,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* results;
  } catch (error) {
    if (!signal.aborted) onFailure(error instanceof ParleyError ? error.code : 'unknown');
    throw error;
  }
}
