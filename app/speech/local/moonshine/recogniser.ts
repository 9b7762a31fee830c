import { fullScale, rmsDbfs } from '../../../audio/level.ts';
import type { Pcm } from '../../../audio/pcm.ts';
import { certainPhrase, confidenceOf, saysNothing, takesPhraseOverText, type Candidate } from './choose.ts';
import { decode, emptyLogProbability, GivenUp, type Decoded } from './decode.ts';
import { modelSampleRateHz, type MoonshineModel } from './model.ts';
import type { CompiledPhrases } from '../phrases/compile.ts';
import { trimSilence } from '../../../audio/trim.ts';
import { findSpelling } from '../phrases/spelling.ts';
import { splitAtPauses } from './split.ts';
import { decodeTokens } from './tokens.ts';

export interface Recognised {
  readonly text: string;
  /** Index of the phrase that was recognised; its own spelling is then better than `text`. -1 for free text. */
  readonly phrase: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Shorter clips hold no word. */
const shortestMs = 100;
/** Quieter clips hold no voice: G.711 itself cannot carry less. */
const quietestDbfs = -65;
/**
 * Silence around what was said: what is more costs time like anything else, what is missing is added. With less of it single
 * words are lost: of 232 in four voices 198 are heard with 300 ms before them, 182 with 200 ms; of 56 that were cut 80 ms
 * after their end 43 are heard, and 45 with 400 ms.
 */
const silenceBeforeMs = 300;
const silenceAfterMs = 400;
/** Moonshine writes no more than this, else it goes round in circles. */
const tokensPerSecond = 6.5;
const fewestTokens = 4;
/** Longer audio is cut at pauses: the model learned from short pieces, and its work grows with the square. */
const longestPieceMs = 14_000;
/** Phrases are short; longer audio is free talk, and searching it for phrases would only cost time. */
const longestPhraseMs = 8_000;

const nothing: Recognised = { text: '', phrase: -1, confidence: 0 };

/**
 * @param samples at 16 kHz.
 * @throws GivenUp between two steps, when nobody waits any more.
 */
export async function recognise(
  model: MoonshineModel,
  samples: Pcm,
  phrases: CompiledPhrases | undefined,
  givenUp: () => boolean,
): Promise<Recognised> {
  if (samples.length < inSamples(shortestMs) || rmsDbfs(samples) < quietestDbfs) return nothing;
  const usable = samples.length <= inSamples(longestPhraseMs) ? phrases : undefined;
  const heard: Recognised[] = [];
  for (const piece of splitAtPauses(withSilence(samples), modelSampleRateHz, longestPieceMs)) {
    if (givenUp()) throw new GivenUp();
    const one = await recognisePiece(model, piece, usable, givenUp);
    if (one.text !== '') heard.push(one);
  }
  const [first = nothing, ...others] = heard;
  if (others.length === 0) return first;
  const confidence = heard.reduce((sum, one) => sum + one.confidence, 0) / heard.length;
  return { text: heard.map((one) => one.text).join(' '), phrase: -1, confidence };
}

async function recognisePiece(
  model: MoonshineModel,
  piece: Pcm,
  phrases: CompiledPhrases | undefined,
  givenUp: () => boolean,
): Promise<Recognised> {
  const begun = await model.begin(floats(piece), () => {
    if (givenUp()) throw new GivenUp();
  });
  const trie = phrases?.trie;
  if (saysNothing(emptyLogProbability(begun))) {
    if (!trie) return nothing;
    const { phrase } = await decode(model, begun, { maxTokens: 0, trie, floor: certainPhrase, givenUp });
    return phrase ? recognised(withText(phrase)) : nothing;
  }
  const mostTokens = Math.max(fewestTokens, Math.ceil((piece.length / modelSampleRateHz) * tokensPerSecond));
  const spelt = (free: Decoded): number =>
    phrases ? findSpelling(phrases.spellings, withText(free).text) : -1;
  const decoded = await decode(model, begun, {
    maxTokens: mostTokens,
    trie,
    settles: (free) => spelt(free) >= 0,
    givenUp,
  });
  const free = withText(decoded.free);
  const same = spelt(free);
  if (same >= 0) return recognised({ ...free, phrase: same });
  const phrase = decoded.phrase && withText(decoded.phrase);
  return recognised(phrase && takesPhraseOverText(free, phrase) ? phrase : free);
}

function floats(samples: Pcm): Float32Array {
  // A loop: Float32Array.from takes as long for this as a step of the model.
  const all = new Float32Array(samples.length);
  for (let i = 0; i < all.length; i++) all[i] = (samples[i] ?? 0) / fullScale;
  return all;
}

function withSilence(samples: Pcm): Pcm {
  const [before, after] = [inSamples(silenceBeforeMs), inSamples(silenceAfterMs)];
  const { from, to } = trimSilence(samples, modelSampleRateHz);
  const spoken = samples.subarray(Math.max(0, from - before), to + after);
  const missingBefore = Math.max(0, before - from);
  const missingAfter = Math.max(0, after - (samples.length - to));
  const whole = new Int16Array(missingBefore + spoken.length + missingAfter);
  whole.set(spoken, missingBefore);
  return whole;
}

function withText(decoded: Decoded): Candidate {
  return { ...decoded, text: decodeTokens(decoded.tokens) };
}

function recognised(candidate: Candidate): Recognised {
  // Text without a letter or digit ("...") is not something that was said.
  if (!/[\p{L}\p{N}]/u.test(candidate.text)) return nothing;
  return { text: candidate.text, phrase: candidate.phrase, confidence: confidenceOf(candidate) };
}

function inSamples(durationMs: number): number {
  return (durationMs * modelSampleRateHz) / 1000;
}
