/** `npm run eval`: how well the bot understands the annotated utterances that it was not trained on. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtInContent } from '../nlu/content.ts';
import { evaluate, readUtterances, type Evaluation, type SlotScore } from '../nlu/evaluation.ts';
import {
  evaluationDirectories,
  evaluationMoment,
  floors,
  isKnown,
  shortfalls,
} from '../nlu/evaluation-set.ts';
import { createUnderstander } from '../nlu/registry.ts';
import { runCommand } from './command.ts';

const usage = `npm run eval -- [--language es-ES] [--file FILE.tsv] [--misses] [--json]

Understands every line of test/nlu/utterances.tsv (of test/nlu/es/utterances.tsv in Spanish; or of FILE) and prints how often the intent was right, precision,
recall and F1 of what was named, what was taken for what, and how far the confidence can be trusted.
  --misses   prints every line that was not understood fully
  --json     prints one object instead
The exit status is 1 when a figure lies below its floor.`;

await runCommand(async (signal) => {
  const { values } = parseArgs({
    options: {
      language: { type: 'string', default: 'en-US' },
      file: { type: 'string' },
      misses: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { language } = values;
  const family = language.split('-', 1)[0] ?? language;
  const folder = family === 'en' ? '' : `${family}/`;
  const file =
    values.file ?? fileURLToPath(new URL(`../../test/nlu/${folder}utterances.tsv`, import.meta.url));
  const utterances = readUtterances(await readFile(file, 'utf8'));
  const started = performance.now();
  const content = builtInContent(language);
  const understander = createUnderstander('local', {
    language,
    directory: evaluationDirectories[family] ?? {},
    timeZone: 'UTC',
  });
  const readyMs = performance.now() - started;
  const options = { language, now: evaluationMoment, signal };
  const all = await evaluate(understander, utterances, options);
  const unseen = await evaluate(
    understander,
    utterances.filter((utterance) => !isKnown(utterance, content)),
    options,
  );
  await understander.close();
  const short = shortfalls(all);
  if (values.json) console.log(JSON.stringify(summary(all, unseen, readyMs)));
  else print(all, unseen, readyMs, values.misses);
  for (const { what, figure, floor } of short) {
    console.error(`${what} is ${percent(figure)}, which is below its floor of ${percent(floor)}`);
  }
  return short.length > 0 ? 1 : 0;
});

function summary(all: Evaluation, unseen: Evaluation, readyMs: number): object {
  const { utterances, intentAccuracy, entities, falseAcceptance, calibrationError, millisecondsEach } = all;
  return {
    utterances,
    intentAccuracy,
    unseen: { utterances: unseen.utterances, intentAccuracy: unseen.intentAccuracy },
    entities,
    slots: Object.fromEntries(all.slots),
    falseAcceptance,
    calibrationError,
    confusions: all.confusions,
    readyMs,
    millisecondsEach,
    floors,
  };
}

function print(all: Evaluation, unseen: Evaluation, readyMs: number, misses: boolean): void {
  const lines = [
    `utterances             ${all.utterances}, of which ${unseen.utterances} are not word for word a sample`,
    `intent accuracy        ${percent(all.intentAccuracy)} (of those ${unseen.utterances}: ${percent(unseen.intentAccuracy)})`,
    `entity F1              ${percent(all.entities.f1)} (precision ${percent(all.entities.precision)}, recall ${percent(all.entities.recall)})`,
    `out of scope, accepted ${percent(all.falseAcceptance)}`,
    `calibration error      ${percent(all.calibrationError)}`,
    `ready after            ${readyMs.toFixed(0)} ms; ${all.millisecondsEach.toFixed(2)} ms an utterance`,
    '',
    row('slot', 'precision', 'recall', 'F1', 'right', 'missed', 'invented'),
    ...[...all.slots].map(([name, score]) => slotRow(name, score)),
    '',
    row('confidence', 'mean', 'right', 'utterances'),
    ...all.calibration.map(({ from, to, confidence, right, utterances }) =>
      row(`${from} to ${to}`, percent(confidence), percent(right), String(utterances)),
    ),
    '',
    'taken for something else:',
    ...all.confusions.map(({ intent, got, times }) => `  ${intent} for ${got}: ${times}`),
  ];
  if (misses) {
    lines.push('', 'not understood fully:');
    for (const { utterance, got, confidence, slots } of all.misses) {
      lines.push(
        `  ${utterance.text}`,
        `    is ${utterance.intent} ${JSON.stringify(utterance.slots)}, got ${got} ${confidence.toFixed(2)} ${JSON.stringify(slots)}`,
      );
    }
  }
  console.log(lines.join('\n'));
}

function slotRow(name: string, { precision, recall, f1, right, missed, invented }: SlotScore): string {
  return row(
    name,
    percent(precision),
    percent(recall),
    percent(f1),
    String(right),
    String(missed),
    String(invented),
  );
}

function row(first: string, ...others: string[]): string {
  return first.padEnd(16) + others.map((each) => each.padStart(11)).join('');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
