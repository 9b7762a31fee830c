import { Softmax, type Example, type TrainOptions } from '../softmax.ts';

/** A word, or a mask in place of an entity that was found already, and which entities it may be in this place. */
export interface Unit {
  readonly word: string;
  /** Entities that take this unit as a whole: roles of what was found, and lists that hold the same words. */
  readonly roles: readonly string[];
}

/** What each unit of a training sequence is: nothing, the first or a further unit of an entity. */
export type Mark = { readonly entity: string; readonly first: boolean } | undefined;

export interface Sequence {
  readonly units: readonly Unit[];
  readonly marks: readonly Mark[];
}

export interface SequenceTagger {
  /** The likeliest marks, one for each unit. */
  mark(units: readonly Unit[]): readonly Mark[];
}

const training: Omit<TrainOptions, 'classes' | 'features'> = { epochs: 12, rate: 0.25, decay: 1e-5 };
const outside = 0;

/**
 * Learns from labelled samples by which words around them entities are told: a maximum-entropy Markov model
 * (McCallum et al. 2000), that is, softmax regression over the words nearby and the mark before, decoded by Viterbi.
 * @param open entities that may begin and go on at any words; all others are roles.
 * @param known words by which an entity has been named.
 */
export function trainSequenceTagger(
  sequences: readonly Sequence[],
  open: readonly string[],
  roles: readonly string[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
): SequenceTagger {
  // Two classes for each: its first unit is 2n + 1, a further one 2n + 2.
  const entities = [...open, ...roles];
  const classes = 1 + 2 * entities.length;
  const counts = new Map<string, number>();
  for (const { units } of sequences)
    for (const { word } of units) counts.set(word, (counts.get(word) ?? 0) + 1);
  const numbers = new Map<string, number>();
  let frozen = false;

  const examples: Example[] = [];
  for (const sequence of sequences) {
    const words = sequence.units.map(({ word }) => word);
    // Once more with its rare words unknown: so it learns what words never seen mean.
    const rare = words.map((word) => ((counts.get(word) ?? 0) <= 1 ? '_unknown' : word));
    for (const variant of rare.includes('_unknown') ? [words, rare] : [words]) {
      let before = outside;
      for (const [at, mark] of sequence.marks.entries()) {
        const label = classOf(mark);
        examples.push({ label, weight: variant === rare ? 0.5 : 1, ...vector(variant, at, before) });
        before = label;
      }
    }
  }
  frozen = true;
  const softmax = Softmax.train(examples, { ...training, classes, features: numbers.size });
  return { mark };

  function classOf(mark: Mark): number {
    if (mark === undefined) return outside;
    return 1 + 2 * entities.indexOf(mark.entity) + (mark.first ? 0 : 1);
  }

  function mark(units: readonly Unit[]): Mark[] {
    const words = units.map(({ word }) => (counts.has(word) ? word : '_unknown'));
    let paths: { score: number; marks: readonly number[] }[] = [{ score: 0, marks: [] }];
    for (const [at, unit] of units.entries()) {
      const best = new Map<number, { score: number; marks: readonly number[] }>();
      for (const path of paths) {
        const before = path.marks.at(-1) ?? outside;
        const { features, values } = vector(words, at, before);
        const likely = softmax.predict(features, values);
        for (let label = 0; label < classes; label++) {
          if (!allowed(label, before, unit)) continue;
          const score = path.score + Math.log(Math.max(likely[label] ?? 0, 1e-9));
          if (score > (best.get(label)?.score ?? -Infinity))
            best.set(label, { score, marks: [...path.marks, label] });
        }
      }
      // The four best are as good as all of them, and bound the work where there are many entities.
      paths = [...best.values()].sort((a, b) => b.score - a.score).slice(0, 4);
    }
    return (paths[0]?.marks ?? []).map((label) => {
      const entity = entities[Math.floor((label - 1) / 2)];
      return label === outside || entity === undefined ? undefined : { entity, first: label % 2 === 1 };
    });
  }

  function allowed(label: number, before: number, unit: Unit): boolean {
    if (label === outside) return true;
    const entity = entities[Math.floor((label - 1) / 2)] ?? '';
    const first = label % 2 === 1;
    if (roles.includes(entity)) return first && unit.roles.includes(entity);
    return first || before === label || before === label - 1;
  }

  function vector(words: readonly string[], at: number, before: number): Omit<Example, 'label' | 'weight'> {
    const found = new Map<number, number>();
    const add = (feature: string, value: number): void => {
      const number = numberOf(feature);
      if (number !== undefined) found.set(number, value);
    };
    const around = (offset: number): string => words[at + offset] ?? (at + offset < 0 ? '^' : '$');
    const word = around(0);
    add('bias', 1);
    add(`b ${before}`, 1);
    add(`w ${word}`, 1);
    add(`b ${before} w ${word}`, 0.7);
    add(`-1 ${around(-1)}`, 1);
    add(`+1 ${around(1)}`, 0.8);
    add(`b ${before} +1 ${around(1)}`, 0.4);
    add(`-2 ${around(-2)}`, 0.5);
    add(`+2 ${around(2)}`, 0.4);
    add(`-2-1 ${around(-2)} ${around(-1)}`, 0.8);
    add(`-1-0 ${around(-1)} ${word}`, 0.7);
    add(`+1+2 ${around(1)} ${around(2)}`, 0.5);
    add(`s ${word.slice(-3)}`, 0.3);
    for (const [entity, names] of known) if (names.has(word)) add(`k ${entity}`, 0.6);
    return { features: Int32Array.from(found.keys()), values: Float32Array.from(found.values()) };
  }

  function numberOf(feature: string): number | undefined {
    const number = numbers.get(feature);
    if (number !== undefined || frozen) return number;
    numbers.set(feature, numbers.size);
    return numbers.size - 1;
  }
}
