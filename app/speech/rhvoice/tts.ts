import type { Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import type { Language, SpeakOptions, TextToSpeech } from '../spec.ts';
import { StreamPool } from '../streaming/stream-pool.ts';
import { splitSentences } from '../text/sentences.ts';
import type { RhvoiceFiles } from './library.ts';
import { findVoices, type RhvoiceVoice } from './voices.ts';
import type { RhvoiceRequest } from './worker.ts';

export interface RhvoiceTtsOptions {
  /** Where RHVoice is; undefined when it is nowhere. */
  readonly files: RhvoiceFiles | undefined;
  /** One of its voices; the best of the language when absent. */
  readonly voice?: string | undefined;
  /** Threads; one speaks some 20 times faster than it is listened to. */
  readonly workers?: number;
  /** Texts that may be spoken or wait at once. */
  readonly queueLimit?: number;
}

const provider = 'rhvoice';
const longestText = 10_000;

export const rhvoiceTtsCan = {
  streaming: true,
  sampleRatesHz: [8_000, 16_000, 24_000],
} as const satisfies Partial<TextToSpeech['can']>;

/**
 * RHVoice in worker threads: statistical voices, first sound after a few milliseconds, no file on the way.
 * @throws ParleyError `rhvoice-missing`, `provider-mismatch`.
 */
export function createRhvoiceTts(options: RhvoiceTtsOptions): TextToSpeech {
  const { files, voice: configured, workers = 1, queueLimit = 64 } = options;
  if (files === undefined) throw missing('it was not looked for');
  const voices = findVoices(files.dataDir);
  if (voices.length === 0) throw missing(`${files.dataDir} holds no voice of a language that Parley speaks`);
  if (configured !== undefined && !voices.some(({ name }) => name === configured))
    throw new ParleyError('provider-mismatch', {
      kind: 'tts',
      name: provider,
      reason: `its voices are ${voices.map(({ name }) => name).join(', ')}, and speech.rhvoice.voice is ${configured}`,
    });
  const can: TextToSpeech['can'] = {
    ...rhvoiceTtsCan,
    languages: [...new Set(voices.flatMap(({ languages }) => languages))],
    voices: voices.map(({ name }) => name),
  };
  const pool = new StreamPool<RhvoiceRequest, never, Pcm>({
    provider,
    unavailable: 'tts-unavailable',
    script: new URL('./worker.ts', import.meta.url),
    setup: files,
    workers,
    limit: queueLimit,
  });
  // The first answer should not wait for it: a voice is loaded when it first speaks. What goes wrong here goes wrong
  // again, and is told, when it is asked to speak.
  const warm = async (): Promise<void> => {
    await pool.start();
    const [first] = voices;
    const voice = configured ?? first?.name ?? '';
    const signal = new AbortController().signal;
    const stream = pool.open({ text: 'OK', voice, sampleRateHz: 16_000 }, { signal });
    stream.end();
    for await (const piece of stream.outputs()) if (piece.length < 0) break;
  };
  warm().catch(() => undefined);

  async function* speak(text: string, speakOptions: SpeakOptions): AsyncGenerator<Pcm> {
    const { signal, sampleRateHz } = speakOptions;
    signal.throwIfAborted();
    const voice = check(text, speakOptions, can, voices, configured);
    for (const sentence of splitSentences(text)) {
      // It would read the name of a lonely full stop.
      if (!/[\p{L}\p{N}]/u.test(sentence)) continue;
      const stream = pool.open({ text: sentence, voice, sampleRateHz }, { signal });
      stream.end();
      yield* stream.outputs();
    }
  }
  return { name: provider, can, speak, load: () => [pool.load()], close: () => pool.close() };
}

function check(
  text: string,
  { language, sampleRateHz, voice }: SpeakOptions,
  can: TextToSpeech['can'],
  voices: readonly RhvoiceVoice[],
  configured: string | undefined,
): string {
  const refuse = (reason: string): never => {
    throw new ParleyError('tts-rejected', { provider, reason });
  };
  if (!can.sampleRatesHz.includes(sampleRateHz)) return refuse(`it cannot give ${sampleRateHz} Hz`);
  if (text.length > longestText) return refuse(`the text is longer than ${longestText} characters`);
  if (voice !== undefined && !can.voices.includes(voice)) return refuse(`it has no voice ${voice}`);
  return voice ?? voiceFor(language, voices, configured) ?? refuse(`it does not speak ${language}`);
}

/** The configured voice where it speaks the language, else the best that does. */
function voiceFor(
  language: Language,
  voices: readonly RhvoiceVoice[],
  configured: string | undefined,
): string | undefined {
  const speaking = voices.filter(({ languages }) => languages.includes(language)).map(({ name }) => name);
  return speaking.find((name) => name === configured) ?? speaking[0];
}

function missing(reason: string): ParleyError {
  return new ParleyError('rhvoice-missing', { reason });
}
