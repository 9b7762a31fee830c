import { rmsDbfs } from '../../../audio/level.ts';
import type { Pcm } from '../../../audio/pcm.ts';
import {
  confidenceOf,
  saysNothing,
  takesPhraseOverNothing,
  takesPhraseOverText,
  type Candidate,
} from './choose.ts';
import { decodeConstrained, decodeFreely, emptyLogProbability, GivenUp, type Decoded } from './decode.ts';
import { modelSampleRateHz, type MoonshineModel } from './model.ts';
import type { CompiledPhrases } from '../phrases/compile.ts';
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
  for (const piece of splitAtPauses(samples, modelSampleRateHz, longestPieceMs)) {
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
  const begun = await model.begin(Float32Array.from(piece, (sample) => sample / 32_768));
  const constrained = async (): Promise<Candidate | undefined> => {
    const decoded = phrases && (await decodeConstrained(model, begun, phrases.trie, givenUp));
    return decoded && withText(decoded);
  };
  if (saysNothing(emptyLogProbability(begun))) {
    const phrase = await constrained();
    return phrase && takesPhraseOverNothing(phrase) ? recognised(phrase) : nothing;
  }
  const mostTokens = Math.ceil((piece.length / modelSampleRateHz) * tokensPerSecond);
  const free = withText(await decodeFreely(model, begun, Math.max(fewestTokens, mostTokens), givenUp));
  const same = phrases ? findSpelling(phrases.spellings, free.text) : -1;
  if (same >= 0) return recognised({ ...free, phrase: same });
  const phrase = await constrained();
  return recognised(phrase && takesPhraseOverText(free, phrase) ? phrase : free);
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
