/** `npm run luis:import`: turns an exported LUIS app, or CLU project, into a bot's folder. */
import { parseArgs } from 'node:util';
import { ParleyError, messageOf } from '../errors.ts';
import { botOf } from '../nlu/import/bot.ts';
import { crossValidate, type ImportAccuracy } from '../nlu/import/evaluate.ts';
import { readExport } from '../nlu/import/read.ts';
import type { ImportedApp } from '../nlu/import/spec.ts';
import { writeBot } from '../nlu/import/write.ts';
import { loadOwnBot } from '../nlu/own/load.ts';
import { runCommand } from './command.ts';

const usage = `npm run luis:import -- APP.json [--out DIR] [--eval] [--no-eval]

Reads an exported LUIS app (JSON, schema 4 to 7) or an exported CLU project and writes a folder with the bot's content:
intents with their samples, entities, and in imported.yaml whatever has no equivalent. Then write what the bot answers in
intents/*.yaml, and start Parley with PARLEY_BOT_DIR=DIR.
  --out DIR   the folder to write, which must be empty or not exist; a folder named after the app in this one when absent
  --eval      prints the accuracy on utterances that were held out (each fifth in turn); with 50 utterances and more
              it is printed anyway, unless --no-eval is given`;

const worthMeasuring = 50;
const folds = 5;

await runCommand(async (signal) => {
  const { values, positionals } = parse();
  if (values.help) {
    console.log(usage);
    return;
  }
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new ParleyError('nlu-import-usage', { reason: 'Give the file of one exported app.' });
  const app = await readExport(file, signal);
  const bot = botOf(app);
  const folder = values.out ?? `bot-${app.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  const files = await writeBot(folder, bot, app);
  // What was written must be what will be read.
  loadOwnBot(folder);
  print(app, folder, files);
  const many = app.utterances.length >= worthMeasuring && !values['no-eval'];
  if (many || values.eval) printAccuracy(await crossValidate(app, folds, signal));
});

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        eval: { type: 'boolean', default: false },
        'no-eval': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new ParleyError('nlu-import-usage', { reason: messageOf(error) }, { cause: error });
  }
}

function print(app: ImportedApp, folder: string, files: readonly string[]): void {
  const kinds = Map.groupBy(app.entities, ({ kind }) => kind);
  const empty = app.intents.filter(
    ({ intent }) => ![...app.utterances, ...app.patterns].some((each) => each.intent === intent),
  );
  const lines = [
    `${app.name} (${app.format}, ${app.language})`,
    `  intents     ${app.intents.length}`,
    `  utterances  ${app.utterances.length}`,
    `  patterns    ${app.patterns.length} sentences written out`,
    `  entities    ${app.entities.length}${[...kinds].map(([kind, all]) => `, ${kind} ${all.length}`).join('')}`,
    `  phrases     ${app.phrases.length}`,
    ...empty.map(({ was }) => `  The intent ${was} has no utterance: it was left out.`),
    ...app.notes.map((note) => `  ${note}`),
    ...(Object.keys(app.leftovers).length > 0
      ? [`  Kept in imported.yaml, unused: ${Object.keys(app.leftovers).join(', ')}.`]
      : []),
    `${files.length} files in ${folder}. Write the answers in its intents, and start with PARLEY_BOT_DIR=${folder}.`,
  ];
  console.log(lines.join('\n'));
}

function printAccuracy({ utterances, intents, entities, confusions }: ImportAccuracy): void {
  const { precision, recall, f1 } = entities;
  console.log(
    [
      `On ${utterances} utterances, each held out of ${folds} trainings once:`,
      `  intent accuracy  ${percent(intents)}`,
      `  entity F1        ${percent(f1)} (precision ${percent(precision)}, recall ${percent(recall)})`,
      ...confusions.slice(0, 5).map(({ intent, got, times }) => `  ${intent} taken for ${got}: ${times}`),
    ].join('\n'),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
