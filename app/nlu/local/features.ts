import { encodeSounds, soundDistance, soundsOf, type Sounds } from '../sounds.ts';

/** Features of one utterance, by number, each once. */
export interface FeatureVector {
  readonly features: Int32Array;
  readonly values: Float32Array;
}

/** How much the kinds of features weigh. */
const weights = { word: 1, pair: 0.8, apart: 0.4, opening: 0.6, letters: 0.35, length: 0.5 };
const wordSoundLimit = 0.12;
const leastSoundLength = 3;

/**
 * Turns masked words into features: words, pairs of neighbours, pairs with one word between, the opening, runs of three
 * and four letters (so that words never seen still resemble their kin), and how long the utterance is.
 */
export class Featuriser {
  readonly #numbers = new Map<string, number>();
  readonly #letters = new Map<string, readonly number[]>();
  readonly #vocabulary = new Set<string>();
  readonly #sounding = new Map<string, [Sounds, string][]>();
  readonly #isOrdinary: (word: string) => boolean;
  #frozen = false;

  /** @param isOrdinary words that are never taken for a misheard word of the samples. */
  constructor(isOrdinary: (word: string) => boolean) {
    this.#isOrdinary = isOrdinary;
  }

  get size(): number {
    return this.#numbers.size;
  }

  knows(word: string): boolean {
    return this.#vocabulary.has(word);
  }

  /** Learns the words of the samples; then `freeze` it. */
  learn(words: readonly string[]): void {
    for (const word of words) {
      if (this.#vocabulary.has(word)) continue;
      this.#vocabulary.add(word);
      const sounds = soundsOf(word);
      if (word.startsWith('_') || sounds.length < leastSoundLength) continue;
      const bucket = sounds.charAt(0);
      this.#sounding.set(bucket, [...(this.#sounding.get(bucket) ?? []), [encodeSounds(sounds), word]]);
    }
  }

  /** From now on, features that are not known are left out. */
  freeze(): void {
    this.#frozen = true;
  }

  /** The same words with those that no sample has replaced: by one that sounds alike, or by `_unknown`. */
  known(words: readonly string[]): string[] {
    return words.map((word) =>
      this.#vocabulary.has(word) ? word : (this.#heardAs(word) ?? `_unknown:${word}`),
    );
  }

  vector(words: readonly string[]): FeatureVector {
    const found = new Map<number, number>();
    const put = (number: number, value: number): void => {
      found.set(number, Math.max(value, found.get(number) ?? 0));
    };
    const add = (feature: string, value: number): void => {
      const number = this.#numberOf(feature);
      if (number !== undefined) put(number, value);
    };
    add('bias', 1);
    const plain = words.map((word) => (word.startsWith('_unknown') ? '_unknown' : word));
    const scale = 2.5 / Math.sqrt(words.length + 3);
    for (const [at, word] of plain.entries()) {
      add(`w ${word}`, weights.word * scale);
      add(`p ${plain[at - 1] ?? '^'} ${word}`, weights.pair * scale);
      const before = plain[at - 2];
      if (before !== undefined) add(`a ${before} ${word}`, weights.apart * scale);
      if (at === plain.length - 1) add(`p ${word} $`, weights.pair * scale);
      const letters = words[at] ?? '';
      if (letters.startsWith('_') && !letters.startsWith('_unknown:')) continue;
      for (const number of this.#lettersOf(letters.replace('_unknown:', '')))
        put(number, weights.letters * scale);
    }
    add(`o ${plain.slice(0, 2).join(' ')}`, weights.opening * scale);
    add(`o ${plain.slice(0, 3).join(' ')}`, weights.opening * scale);
    add(`n ${Math.min(6, Math.round(words.length / 2))}`, weights.length * scale);
    return { features: Int32Array.from(found.keys()), values: Float32Array.from(found.values()) };
  }

  #numberOf(feature: string): number | undefined {
    const known = this.#numbers.get(feature);
    if (known !== undefined || this.#frozen) return known;
    const number = this.#numbers.size;
    this.#numbers.set(feature, number);
    return number;
  }

  #lettersOf(word: string): readonly number[] {
    const known = this.#letters.get(word);
    if (known !== undefined) return known;
    const numbers = [...runsOf(word)]
      .map((run) => this.#numberOf(`l ${run}`))
      .filter((number) => number !== undefined);
    if (!this.#frozen) this.#letters.set(word, numbers);
    return numbers;
  }

  #heardAs(word: string): string | undefined {
    if (this.#isOrdinary(word) || !/^[a-z]+$/.test(word)) return undefined;
    const sounds = soundsOf(word);
    if (sounds.length < leastSoundLength) return undefined;
    const encoded = encodeSounds(sounds);
    let best: string | undefined;
    let least = wordSoundLimit;
    for (const [candidate, known] of this.#sounding.get(sounds.charAt(0)) ?? []) {
      const distance = soundDistance(encoded, candidate, least);
      if (distance <= least) [best, least] = [known, distance];
    }
    return best;
  }
}

function* runsOf(word: string): Generator<string> {
  if (word.length < 4) return;
  const bounded = `^${word}$`;
  for (const length of [3, 4]) {
    for (let at = 0; at + length <= bounded.length; at++) yield bounded.slice(at, at + length);
  }
}
