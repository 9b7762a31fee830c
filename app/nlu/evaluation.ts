import type { Language } from '../speech/spec.ts';
import type { Day, SlotName, Slots, Understander, Understanding } from './spec.ts';
import { fold } from './text.ts';

/** One annotated utterance. */
export interface Utterance {
  readonly text: string;
  /** An intent, or `(fragment)`, `(yes)`, `(no)`. */
  readonly intent: string;
  /** Slots in the notation of the file: `day` is `FROMxDAYS PART`, `city` is `NAME` or `NAME/REGION-OR-COUNTRY`. */
  readonly slots: Readonly<Record<string, string>>;
  readonly expecting?: SlotName | 'confirmation';
}

interface Miss {
  readonly utterance: Utterance;
  readonly got: string;
  readonly confidence: number;
  readonly slots: Readonly<Record<string, string>>;
}

export interface SlotScore {
  readonly right: number;
  readonly missed: number;
  readonly invented: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Evaluation {
  readonly utterances: number;
  readonly intentAccuracy: number;
  /** Over all slots together. */
  readonly entities: SlotScore;
  readonly slots: ReadonlyMap<string, SlotScore>;
  /** Of utterances that the bot does not do: how many were taken for an intent. */
  readonly falseAcceptance: number;
  /** Annotated and got, the most frequent first. */
  readonly confusions: readonly { readonly intent: string; readonly got: string; readonly times: number }[];
  /** Of the utterances whose confidence lay between two bounds: how sure it said it was, and how often it was right. */
  readonly calibration: readonly {
    readonly from: number;
    readonly to: number;
    readonly utterances: number;
    readonly confidence: number;
    readonly right: number;
  }[];
  /** Expected calibration error: mean distance between confidence and truth. */
  readonly calibrationError: number;
  readonly misses: readonly Miss[];
  readonly millisecondsEach: number;
}

/** Reads a file of annotated utterances: text, intent, slots, what was asked for, separated by tabs; `#` begins a comment. */
export function readUtterances(source: string): Utterance[] {
  return source.split('\n').flatMap((line): Utterance[] => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [text = '', intent = '', slots = '', expecting = ''] = line.split('\t');
    const pairs = slots.split(';').flatMap((pair): [string, string][] => {
      const [name = '', value = ''] = pair.split('=').map((side) => side.trim());
      return name === '' ? [] : [[name, value]];
    });
    const asked = askable.find((name) => name === expecting.trim());
    return [{ text, intent, slots: Object.fromEntries(pairs), ...(asked && { expecting: asked }) }];
  });
}

const askable = ['city', 'day', 'count', 'extension', 'name', 'confirmation'] as const;

export interface EvaluationOptions {
  /** English when absent. */
  readonly language?: Language;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Puts every utterance to an understander and counts. */
export async function evaluate(
  understander: Understander,
  utterances: readonly Utterance[],
  { language = 'en-US', now, signal }: EvaluationOptions,
): Promise<Evaluation> {
  const misses: Miss[] = [];
  const counts = new Map<string, { right: number; missed: number; invented: number }>();
  const confusions = new Map<string, number>();
  const sureness: { confidence: number; right: boolean }[] = [];
  let intentsRight = 0;
  let outOfScope = 0;
  let accepted = 0;
  const started = performance.now();
  for (const utterance of utterances) {
    const { text, intent, expecting } = utterance;
    const understood = await understander.understand(text, {
      language,
      signal,
      now,
      ...(expecting && { expecting }),
    });
    const got = labelOf(understood);
    const right = got === intent;
    if (right) intentsRight++;
    else confusions.set(`${intent}\t${got}`, (confusions.get(`${intent}\t${got}`) ?? 0) + 1);
    if (intent === 'None') {
      outOfScope++;
      if (!right) accepted++;
    }
    sureness.push({ confidence: understood.confidence, right });
    const slots = writeSlots(understood.slots, utterance.slots);
    const slotsRight = compare(utterance.slots, slots, counts);
    if (!right || !slotsRight) misses.push({ utterance, got, confidence: understood.confidence, slots });
  }
  const elapsed = performance.now() - started;
  const total = { right: 0, missed: 0, invented: 0 };
  for (const count of counts.values()) {
    total.right += count.right;
    total.missed += count.missed;
    total.invented += count.invented;
  }
  const calibration = calibrate(sureness);
  return {
    utterances: utterances.length,
    intentAccuracy: intentsRight / utterances.length,
    entities: score(total),
    slots: new Map([...counts].sort().map(([name, count]) => [name, score(count)])),
    falseAcceptance: outOfScope === 0 ? 0 : accepted / outOfScope,
    confusions: [...confusions]
      .map(([pair, times]) => ({ intent: pair.split('\t')[0] ?? '', got: pair.split('\t')[1] ?? '', times }))
      .sort((a, b) => b.times - a.times),
    calibration,
    calibrationError:
      calibration.reduce((sum, bin) => sum + bin.utterances * Math.abs(bin.confidence - bin.right), 0) /
      utterances.length,
    misses,
    millisecondsEach: elapsed / utterances.length,
  };
}

function labelOf({ intent, fragment, affirmation }: Understanding): string {
  return fragment ? '(fragment)' : affirmation ? `(${affirmation})` : intent;
}

/** Slots in the notation of the file; a city with the qualifier that the annotation asks for, if it is true. */
function writeSlots(slots: Slots, annotated: Readonly<Record<string, string>>): Record<string, string> {
  const written: Record<string, string> = {};
  const { city, day, ...rest } = slots;
  if (city !== undefined) {
    const qualifier = annotated['city']?.split('/')[1];
    const fits = qualifier !== undefined && [city.region, city.country].some((each) => same(each, qualifier));
    written['city'] = fits ? `${city.name}/${qualifier}` : city.name;
  }
  if (day !== undefined) written['day'] = writeDay(day);
  for (const [name, value] of Object.entries(rest)) written[name] = String(value);
  return written;
}

function writeDay(day: Day): string {
  const days = day.days === 1 ? '' : `x${day.days}`;
  return `${day.daysFromToday}${days}${day.part === undefined ? '' : ` ${day.part}`}`;
}

function same(one: string, other: string): boolean {
  return fold(one) === fold(other);
}

function compare(
  annotated: Readonly<Record<string, string>>,
  got: Readonly<Record<string, string>>,
  counts: Map<string, { right: number; missed: number; invented: number }>,
): boolean {
  let allRight = true;
  for (const name of new Set([...Object.keys(annotated), ...Object.keys(got)])) {
    const count = counts.get(name) ?? { right: 0, missed: 0, invented: 0 };
    counts.set(name, count);
    const wanted = annotated[name];
    const found = got[name];
    if (wanted !== undefined && found !== undefined && same(wanted, found)) {
      count.right++;
      continue;
    }
    allRight = false;
    if (wanted !== undefined) count.missed++;
    if (found !== undefined) count.invented++;
  }
  return allRight;
}

function score({ right, missed, invented }: { right: number; missed: number; invented: number }): SlotScore {
  const precision = right + invented === 0 ? 1 : right / (right + invented);
  const recall = right + missed === 0 ? 1 : right / (right + missed);
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { right, missed, invented, precision, recall, f1 };
}

const bounds = [0, 0.35, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];

function calibrate(sureness: readonly { confidence: number; right: boolean }[]): Evaluation['calibration'] {
  return bounds.slice(0, -1).flatMap((from, index) => {
    const to = bounds[index + 1] ?? 1;
    const inside = sureness.filter(({ confidence }) => confidence >= from && (confidence < to || to === 1));
    if (inside.length === 0) return [];
    const confidence = inside.reduce((sum, each) => sum + each.confidence, 0) / inside.length;
    const right = inside.filter((each) => each.right).length / inside.length;
    return [{ from, to, utterances: inside.length, confidence, right }];
  });
}
