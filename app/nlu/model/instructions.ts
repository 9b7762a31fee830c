import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ParleyError } from '../../errors.ts';
import type { UnderstandOptions } from '../spec.ts';
import type { Message } from './chat.ts';

const instructionsFile = 'instructions.md';

/** Of a turn, so much is told. */
const longestTurn = 1_000;

/** So many words in a row that stand in the instructions are no coincidence. */
const recitedWords = 8;

/**
 * What a model is told about its task.
 * @param folders of content; the file of the first must be there, what further ones have is added.
 * @throws ParleyError `bot-content-invalid`.
 */
export function loadInstructions(folder: string, ...further: readonly string[]): string {
  const added = further.flatMap((each) => {
    const text = read(each);
    return text === undefined ? [] : [text];
  });
  const base = read(folder);
  if (base === undefined)
    throw new ParleyError('bot-content-invalid', {
      file: join(folder, instructionsFile),
      reason: 'it is not there, and the model needs it',
    });
  return [base, ...added].join('\n\n');
}

function read(folder: string): string | undefined {
  const file = join(folder, instructionsFile);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ParleyError('bot-content-invalid', { file, reason: messageOf(error) }, { cause: error });
  }
}

/** The question to the model: its task, the turns before, and what was said now. What callers say only ever is theirs. */
export function messagesFor(
  text: string,
  instructions: string,
  maxHistory: number,
  { history = [] }: Pick<UnderstandOptions, 'history'>,
): readonly Message[] {
  const earlier = maxHistory === 0 ? [] : history.slice(-maxHistory);
  return [
    { role: 'system', content: instructions },
    ...earlier.flatMap(({ heard, said }): Message[] => [
      { role: 'user', content: bounded(heard) },
      { role: 'assistant', content: bounded(said.join(' ')) },
    ]),
    { role: 'user', content: bounded(text) },
  ];
}

/** Whether a sentence gives the instructions away word for word. */
export function recites(sentence: string, instructions: string): boolean {
  const words = wordsOf(sentence);
  const told = ` ${wordsOf(instructions).join(' ')} `;
  return words.some(
    (_, at) =>
      at + recitedWords <= words.length && told.includes(` ${words.slice(at, at + recitedWords).join(' ')} `),
  );
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function bounded(text: string): string {
  return text.slice(0, longestTurn);
}
