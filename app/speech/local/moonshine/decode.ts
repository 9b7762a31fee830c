import { vocabularySize, type DecoderState, type MoonshineModel } from './model.ts';
import { decodeTokens, endToken } from './tokens.ts';
import type { Trie } from '../phrases/trie.ts';

/** Tokens and the logarithm of their probability, the end included. */
export interface Decoded {
  /** Index of the phrase, -1 for free text. */
  readonly phrase: number;
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** Thrown between steps when nobody waits any more. */
export class GivenUp extends Error {}

/** The logarithm of the sum of the exponentials: what turns a logit into a log-probability. */
function normaliser(logits: Float32Array, row: number): number {
  const from = row * vocabularySize;
  const to = from + vocabularySize;
  let largest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = logits[i] ?? 0;
    if (value > largest) largest = value;
  }
  let sum = 0;
  for (let i = from; i < to; i++) {
    const distance = (logits[i] ?? 0) - largest;
    // Below e^-20 nothing is added that a float would keep; the exponential is what costs.
    if (distance > -20) sum += Math.exp(distance);
  }
  return largest + Math.log(sum);
}

/** The likeliest tokens of a row, the likeliest first. */
function mostLikely(logits: Float32Array, row: number, count: number): number[] {
  const from = row * vocabularySize;
  const best: number[] = [];
  let least = -Infinity;
  for (let token = 0; token < vocabularySize; token++) {
    const value = logits[from + token] ?? 0;
    if (value <= least) continue;
    let place = best.length;
    while (place > 0 && value > (logits[from + (best[place - 1] ?? 0)] ?? 0)) place--;
    best.splice(place, 0, token);
    if (best.length > count) best.pop();
    if (best.length === count) least = logits[from + (best[count - 1] ?? 0)] ?? 0;
  }
  return best;
}

/** The logarithm of the probability that nothing at all was said. */
export function emptyLogProbability(begun: DecoderState): number {
  return (begun.logits[endToken] ?? 0) - normaliser(begun.logits, 0);
}

export interface DecodeOptions {
  /** The longest free text, in tokens; 0 for none. */
  readonly maxTokens: number;
  /** How many free texts are followed. */
  readonly texts?: number;
  /** Phrases to look for as well. */
  readonly trie?: Trie | undefined;
  /** Phrases less likely than this are of no use. */
  readonly floor?: number;
  /** Asked when the free text is there: whether it needs no phrase beside it. */
  readonly settles?: (free: Decoded) => boolean;
  readonly givenUp: () => boolean;
}

export interface BothDecoded {
  readonly free: Decoded;
  /** The likeliest of the phrases; undefined when none comes near. */
  readonly phrase: Decoded | undefined;
}

/**
 * Texts that are followed. Of 1,383 words of a human speaker 5.7 % are wrong with one, 4.7 % with three, 4.4 % with four.
 */
const freeWidth = 3;
/**
 * A text so far behind the likeliest is followed no more: it hardly ever wins, and each row of a step costs time. With it 3.9 %
 * of the words of a human speaker are wrong and 4.0 % of commands, in place of 4.2 % and 4.2 %, in 15 % less time.
 */
const freeGap = 1;
/** Of 38,000 phrases 8 beams find 96 % of the words and 4 beams 93 %. */
const width = 8;
/**
 * A phrase that has fallen so far behind the free text is hardly ever taken in the end (choose.ts). Of 238 commands as many
 * were heard with this limit as with none, with 3.6 in place of 5 rows in a step.
 */
const hopelessGap = 8;

/** A way to go on: from a row of the state, by a token. */
interface Path {
  readonly row: number;
  readonly token: number;
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** A path along the phrases, at a node of the trie. */
interface Beam extends Path {
  readonly node: number;
}

const begin: Beam = { row: 0, token: 0, tokens: [], logProbability: 0, node: 0 };

/**
 * Decodes freely and along the phrases of a trie, both in the same steps of the model: what differs costs a row more. Both
 * are beam searches; the free one never takes the end at first: very short words ("help", "goodbye") would decode to
 * nothing. Whether it is nothing is for `emptyLogProbability` to say.
 * @throws GivenUp between two steps.
 */
export async function decode(
  model: MoonshineModel,
  begun: DecoderState,
  options: DecodeOptions,
): Promise<BothDecoded> {
  const { maxTokens, trie, settles, givenUp } = options;
  let state = begun;
  let beams: readonly Beam[] = trie ? [begin] : [];
  let phrase: Decoded | undefined;
  const text = new FreeText(maxTokens, options.texts ?? freeWidth);
  let settled = false;
  for (;;) {
    const { logits } = state;
    const total = Array.from({ length: logits.length / vocabularySize }, (_, row) => normaliser(logits, row));
    text.goOn(logits, total);
    if (text.isOver && !settled) {
      settled = true;
      if (settles?.(text.best)) return { free: text.best, phrase: undefined };
    }
    if (trie) {
      const search = new Search(trie, logits, total, phrase);
      for (const beam of beams) search.goOn(beam);
      phrase = search.best;
      const floor = options.floor ?? text.likeliest - hopelessGap;
      // What is already less likely than a whole phrase can only become less likely still.
      const least = Math.max(floor, phrase?.logProbability ?? -Infinity);
      beams = search.beams().filter(({ logProbability }) => logProbability > least);
    }
    if (text.isOver && beams.length === 0) return { free: text.best, phrase };
    if (givenUp()) throw new GivenUp();
    // A text is a row of its own only where it is on none of the beams.
    const rows: { row: number; token: number }[] = [...beams];
    text.paths = text.paths.map((path) => {
      const shared = rows.findIndex(({ row, token }) => row === path.row && token === path.token);
      return { ...path, row: shared < 0 ? rows.push(path) - 1 : shared };
    });
    beams = beams.map((beam, row) => ({ ...beam, row }));
    state = await model.step(state, rows);
  }
}

/** The likeliest token each time, without phrases. @throws GivenUp between two steps. */
export async function decodeFreely(
  model: MoonshineModel,
  begun: DecoderState,
  maxTokens: number,
  givenUp: () => boolean,
): Promise<Decoded> {
  return (await decode(model, begun, { maxTokens, texts: 1, givenUp })).free;
}

/** The free texts that are likeliest so far. */
class FreeText {
  readonly #maxTokens: number;
  readonly #width: number;
  /** Those that go on, the likeliest first. */
  paths: readonly Path[];
  /** The likeliest that has ended. */
  best: Decoded;

  constructor(maxTokens: number, width: number) {
    this.#maxTokens = maxTokens;
    this.#width = width;
    this.paths = maxTokens > 0 ? [begin] : [];
    this.best = { phrase: -1, tokens: [], logProbability: maxTokens > 0 ? -Infinity : 0 };
  }

  get isOver(): boolean {
    return this.paths.length === 0;
  }

  get likeliest(): number {
    return Math.max(this.best.logProbability, this.paths[0]?.logProbability ?? -Infinity);
  }

  goOn(logits: Float32Array, total: readonly number[]): void {
    const found: Path[] = [];
    for (const { row, tokens: before, logProbability: base } of this.paths) {
      for (const token of mostLikely(logits, row, this.#width + 1)) {
        const logProbability = base + (logits[row * vocabularySize + token] ?? 0) - (total[row] ?? 0);
        const ends = token === endToken;
        if (ends && before.length === 0) continue;
        const tokens = ends ? before : [...before, token];
        if (goesRound(tokens)) continue;
        if (!ends && tokens.length < this.#maxTokens) found.push({ row, token, tokens, logProbability });
        else if (logProbability > this.best.logProbability)
          this.best = { phrase: -1, tokens, logProbability };
      }
    }
    const likeliest = found.reduce((most, { logProbability }) => Math.max(most, logProbability), -Infinity);
    // What is less likely than a whole text can only become less likely still.
    const least = Math.max(this.best.logProbability, likeliest - freeGap);
    this.paths = found
      .filter(({ logProbability }) => logProbability > least)
      .sort((a, b) => b.logProbability - a.logProbability)
      .slice(0, this.#width);
  }
}

/** Whether the same few tokens stand there four times in a row, as in "Massachusetts, Massachusetts, ...": digits may. */
function goesRound(tokens: readonly number[]): boolean {
  for (let length = 1; length <= 4; length++) {
    const tail = tokens.slice(-4 * length);
    if (tail.length < 4 * length || !tail.every((token, i) => token === tail[i % length])) continue;
    if (!/\d/.test(decodeTokens(tail))) return true;
  }
  return false;
}

/** One step of the beam search: what the beams may go on to, the likeliest first. */
class Search {
  readonly #trie: Trie;
  readonly #logits: Float32Array;
  readonly #total: readonly number[];
  readonly #found: { readonly from: Beam; readonly node: number; readonly logProbability: number }[] = [];
  best: Decoded | undefined;

  constructor(trie: Trie, logits: Float32Array, total: readonly number[], best: Decoded | undefined) {
    this.#trie = trie;
    this.#logits = logits;
    this.#total = total;
    this.best = best;
  }

  goOn(beam: Beam): void {
    const { token, firstChild, phrase } = this.#trie;
    const offset = beam.row * vocabularySize;
    const base = beam.logProbability - (this.#total[beam.row] ?? 0);
    const ends = phrase[beam.node] ?? -1;
    const asPhrase = base + (this.#logits[offset + endToken] ?? 0);
    if (ends >= 0 && asPhrase > (this.best?.logProbability ?? -Infinity))
      this.best = { phrase: ends, tokens: beam.tokens, logProbability: asPhrase };
    const last = firstChild[beam.node + 1] ?? 0;
    for (let node = firstChild[beam.node] ?? last; node < last; node++) {
      const logProbability = base + (this.#logits[offset + (token[node] ?? 0)] ?? 0);
      this.#keep(beam, node, logProbability);
    }
  }

  beams(): Beam[] {
    return this.#found.map(({ from, node, logProbability }) => {
      const token = this.#trie.token[node] ?? 0;
      return { row: from.row, node, token, tokens: [...from.tokens, token], logProbability };
    });
  }

  #keep(from: Beam, node: number, logProbability: number): void {
    const found = this.#found;
    let place = found.length;
    while (place > 0 && logProbability > (found[place - 1]?.logProbability ?? Infinity)) place--;
    if (place >= width) return;
    found.splice(place, 0, { from, node, logProbability });
    if (found.length > width) found.pop();
  }
}
