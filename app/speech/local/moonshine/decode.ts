import { vocabularySize, type DecoderState, type MoonshineModel } from './model.ts';
import { endToken } from './tokens.ts';
import { childrenOf, type Trie } from '../phrases/trie.ts';

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

function mostLikely(logits: Float32Array, forbidden: number): number {
  let best = -1;
  let largest = -Infinity;
  for (let token = 0; token < vocabularySize; token++) {
    const value = logits[token] ?? 0;
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

/**
 * Takes the likeliest token in each step, whatever it is, but never the end at first: very short words ("help",
 * "goodbye") would decode to nothing. Whether it is nothing is for `emptyLogProbability` to say.
 */
export async function decodeFreely(
  model: MoonshineModel,
  begun: DecoderState,
  maxTokens: number,
  givenUp: () => boolean,
): Promise<Decoded> {
  let state = begun;
  let logProbability = 0;
  const tokens: number[] = [];
  while (tokens.length < maxTokens) {
    const token = mostLikely(state.logits, tokens.length === 0 ? endToken : -1);
    logProbability += (state.logits[token] ?? 0) - normaliser(state.logits, 0);
    if (token === endToken) break;
    tokens.push(token);
    if (givenUp()) throw new GivenUp();
    state = await model.step(state, [{ row: 0, token }]);
  }
  return { phrase: -1, tokens, logProbability };
}

interface Beam {
  readonly row: number;
  readonly node: number;
  readonly token: number;
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/**
 * Beam search over the phrases of a trie alone; undefined for an empty trie.
 * @param width of 38,000 phrases 8 beams find 96 % of the words and 4 beams 93 %, for 81 and 72 ms.
 */
export async function decodeConstrained(
  model: MoonshineModel,
  begun: DecoderState,
  trie: Trie,
  givenUp: () => boolean,
  width = 8,
): Promise<Decoded | undefined> {
  let state = begun;
  let beams: readonly Beam[] = [{ row: 0, node: 0, token: 0, tokens: [], logProbability: 0 }];
  let best: Decoded | undefined;
  for (;;) {
    const candidates: Beam[] = [];
    beams.forEach((beam, row) => {
      const from = row * vocabularySize;
      const total = normaliser(state.logits, row);
      const after = (token: number): number =>
        beam.logProbability + (state.logits[from + token] ?? 0) - total;
      const phrase = trie.phrase[beam.node] ?? -1;
      const asPhrase = phrase < 0 ? -Infinity : after(endToken);
      if (asPhrase > (best?.logProbability ?? -Infinity))
        best = { phrase, tokens: beam.tokens, logProbability: asPhrase };
      for (const node of childrenOf(trie, beam.node)) {
        const token = trie.token[node] ?? 0;
        candidates.push({ row, node, token, tokens: beam.tokens, logProbability: after(token) });
      }
    });
    candidates.sort((a, b) => b.logProbability - a.logProbability);
    // What is already less likely than a whole phrase can only become less likely still.
    const floor = best?.logProbability ?? -Infinity;
    beams = candidates
      .slice(0, width)
      .filter((candidate) => candidate.logProbability > floor)
      .map((candidate) => ({ ...candidate, tokens: [...candidate.tokens, candidate.token] }));
    if (beams.length === 0) return best;
    if (givenUp()) throw new GivenUp();
    state = await model.step(state, beams);
  }
}
