import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ParleyError } from '../../errors.ts';
import { writeSample } from '../own/sample.ts';
import type { OwnBot, OwnEntity, OwnIntent } from '../own/spec.ts';
import type { ImportedApp } from './spec.ts';

/**
 * Writes a bot's folder: bot.yaml, entities.yaml, intents/*.yaml, and imported.yaml with what has no equivalent.
 * @returns the files' names. @throws ParleyError `nlu-import-usage` when there is something in the folder.
 */
export async function writeBot(folder: string, bot: OwnBot, app: ImportedApp): Promise<string[]> {
  const present = await readdir(folder).catch(() => []);
  if (present.length > 0)
    throw new ParleyError('nlu-import-usage', {
      reason: `The folder ${folder} is not empty: give another one with --out.`,
    });
  await mkdir(join(folder, 'intents'), { recursive: true });
  const { language, without, phrases } = bot;
  const head = `Imported from ${app.name} (${app.format}). docs/bot.md explains every key.`;
  const files: [string, string, unknown][] = [
    ['bot.yaml', head, { language, without, ...(phrases.length > 0 && { phrases }) }],
    [
      'entities.yaml',
      'What callers name.',
      Object.fromEntries(bot.entities.map((entity) => [entity.name, entityContent(entity)])),
    ],
    ...bot.intents.map((intent): [string, string, unknown] => [
      join('intents', `${fileName(intent.intent)}.yaml`),
      intent.answer === undefined
        ? 'More samples for what Parley has already.'
        : 'Write what the bot answers: say, or webhook.',
      intentContent(intent),
    ]),
    [
      'imported.yaml',
      'Kept from the export because Parley has no equivalent; nothing reads it.',
      { notes: app.notes, ...app.leftovers },
    ],
  ];
  for (const [name, comment, content] of files)
    await writeFile(join(folder, name), `# ${comment}\n${stringify(content, { lineWidth: 0 })}`);
  return files.map(([name]) => name);
}

function entityContent({ name: _, was, ...entity }: OwnEntity): object {
  const more = was !== undefined && { was };
  switch (entity.kind) {
    case 'list':
      return { list: entity.values, ...more };
    case 'regex':
      return { regex: entity.pattern, ...more };
    case 'learned':
      return { learned: entity.examples, ...more };
    case 'is':
      return { is: entity.of, ...more };
    case 'parts':
      return { parts: entity.parts, ...more };
  }
}

function intentContent({ intent, was, samples, answer }: OwnIntent): object {
  return {
    intent,
    ...(was !== undefined && { was }),
    samples: samples.map(writeSample),
    ...(answer && { confirm: answer.confirm, say: answer.say }),
  };
}

/** `BookFlight` lies in `book-flight.yaml`; names that only differ in their capitals stay apart. */
function fileName(intent: string): string {
  return intent
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/_/g, '-')
    .toLowerCase();
}
