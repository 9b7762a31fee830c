import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, ParleyError } from '../errors.ts';
import type { Language } from '../speech/spec.ts';
import { answerTable, type AnswerKey, type AnswerValues } from './answer-table.ts';

/** The sentences of one language, ready to be filled in. */
export interface Answers {
  readonly language: Language;
  /**
   * One variant of a key, filled in, with a capital where it opens.
   * @param seed Any number; the same one gives the same variant, the next one the next (a turn number does well).
   */
  say<K extends AnswerKey>(key: K, seed: number, ...values: AnswerValues<K>): string;
  /** A piece to be put into a sentence: the first variant, no capital. */
  word<K extends AnswerKey>(key: K, ...values: AnswerValues<K>): string;
  /** All that is said word for word, with nothing to fill in. */
  readonly fixed: readonly string[];
  /** `Alice, Bob or Carol`, `Friday and Sunday`. */
  list(items: readonly string[], kind: 'and' | 'or'): string;
}

const englishAnswers = new URL('../bot/en/answers.yaml', import.meta.url);

/**
 * Reads and checks a bot's answers.
 * @throws ParleyError `bot-content-invalid`, naming the file and each wrong key.
 */
export async function loadAnswers(
  file: string | URL = englishAnswers,
  language: Language = 'en-US',
): Promise<Answers> {
  const path = typeof file === 'string' ? file : fileURLToPath(file);
  let content: unknown;
  try {
    content = parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(path, messageOf(error), error);
  }
  return createAnswers(content, path, language);
}

const variants = z.union([z.string().trim().min(1), z.array(z.string().trim().min(1)).min(1)], {
  error: 'give a sentence or a list of sentences',
});

const contentSchema = z.strictObject(
  Object.fromEntries(Object.keys(answerTable).map((key) => [key, variants])) as Record<
    AnswerKey,
    typeof variants
  >,
);

/** Checks what a file holds: every key there, none besides, each variant with exactly its placeholders. @throws ParleyError `bot-content-invalid`. */
export function createAnswers(content: unknown, file: string, language: Language): Answers {
  const parsed = contentSchema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'file'}: ${message}`,
    );
    throw invalid(file, problems.join('; '), parsed.error);
  }
  const templates = new Map<AnswerKey, readonly string[]>();
  const problems: string[] = [];
  for (const [key, value] of Object.entries(parsed.data) as [AnswerKey, string | string[]][]) {
    const sentences = typeof value === 'string' ? [value] : value;
    problems.push(...sentences.flatMap((sentence) => wrongPlaceholders(key, sentence)));
    templates.set(key, sentences);
  }
  if (problems.length > 0) throw invalid(file, problems.join('; '));

  const lists = {
    and: new Intl.ListFormat(language, { type: 'conjunction' }),
    or: new Intl.ListFormat(language, { type: 'disjunction' }),
  };

  function render(key: AnswerKey, seed: number, values: Readonly<Record<string, string | number>>): string {
    const sentences = templates.get(key) ?? [];
    const at = Math.abs(Math.trunc(seed)) % sentences.length;
    return (
      (sentences[at] ?? '')
        .replace(placeholder, (_, name: string) => String(values[name]))
        // A value that ends in a full stop ends the sentence: "in Washington, D.C."
        .replace(/(?<!\.)\.\.(?!\.)/g, '.')
    );
  }

  return {
    language,
    fixed: [...templates.values()]
      .flat()
      .filter((sentence) => !sentence.includes('{'))
      .map(capitalised),
    say: (key, seed, ...[values]) => capitalised(render(key, seed, values ?? {})),
    word: (key, ...[values]) => render(key, 0, values ?? {}),
    list: (items, kind) => lists[kind].format(items),
  };
}

const placeholder = /\{(\w+)\}/g;

function wrongPlaceholders(key: AnswerKey, sentence: string): string[] {
  const expected: readonly string[] = answerTable[key];
  const found = [...sentence.matchAll(placeholder)].map(([, name = '']) => name);
  return [
    ...found
      .filter((name) => !expected.includes(name))
      .map((name) => `${key}: there is no {${name}} to fill in ("${sentence}")`),
    ...expected
      .filter((name) => !found.includes(name))
      .map((name) => `${key}: {${name}} is missing ("${sentence}")`),
    ...(/[{}]/.test(sentence.replace(placeholder, ''))
      ? [`${key}: a brace is left open ("${sentence}")`]
      : []),
  ];
}

function capitalised(sentence: string): string {
  return sentence.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

function invalid(file: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('bot-content-invalid', { file, reason }, cause === undefined ? {} : { cause });
}
