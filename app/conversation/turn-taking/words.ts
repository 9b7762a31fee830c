import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.ts';

const key = z.string().regex(/^[0-9*]$/);
const phrase = z.string().trim().min(1);
const wordsSchema = z.strictObject({
  backChannels: z.array(phrase),
  unfinished: z.array(phrase),
  keys: z.record(key, phrase),
  confirmationKeys: z.record(key, phrase),
  number: phrase.includes('{number}'),
});

/** How callers of one language take turns: part of the bot's content. */
export type TurnWords = Readonly<z.output<typeof wordsSchema>>;

const english = new URL('../../bot/en/turn-taking.yaml', import.meta.url);

/** @throws ParleyError `bot-content-invalid`, naming the file and what is wrong in it. */
export async function loadTurnWords(file: string | URL = english): Promise<TurnWords> {
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  try {
    return wordsSchema.parse(parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new ParleyError('bot-content-invalid', { file: path, reason }, { cause: error });
  }
}

/** The words alone, for comparing: small letters, no punctuation. */
export function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
