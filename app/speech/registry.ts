import type { Config } from '../config/schema.ts';
import { ParleyError } from '../errors.ts';
import { azureSttCan, createAzureStt } from './azure/stt.ts';
import { azureTtsCan, createAzureTts } from './azure/tts.ts';
import { countStt, countTts } from './fallback/alone.ts';
import type { ChainOptions } from './fallback/chain.ts';
import { createSttChain } from './fallback/stt.ts';
import { createTtsChain } from './fallback/tts.ts';
import { createLocalStt, localSttCan } from './local/stt.ts';
import { createLocalTts, localTtsCan } from './local/tts.ts';
import type { RhvoiceFiles } from './rhvoice/library.ts';
import { createRhvoiceTts, rhvoiceTtsCan } from './rhvoice/tts.ts';
import { createScriptedStt, scriptedSttCan } from './scripted/stt.ts';
import { createScriptedTts, scriptedTtsCan } from './scripted/tts.ts';
import { createSherpaStt, sherpaSttCan } from './sherpa/stt.ts';
import { createSherpaTts, sherpaTtsCan } from './sherpa/tts.ts';
import type { Language, ProviderAbout, SpeechToText, TextToSpeech } from './spec.ts';

/** Every provider of speech there is. A new one is a folder and a line here; test/contract finds it by this table. */

export interface SttSettings {
  readonly config: Pick<Config['speech'], 'workers' | 'queueLimit' | 'azure' | 'sherpa'>;
  /** Folder with the weights of the own recogniser. */
  readonly modelDir: string;
}

export interface TtsSettings {
  readonly config: Pick<Config['speech'], 'queueLimit' | 'voice' | 'azure' | 'rhvoice' | 'sherpa'>;
  /** Where RHVoice is; absent when it was not looked for. */
  readonly rhvoice?: RhvoiceFiles | undefined;
}

/** A line of the table. What is missing in `can` depends on how it is configured. */
interface Entry<Settings, Provider extends SpeechToText | TextToSpeech> {
  readonly about: ProviderAbout;
  readonly can: Partial<Provider['can']>;
  readonly create: (settings: Settings) => Provider;
}

const here = { network: '', key: '', weights: '' };
const azure = {
  network: 'Microsoft’s cloud, or a container of yours',
  key: 'speech.azure.key and region, or an address of yours',
  weights: '',
  licence: 'a service; its SDK: MIT',
};

export const stts: Readonly<Record<string, Entry<SttSettings, SpeechToText>>> = {
  local: {
    about: {
      ...here,
      what: 'Moonshine tiny, with a second decode bound to the bot’s phrases',
      weights: '28 MB, fetched by the set-up',
      licence: 'MIT',
    },
    can: localSttCan,
    create: ({ config, modelDir }) =>
      createLocalStt({ modelDir, workers: config.workers, queueLimit: config.queueLimit }),
  },
  azure: {
    about: { ...azure, what: 'Azure Speech, with interim results and a phrase list' },
    can: azureSttCan,
    create: ({ config }) => createAzureStt({ config: config.azure }),
  },
  sherpa: {
    about: {
      ...here,
      what: 'sherpa-onnx: streaming transducers, Whisper, Moonshine, of your own choice',
      key: 'speech.sherpa.sttDir',
      weights: 'a folder that you download (docs/voices.md)',
      licence: 'Apache 2.0; that of the weights',
    },
    can: sherpaSttCan,
    create: ({ config: { queueLimit, sherpa } }) =>
      createSherpaStt({ ...sherpa, dir: sherpa.sttDir, queueLimit }),
  },
  scripted: {
    about: { ...here, what: 'hears what it is told to, for tests', licence: 'MIT' },
    can: scriptedSttCan,
    create: () => createScriptedStt(),
  },
};

export const ttss: Readonly<Record<string, Entry<TtsSettings, TextToSpeech>>> = {
  local: {
    about: { ...here, what: 'Flite as WebAssembly', licence: 'BSD-like (CMU)' },
    can: localTtsCan,
    create: ({ config: { queueLimit, voice } }) => {
      if (!localTtsCan.voices.includes(voice))
        throw new ParleyError('provider-mismatch', {
          kind: 'tts',
          name: 'local',
          reason: `its voices are ${localTtsCan.voices.join(', ')}, and speech.voice is ${voice}`,
        });
      const tts = createLocalTts({ queueLimit });
      return { ...tts, speak: (text, options) => tts.speak(text, { voice, ...options }) };
    },
  },
  azure: {
    about: { ...azure, what: 'Azure Speech, neural voices' },
    can: azureTtsCan,
    create: ({ config }) => createAzureTts({ config: config.azure }),
  },
  rhvoice: {
    about: {
      ...here,
      what: 'RHVoice, statistical voices of this machine',
      weights: '35 MB, Debian’s packages librhvoice5 and rhvoice-english',
      licence: 'LGPL 2.1; voices differ',
    },
    can: rhvoiceTtsCan,
    create: ({ config: { queueLimit, rhvoice }, rhvoice: files }) =>
      createRhvoiceTts({ files, queueLimit, ...rhvoice }),
  },
  sherpa: {
    about: {
      ...here,
      what: 'sherpa-onnx: Piper, Kokoro, of your own choice',
      key: 'speech.sherpa.ttsDir',
      weights: 'a folder that you download (docs/voices.md)',
      licence: 'Apache 2.0; that of the weights',
    },
    can: sherpaTtsCan,
    create: ({ config: { queueLimit, sherpa } }) =>
      createSherpaTts({ ...sherpa, dir: sherpa.ttsDir, queueLimit }),
  },
  scripted: {
    about: { ...here, what: 'a tone for each word, for tests', licence: 'MIT' },
    can: scriptedTtsCan,
    create: () => createScriptedTts(),
  },
};

export const sttNames: readonly string[] = Object.keys(stts);
export const ttsNames: readonly string[] = Object.keys(ttss);

/** @throws ParleyError `provider-unknown`. */
export function createStt(name: string, settings: SttSettings): SpeechToText {
  return find('stt', name, stts).create(settings);
}

/** @throws ParleyError `provider-unknown`. */
export function createTts(name: string, settings: TtsSettings): TextToSpeech {
  return find('tts', name, ttss).create(settings);
}

/**
 * The engines by these names: one of them, or a chain.
 * @throws ParleyError `provider-unknown`, `provider-mismatch`, `provider-not-configured`.
 */
export function createStts(
  names: readonly string[],
  settings: SttSettings,
  chain: ChainOptions,
): SpeechToText {
  return chained(
    names.map((name) => createStt(name, settings)),
    (engines) => createSttChain(engines, chain),
    (engine) => countStt(engine, chain.metrics),
  );
}

/** As {@link createStts}. */
export function createTtss(
  names: readonly string[],
  settings: TtsSettings,
  chain: ChainOptions,
): TextToSpeech {
  return chained(
    names.map((name) => createTts(name, settings)),
    (engines) => createTtsChain(engines, chain),
    (engine) => countTts(engine, chain.metrics),
  );
}

function chained<E>(engines: readonly E[], chain: (engines: readonly E[]) => E, alone: (engine: E) => E): E {
  const [only, ...others] = engines;
  return only === undefined || others.length > 0 ? chain(engines) : alone(only);
}

function find<E>(kind: string, name: string, table: Readonly<Record<string, E>>): E {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (entry === undefined)
    throw new ParleyError('provider-unknown', { kind, name, known: Object.keys(table).join(', ') });
  return entry;
}

export interface SpeechNeeds {
  readonly stt: SpeechToText;
  readonly tts: TextToSpeech;
  readonly language: Language;
  readonly sampleRateHz: number;
}

/** Refuses what cannot work before a call comes in. @throws ParleyError `provider-mismatch`. */
export function checkSpeech({ stt, tts, language, sampleRateHz }: SpeechNeeds): void {
  for (const [kind, { name, can }] of [
    ['stt', stt],
    ['tts', tts],
  ] as const) {
    const refuse = (reason: string): never => {
      throw new ParleyError('provider-mismatch', { kind, name, reason });
    };
    if (!can.languages.includes(language))
      refuse(
        `it knows ${can.languages.join(', ')}, and calls are to use ${language}; put an engine that does into speech.${kind}, or take ${language} out of calls.language and calls.languages`,
      );
    if (!can.sampleRatesHz.includes(sampleRateHz))
      refuse(`it works at ${can.sampleRatesHz.join(', ')} Hz, and ${sampleRateHz} Hz is needed`);
  }
}
