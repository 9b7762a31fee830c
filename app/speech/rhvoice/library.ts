import { readdirSync } from 'node:fs';
import path from 'node:path';

/** What is used of koffi (https://koffi.dev), which calls C libraries. It is loaded when it is needed: an optional package. */
export interface Koffi {
  load(
    file: string,
    options?: { readonly global?: boolean },
  ): { func(definition: string): (...args: unknown[]) => unknown };
  proto(definition: string): unknown;
  struct(name: string, members: Readonly<Record<string, string>>): unknown;
  register(callback: (...args: never[]) => unknown, type: string): bigint;
  view(pointer: unknown, bytes: number): ArrayBuffer;
}

export interface RhvoiceFiles {
  /** libRHVoice.so.5. */
  readonly library: string;
  /** Folder with `languages/` and `voices/`. */
  readonly dataDir: string;
}

/** What comes of one message: samples as they are made, and their rate before the first of them. */
export interface Listener {
  /** Each returns whether to go on. */
  rate(sampleRateHz: number): boolean;
  samples(samples: Int16Array): boolean;
}

/** The C interface of RHVoice 1.x (RHVoice.h), ABI 5. */
export interface Rhvoice {
  /** Returns when all was given to the listener, or the listener has ended it. @throws Error. */
  speak(text: string, voice: string, listener: Listener): void;
  close(): void;
}

/** The libraries that libRHVoice.so.5 needs of its own folder, where the system does not look: in this order. */
const companions = [/^libsonic\.so\.0$/, /^libRHVoice_core\.so\.\d+$/];

/** @throws Error when the library cannot be loaded, or has no voices. */
export function openRhvoice(koffi: Koffi, { library, dataDir }: RhvoiceFiles): Rhvoice {
  const folder = path.dirname(library);
  const beside = readdirSync(folder);
  for (const companion of companions) {
    const name = beside.find((each) => companion.test(each));
    if (name !== undefined) koffi.load(path.join(folder, name), { global: true });
  }
  const lib = koffi.load(library);

  koffi.proto('int RhvoiceRate(int rate, void *user)');
  koffi.proto('int RhvoiceSamples(const int16_t *samples, unsigned int count, void *user)');
  koffi.struct('RhvoiceCallbacks', {
    set_sample_rate: 'RhvoiceRate *',
    play_speech: 'RhvoiceSamples *',
    process_mark: 'void *',
    word_starts: 'void *',
    word_ends: 'void *',
    sentence_starts: 'void *',
    sentence_ends: 'void *',
    play_audio: 'void *',
    done: 'void *',
  });
  koffi.struct('RhvoiceInit', {
    data_path: 'const char *',
    config_path: 'const char *',
    resource_paths: 'void *',
    callbacks: 'RhvoiceCallbacks',
    options: 'unsigned int',
  });
  koffi.struct('RhvoiceParams', {
    voice_profile: 'const char *',
    absolute_rate: 'double',
    absolute_pitch: 'double',
    absolute_volume: 'double',
    relative_rate: 'double',
    relative_pitch: 'double',
    relative_volume: 'double',
    punctuation_mode: 'int',
    punctuation_list: 'const char *',
    capitals_mode: 'int',
    flags: 'int',
  });
  const newEngine = lib.func('void *RHVoice_new_tts_engine(const RhvoiceInit *params)');
  const deleteEngine = lib.func('void RHVoice_delete_tts_engine(void *engine)');
  const newMessage = lib.func(
    'void *RHVoice_new_message(void *engine, const char *text, unsigned int length, int type, const RhvoiceParams *params, void *user)',
  );
  const speakMessage = lib.func('int RHVoice_speak(void *message)');
  const deleteMessage = lib.func('void RHVoice_delete_message(void *message)');

  let listener: Listener | undefined;
  const rate = koffi.register(
    (sampleRateHz: number): number => (listener?.rate(sampleRateHz) === true ? 1 : 0),
    'RhvoiceRate *',
  );
  const play = koffi.register((samples: unknown, count: number): number => {
    // The memory is RHVoice's own, and only until this returns.
    const copy = new Int16Array(koffi.view(samples, 2 * count).slice(0));
    return listener?.samples(copy) === true ? 1 : 0;
  }, 'RhvoiceSamples *');

  const engine = newEngine({
    data_path: dataDir,
    // There is no configuration: a folder without one is as good.
    config_path: dataDir,
    resource_paths: null,
    callbacks: { set_sample_rate: rate, play_speech: play },
    options: 0,
  });
  if (engine === null) throw new Error(`RHVoice finds no voices in ${dataDir}`);

  return {
    speak(text, voice, to) {
      const params = {
        voice_profile: voice,
        absolute_rate: 0,
        absolute_pitch: 0,
        absolute_volume: 0,
        relative_rate: 1,
        relative_pitch: 1,
        relative_volume: 1,
        punctuation_mode: 0,
        punctuation_list: null,
        capitals_mode: 0,
        flags: 0,
      };
      const plainText = 0;
      const message = newMessage(engine, text, Buffer.byteLength(text), plainText, params, null);
      if (message === null) throw new Error('RHVoice refused the text');
      listener = to;
      try {
        speakMessage(message);
      } finally {
        listener = undefined;
        deleteMessage(message);
      }
    },
    close: () => void deleteEngine(engine),
  };
}
