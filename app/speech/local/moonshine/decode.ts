import { vocabularySize, type DecoderState, type MoonshineModel } from './model.ts';
import { endToken } from './tokens.ts';
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

function mostLikely(logits: Float32Array, row: number, forbidden: number): number {
  const from = row * vocabularySize;
  let best = -1;
  let largest = -Infinity;
  for (let token = 0; token < vocabularySize; token++) {
    const value = logits[from + token] ?? 0;
    if (value > largest && token !== forbidden) {
      largest = value;
      best = token;
    }
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
 * Decodes freely and along the phrases of a trie, both in the same steps of the model: what differs costs a row more.
 *
 * Freely, it takes the likeliest token each time, whatever it is, but never the end at first: very short words ("help",
 * "goodbye") would decode to nothing. Whether it is nothing is for `emptyLogProbability` to say. Along the phrases it is a
 * beam search.
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
  let text: Path = begin;
  let free: Decoded | undefined = maxTokens > 0 ? undefined : { phrase: -1, tokens: [], logProbability: 0 };
  for (;;) {
    const { logits } = state;
    const total = Array.from({ length: logits.length / vocabularySize }, (_, row) => normaliser(logits, row));
    if (!free) {
      const token = mostLikely(logits, text.row, text.tokens.length === 0 ? endToken : -1);
      const logProbability =
        text.logProbability + (logits[text.row * vocabularySize + token] ?? 0) - (total[text.row] ?? 0);
      const tokens = token === endToken ? text.tokens : [...text.tokens, token];
      text = { row: text.row, token, tokens, logProbability };
      if (token === endToken || tokens.length >= maxTokens) {
        free = { phrase: -1, tokens, logProbability };
        if (settles?.(free)) return { free, phrase: undefined };
      }
    }
    if (trie) {
      const search = new Search(trie, logits, total, phrase);
      for (const beam of beams) search.goOn(beam);
      phrase = search.best;
      const floor = options.floor ?? text.logProbability - hopelessGap;
      // What is already less likely than a whole phrase can only become less likely still.
      const least = Math.max(floor, phrase?.logProbability ?? -Infinity);
      beams = search.beams().filter(({ logProbability }) => logProbability > least);
    }
    if (free && beams.length === 0) return { free, phrase };
    if (givenUp()) throw new GivenUp();
    // The free text is a row of its own only where it is on none of the beams.
    const rows: { row: number; token: number }[] = [...beams];
    if (!free) {
      const { row, token } = text;
      const shared = rows.findIndex((one) => one.row === row && one.token === token);
      text = { ...text, row: shared < 0 ? rows.push(text) - 1 : shared };
    }
    beams = beams.map((beam, row) => ({ ...beam, row }));
    state = await model.step(state, rows);
  }
}

/** Decodes without phrases. @throws GivenUp between two steps. */
export async function decodeFreely(
  model: MoonshineModel,
  begun: DecoderState,
  maxTokens: number,
  givenUp: () => boolean,
): Promise<Decoded> {
  return (await decode(model, begun, { maxTokens, givenUp })).free;
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
