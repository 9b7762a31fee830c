import { createCityList } from '../cities.ts';
import { builtInContent } from '../content.ts';
import { createLocalUnderstander } from '../local/understander.ts';
import { overlay } from '../own/overlay.ts';
import { labelled } from '../own/sample.ts';
import type { Understander, Understanding } from '../spec.ts';
import { botOf } from './bot.ts';
import type { ImportedApp, ImportedUtterance } from './spec.ts';

/** How well an imported app understands utterances that it did not learn from. */
export interface ImportAccuracy {
  readonly utterances: number;
  readonly intents: number;
  /** Stretches that were found where they were labelled, as the same entity. */
  readonly entities: { readonly precision: number; readonly recall: number; readonly f1: number };
  /** Intent and what was taken for it, the most frequent first. */
  readonly confusions: readonly { readonly intent: string; readonly got: string; readonly times: number }[];
}

interface Counts {
  right: number;
  utterances: number;
  found: number;
  missed: number;
  invented: number;
}

/** Learns from some utterances of an app and understands others. @param folds into so many parts; each is held out once. */
export async function crossValidate(
  app: ImportedApp,
  folds: number,
  signal: AbortSignal,
): Promise<ImportAccuracy> {
  const counts: Counts = { right: 0, utterances: 0, found: 0, missed: 0, invented: 0 };
  const confusions = new Map<string, number>();
  const parts = stratified(app.utterances, folds);
  for (const [fold, held] of parts.entries()) {
    signal.throwIfAborted();
    const seen = parts.filter((_, other) => other !== fold).flat();
    const understander = learn(app, seen);
    await measure(understander, held, counts, confusions, signal);
    await understander.close();
  }
  return accuracyOf(counts, confusions);
}

/** Understands utterances that are not part of an app. */
export async function evaluateHeldOut(
  app: ImportedApp,
  held: readonly ImportedUtterance[],
  signal: AbortSignal,
): Promise<ImportAccuracy> {
  const counts: Counts = { right: 0, utterances: 0, found: 0, missed: 0, invented: 0 };
  const confusions = new Map<string, number>();
  const understander = learn(app, app.utterances);
  await measure(understander, held, counts, confusions, signal);
  await understander.close();
  return accuracyOf(counts, confusions);
}

function learn(app: ImportedApp, utterances: readonly ImportedUtterance[]): Understander {
  const builtIn = builtInContent(app.language);
  const content = overlay(builtIn, botOf(app, utterances));
  return createLocalUnderstander({
    content,
    cities: createCityList(content.places),
    directory: [],
    timeZone: 'UTC',
  });
}

/** Every intent in each part, as far as it has so many utterances. */
function stratified(utterances: readonly ImportedUtterance[], folds: number): ImportedUtterance[][] {
  const parts: ImportedUtterance[][] = Array.from({ length: folds }, () => []);
  const turns = new Map<string, number>();
  for (const utterance of utterances) {
    const turn = turns.get(utterance.intent) ?? 0;
    turns.set(utterance.intent, turn + 1);
    parts[turn % folds]?.push(utterance);
  }
  return parts;
}

async function measure(
  understander: Understander,
  held: readonly ImportedUtterance[],
  counts: Counts,
  confusions: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  // A Wednesday, so that "on Friday" means the same every time.
  const now = new Date('2026-03-11T10:00:00Z');
  const [language = 'en'] = understander.can.languages;
  for (const { intent, sample } of held) {
    const whole = labelled(sample);
    if (whole === undefined) continue;
    const heard = await understander.understand(whole.text, { language, signal, now });
    counts.utterances++;
    if (heard.intent === intent) counts.right++;
    else {
      const key = `${intent}\t${heard.fragment ? '(fragment)' : heard.intent}`;
      confusions.set(key, (confusions.get(key) ?? 0) + 1);
    }
    const found = new Set(stretches(heard));
    const wanted = new Set(whole.labels.map(({ entity, start, end }) => `${entity} ${start} ${end}`));
    for (const each of wanted) counts[found.has(each) ? 'found' : 'missed']++;
    // What is built in is found whether or not it was labelled: only entities of the app's own can be invented.
    const own = Object.keys(heard.entities ?? {});
    counts.invented += [...found].filter(
      (each) => !wanted.has(each) && own.includes(each.split(' ', 1)[0] ?? ''),
    ).length;
  }
}

function stretches({ mentions, entities = {} }: Understanding): string[] {
  const builtIn = { unknownPlace: 'city', unknownName: 'name' } as Readonly<Record<string, string>>;
  return [
    ...mentions.map(({ slot, start, end }) => `${(builtIn[slot] ?? slot).replace('@', '')} ${start} ${end}`),
    ...Object.entries(entities).flatMap(([name, values]) =>
      values.map(({ start, end }) => `${name} ${start} ${end}`),
    ),
  ];
}

function accuracyOf(counts: Counts, confusions: ReadonlyMap<string, number>): ImportAccuracy {
  const { right, utterances, found, missed, invented } = counts;
  const precision = found + invented === 0 ? 1 : found / (found + invented);
  const recall = found + missed === 0 ? 1 : found / (found + missed);
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return {
    utterances,
    intents: utterances === 0 ? 1 : right / utterances,
    entities: { precision, recall, f1 },
    confusions: [...confusions]
      .map(([pair, times]) => ({ intent: pair.split('\t')[0] ?? '', got: pair.split('\t')[1] ?? '', times }))
      .sort((a, b) => b.times - a.times),
  };
}
