import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { createLocalStt } from './local/stt.ts';
import { createLocalTts } from './local/tts.ts';
import { createScriptedStt } from './scripted/stt.ts';
import { createScriptedTts } from './scripted/tts.ts';
import type { Language, SpeechToText, TextToSpeech } from './spec.ts';

/** Every provider of speech there is. A new one is a folder and a line here; test/contract finds it by this table. */

export interface SttSettings {
  readonly config: Pick<Config['speech'], 'workers' | 'queueLimit'>;
  /** Folder with the weights of the own recogniser. */
  readonly modelDir: string;
}

export interface TtsSettings {
  readonly config: Pick<Config['speech'], 'queueLimit'>;
}

const stts: Readonly<Record<string, (settings: SttSettings) => SpeechToText>> = {
  local: ({ config, modelDir }) =>
    createLocalStt({ modelDir, workers: config.workers, queueLimit: config.queueLimit }),
  scripted: () => createScriptedStt(),
};

const ttss: Readonly<Record<string, (settings: TtsSettings) => TextToSpeech>> = {
  local: ({ config }) => createLocalTts({ queueLimit: config.queueLimit }),
  scripted: () => createScriptedTts(),
};

export const sttNames: readonly string[] = Object.keys(stts);
export const ttsNames: readonly string[] = Object.keys(ttss);

/** @throws ParleyError `provider-unknown`. */
export function createStt(name: string, settings: SttSettings): SpeechToText {
  return find('stt', name, stts)(settings);
}

/** @throws ParleyError `provider-unknown`. */
export function createTts(name: string, settings: TtsSettings): TextToSpeech {
  return find('tts', name, ttss)(settings);
}

function find<Factory>(kind: string, name: string, table: Readonly<Record<string, Factory>>): Factory {
  const factory = Object.hasOwn(table, name) ? table[name] : undefined;
  if (factory === undefined)
    throw new ParleyError('provider-unknown', { kind, name, known: Object.keys(table).join(', ') });
  return factory;
}

export interface SpeechNeeds {
  readonly stt: SpeechToText;
  readonly tts: TextToSpeech;
  readonly language: Language;
  readonly sampleRateHz: number;
  readonly voice?: string;
}

/** Refuses what cannot work before a call comes in. @throws ParleyError `provider-mismatch`. */
export function checkSpeech({ stt, tts, language, sampleRateHz, voice }: SpeechNeeds): void {
  for (const [kind, { name, can }] of [
    ['stt', stt],
    ['tts', tts],
  ] as const) {
    const refuse = (reason: string): never => {
      throw new ParleyError('provider-mismatch', { kind, name, reason });
    };
    if (!can.languages.includes(language))
      refuse(`it knows ${can.languages.join(', ')}, and calls.language is ${language}`);
    if (!can.sampleRatesHz.includes(sampleRateHz))
      refuse(`it works at ${can.sampleRatesHz.join(', ')} Hz, and ${sampleRateHz} Hz is needed`);
  }
  if (voice !== undefined && !tts.can.voices.includes(voice))
    throw new ParleyError('provider-mismatch', {
      kind: 'tts',
      name: tts.name,
      reason: `its voices are ${tts.can.voices.join(', ')}, and speech.voice is ${voice}`,
    });
}
