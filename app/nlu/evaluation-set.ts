import { placeholdersOf, type BotContent } from './content.ts';
import type { Evaluation, Utterance } from './evaluation.ts';
import { phraseKey } from './local/tokens.ts';

/** Whom the annotated utterances of each language may ask for. */
export const evaluationDirectories: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  en: {
    Alice: '6002',
    'John Smith': '6001',
    'Maria Garcia': '6003',
    Dave: '6004',
    Reception: '6000',
    'Front Desk': '6005',
    Katherine: '6006',
  },
  es: {
    Alicia: '6002',
    'Juan Pérez': '6001',
    'María García': '6003',
    Pedro: '6004',
    Recepción: '6000',
    Catalina: '6006',
  },
};

/** When they are spoken: on a Wednesday. */
export const evaluationMoment = new Date('2026-03-11T10:00:00Z');

/** What must be reached; a little below what was, so that a change for the worse is seen. */
export const floors = { intentAccuracy: 0.96, entityF1: 0.96 } as const;

export interface Shortfall {
  readonly what: string;
  readonly figure: number;
  readonly floor: number;
}

/** The figures below their floors. */
export function shortfalls({ intentAccuracy, entities }: Evaluation): Shortfall[] {
  return [
    { what: 'intent accuracy', figure: intentAccuracy, floor: floors.intentAccuracy },
    { what: 'entity F1', figure: entities.f1, floor: floors.entityF1 },
  ].filter(({ figure, floor }) => figure < floor);
}

/** Whether an utterance is a sample word for word. Short commands are ("Help."), whoever writes them down. */
export function isKnown({ text }: Utterance, content: BotContent): boolean {
  const key = phraseKey(text);
  return knownTexts(content).has(key);
}

const known = new WeakMap<BotContent, ReadonlySet<string>>();

function knownTexts(content: BotContent): ReadonlySet<string> {
  const made = known.get(content);
  if (made !== undefined) return made;
  const samples = [
    ...content.intents.flatMap((each) => [...each.common, ...each.samples]),
    ...content.affirmations.yes,
    ...content.affirmations.no,
  ];
  const texts = new Set(samples.filter((sample) => placeholdersOf(sample).length === 0).map(phraseKey));
  known.set(content, texts);
  return texts;
}
