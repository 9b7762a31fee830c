import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.ts';
import { placeholders, readContent, type BotContent } from '../content.ts';
import type { SlotName } from '../spec.ts';
import { entitiesOf, parseSample, type Sample } from './sample.ts';
import type { OwnAnswer, OwnBot, OwnEntity, OwnIntent } from './spec.ts';

/** Reads an integrator's folder: docs/bot.md explains every key. */

const text = z.string().trim().min(1);
const word = text.regex(/^[A-Za-z]\w*$/, { error: 'it must be a plain word: letters, digits and _' });
const variants = z.union([text, z.array(text).min(1)]).transform((one) => (Array.isArray(one) ? one : [one]));
const samples = z.array(text).default([]);

const intentSchema = z
  .strictObject({
    intent: word,
    was: text.optional(),
    common: samples,
    samples,
    needs: z.record(word, variants.nullable()).default({}),
    remembers: z.array(word).default([]),
    confirm: variants.default([]),
    say: variants.optional(),
    webhook: z.url({ protocol: /^https?$/ }).optional(),
    deadlineMs: z.int().min(100).max(30_000).default(3_000),
    failed: variants.default([]),
    hangUp: z.boolean().default(false),
  })
  .refine(({ say, webhook }) => say === undefined || webhook === undefined, {
    error: 'say or webhook: give one of them',
  });

const ways = ['list', 'regex', 'learned', 'is', 'parts'] as const;

const entitySchema = z
  .strictObject({
    list: z.record(text, z.array(text).nullable()).optional(),
    regex: text.refine(isPattern, { error: 'it is no regular expression' }).optional(),
    learned: z.array(text).optional(),
    is: word.optional(),
    parts: z.array(word).optional(),
    was: text.optional(),
  })
  .refine((entity) => ways.filter((way) => entity[way] !== undefined).length === 1, {
    error: `give one of ${ways.join(', ')}`,
  });

const entitiesSchema = z.record(word, entitySchema);

const botSchema = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('en'),
  greeting: text.optional(),
  without: z.array(word).default([]),
  phrases: z.array(text).default([]),
});

/** Reads the folder of a bot of one's own. @throws ParleyError `bot-content-invalid` naming the file and the place in it. */
export function loadOwnBot(folder: string): OwnBot {
  if (!existsSync(folder)) throw invalid(folder, 'there is no such folder (bot.dir)');
  const bot = optional(join(folder, 'bot.yaml'), botSchema) ?? botSchema.parse({});
  const entityFile = join(folder, 'entities.yaml');
  const entities = Object.entries(optional(entityFile, entitiesSchema) ?? {}).map(([name, entity]) =>
    readEntity(entityFile, name, entity),
  );
  const names = new Set(entities.map(({ name }) => name));
  for (const entity of entities) checkEntity(entityFile, entity, names);
  const intents = intentFiles(join(folder, 'intents')).map((file) =>
    readIntent(file, readContent(file, intentSchema), names),
  );
  const seen = new Set<string>();
  for (const { intent } of intents) {
    if (seen.has(intent)) throw invalid(join(folder, 'intents'), `the intent ${intent} is there twice`);
    seen.add(intent);
  }
  const { greeting, ...rest } = bot;
  return { ...rest, ...(greeting !== undefined && { greeting }), intents, entities };
}

function intentFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
}

function optional<T extends z.ZodType>(file: string, schema: T): z.output<T> | undefined {
  return existsSync(file) ? readContent(file, schema) : undefined;
}

function readEntity(file: string, name: string, entity: z.output<typeof entitySchema>): OwnEntity {
  if (isBuiltIn(name)) throw invalid(file, `${name}: Parley has an entity of this name`);
  const common = { name, ...(entity.was !== undefined && { was: entity.was }) };
  const { list, regex, learned, is, parts = [] } = entity;
  if (list !== undefined) {
    const values = Object.entries(list).map(([value, synonyms]) => [value, synonyms ?? []] as const);
    return { ...common, kind: 'list', values: Object.fromEntries(values) };
  }
  if (regex !== undefined) return { ...common, kind: 'regex', pattern: regex };
  if (learned !== undefined) return { ...common, kind: 'learned', examples: learned };
  if (is !== undefined) return { ...common, kind: 'is', of: is };
  return { ...common, kind: 'parts', parts };
}

function checkEntity(file: string, entity: OwnEntity, names: ReadonlySet<string>): void {
  const others = entity.kind === 'is' ? [entity.of] : entity.kind === 'parts' ? entity.parts : [];
  const strange = others.find((other) => other === entity.name || !(isBuiltIn(other) || names.has(other)));
  if (strange !== undefined) throw invalid(file, `${entity.name}: there is no other entity ${strange}`);
}

function readIntent(
  file: string,
  content: z.output<typeof intentSchema>,
  names: ReadonlySet<string>,
): OwnIntent {
  const known = (name: string): boolean => isBuiltIn(name) || names.has(name);
  const samplesOf = (list: 'common' | 'samples'): Sample[] =>
    content[list].map((source, index) => {
      const where = `${list}[${index}]`;
      const sample = attempt(file, where, () => parseSample(source));
      const strange = entitiesOf(sample).find((name) => !known(name));
      if (strange !== undefined) throw invalid(file, `${where}: there is no entity ${strange}`);
      return sample;
    });
  const { intent, was, say, webhook, deadlineMs, failed, hangUp, confirm } = content;
  const strange = [...Object.keys(content.needs), ...content.remembers].find((name) => !known(name));
  if (strange !== undefined) throw invalid(file, `needs, remembers: there is no entity ${strange}`);
  const needs = Object.entries(content.needs).map(([name, ask]) => {
    if (ask === null && !isBuiltIn(name))
      throw invalid(file, `needs.${name}: write the question to ask for it`);
    return { slot: slotOf(name), ask: ask ?? [] };
  });
  checkSentences(file, 'say', say ?? [], Object.keys(content.needs), known);
  checkSentences(file, 'confirm', confirm, [], known);
  const answer: OwnAnswer | undefined =
    say === undefined && webhook === undefined
      ? undefined
      : {
          intent,
          needs,
          remembers: content.remembers.map(slotOf),
          confirm,
          say: say ?? [],
          ...(webhook !== undefined && { webhook: { url: webhook, deadlineMs } }),
          failed,
          hangUp,
        };
  return {
    intent,
    ...(was !== undefined && { was }),
    common: samplesOf('common'),
    samples: samplesOf('samples'),
    ...(answer && { answer }),
  };
}

/** One of the variants must do with what is surely known: what is needed. */
function checkSentences(
  file: string,
  key: string,
  sentences: readonly string[],
  needed: readonly string[],
  known: (name: string) => boolean,
): void {
  const open = sentences.map((sentence) => attempt(file, key, () => entitiesOf(parseSample(sentence))));
  const strange = open.flat().find((name) => !known(name));
  if (strange !== undefined) throw invalid(file, `${key}: there is no entity ${strange}`);
  if (sentences.length > 0 && !open.some((names) => names.every((name) => needed.includes(name))))
    throw invalid(
      file,
      `${key}: add a variant for when ${[...new Set(open.flat())].join(', ')} was not named, or ask for it in needs`,
    );
}

/** `@size` for an entity of the bot's own, `city` for a built-in one. */
function slotOf(name: string): SlotName {
  return placeholders.find((each) => each === name) ?? `@${name}`;
}

export function isBuiltIn(name: string): boolean {
  return placeholders.some((each) => each === name);
}

/** Whether each intent is answered and each built-in one that is left out exists. @throws ParleyError `bot-content-invalid`. */
export function checkAgainst(own: OwnBot, content: BotContent): void {
  const builtIn = new Set(content.intents.map(({ intent }) => intent));
  const strange = own.without.find((intent) => !builtIn.has(intent) || intent === 'None');
  if (strange !== undefined)
    throw invalid(
      'bot.yaml',
      `without: ${strange} is none of ${[...builtIn].filter((each) => each !== 'None').join(', ')}`,
    );
  for (const { intent, answer, samples, common } of own.intents) {
    const known = builtIn.has(intent) && !own.without.includes(intent);
    if (answer === undefined && !known)
      throw invalid(`the intent ${intent}`, 'say or webhook: it needs an answer');
    if (!known && samples.length + common.length === 0)
      throw invalid(`the intent ${intent}`, 'samples: there are none');
    if (answer !== undefined && intent === 'None')
      throw invalid('the intent None', 'say, webhook: what the bot does not understand has no answer');
  }
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'i').source !== '';
  } catch {
    return false;
  }
}

function attempt<T>(file: string, where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw invalid(file, `${where}: ${messageOf(error)}`, error);
  }
}

function invalid(file: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('bot-content-invalid', { file, reason }, { cause });
}
