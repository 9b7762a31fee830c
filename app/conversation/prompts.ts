import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Audio } from '../audio/pcm.ts';
import { resample } from '../audio/resample.ts';
import { readMonoWav } from '../audio/wav.ts';
import { messageOf, ParleyError } from '../errors.ts';

/** The prompts that are recorded ahead, in sounds/. */
const promptNames = ['greeting', 'busy', 'thinking', 'resumed'] as const;

export type PromptName = (typeof promptNames)[number];

const promptsFile = 'prompts.yaml';
const promptsSchema = z.record(z.string(), z.record(z.string().regex(/^[a-z-]+$/), z.string().trim().min(1)));

interface Prompt {
  readonly text: string;
  /** Absent where it was not recorded ahead. */
  readonly audio?: Audio;
}

/** The fixed prompts of one language, read once. */
export class Prompts {
  readonly #prompts: ReadonlyMap<PromptName, Prompt>;
  readonly #keys: ReadonlyMap<PromptName, string>;

  private constructor(prompts: ReadonlyMap<PromptName, Prompt>) {
    this.#prompts = prompts;
    this.#keys = new Map(
      [...prompts].flatMap(([name, { audio }]) =>
        audio === undefined ? [] : [[name, `${name}-${hashOf(audio)}`] as const],
      ),
    );
  }

  /**
   * A prompt without a WAV file is to be synthesised.
   * @param soundsDir the folder with prompts.yaml and a folder of WAV files for each language.
   * @param sampleRateHz of all that the bot says.
   * @throws ParleyError `bot-content-invalid`, `audio-invalid`.
   */
  static async load(soundsDir: string, language: string, sampleRateHz: number): Promise<Prompts> {
    const folder = language.split('-', 1)[0] ?? language;
    const texts = await readPromptTexts(soundsDir, folder);
    const prompts = await Promise.all(
      promptNames.map(async (name) => {
        const text = texts[name];
        if (text === undefined)
          throw new ParleyError('bot-content-invalid', {
            file: join(soundsDir, promptsFile),
            reason: `${folder}.${name} is missing`,
          });
        const wavFile = join(soundsDir, folder, `${name}.wav`);
        const wav = await readFile(wavFile).catch((error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
          throw new ParleyError('bot-content-invalid', { file: wavFile, reason: messageOf(error) });
        });
        if (wav === undefined) return [name, { text }] as const;
        const { samples, sampleRateHz: rateHz } = readMonoWav(wav, wavFile);
        return [
          name,
          { text, audio: { samples: resample(samples, rateHz, sampleRateHz), sampleRateHz } },
        ] as const;
      }),
    );
    return new Prompts(new Map(prompts));
  }

  get(name: PromptName): Prompt {
    const prompt = this.#prompts.get(name);
    if (prompt === undefined) throw new Error(`the prompt ${name} was not loaded`);
    return prompt;
  }

  /** The same with other words for one of them, which are to be synthesised. */
  with(name: PromptName, text: string): Prompts {
    return new Prompts(new Map([...this.#prompts, [name, { text }]]));
  }

  /** The texts of those that were not recorded. */
  get unrecorded(): readonly string[] {
    return [...this.#prompts.values()].flatMap(({ text, audio }) => (audio === undefined ? [text] : []));
  }

  /** A name for its sound: another one when the sound changes, so that no cache serves the old one. */
  keyOf(name: PromptName): string {
    return this.#keys.get(name) ?? name;
  }
}

/**
 * The texts of all prompts of one language, those of the dialplan included.
 * @throws ParleyError `bot-content-invalid`.
 */
export async function readPromptTexts(
  soundsDir: string,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const file = join(soundsDir, promptsFile);
  try {
    const languages = promptsSchema.parse(parse(await readFile(file, 'utf8')));
    const texts = languages[folder];
    if (texts === undefined) throw new Error(`there is no language ${folder}`);
    return texts;
  } catch (error) {
    throw new ParleyError('bot-content-invalid', { file, reason: messageOf(error) }, { cause: error });
  }
}

function hashOf(audio: Audio): string {
  const { buffer, byteOffset, byteLength } = audio.samples;
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 8);
}
