import type { Pcm } from '../../audio/pcm.ts';
import { resample } from '../../audio/resample.ts';
import { decodeFreely } from '../../speech/local/moonshine/decode.ts';
import { modelSampleRateHz, MoonshineModel } from '../../speech/local/moonshine/model.ts';
import { recognise } from '../../speech/local/moonshine/recogniser.ts';
import { splitAtPauses } from '../../speech/local/moonshine/split.ts';
import { decodeTokens, encodeText } from '../../speech/local/moonshine/tokens.ts';
import { serve } from '../../speech/local/thread.ts';
import { hopelessGap, largestGapOf, spellingsOf, takesAsSaid } from './choose.ts';
import { respell } from './expectation.ts';
import { spot, type SpotOptions } from './spot.ts';

/** The thread in which a software caller understands what it hears. */

export interface EarsSetup {
  readonly modelDir: string;
}

export interface EarsRequest {
  readonly samples: Pcm;
  readonly sampleRateHz: number;
  /** Empty: what was said? Else: was one of these said? */
  readonly phrases: readonly string[];
}

export type EarsAnswer = string | undefined;

/** A little faster and slower: the recogniser errs differently each time. */
const tempos = [1, 1.05, 0.95];
const longestPieceMs = 14_000;
const tokensPerSecond = 6.5;

await serve<EarsRequest, EarsAnswer>(async (setup) => {
  const { modelDir } = setup as EarsSetup;
  const model = await MoonshineModel.load(modelDir);
  return {
    work: async ({ samples, sampleRateHz, phrases }, givenUp) => {
      if (phrases.length > 0) return { answer: await find(model, samples, sampleRateHz, phrases, givenUp) };
      const wide = resample(samples, sampleRateHz, modelSampleRateHz);
      const { text } = await recognise(model, wide, undefined, givenUp);
      return { answer: respell(text) };
    },
    close: () => model.close(),
  };
});

async function find(
  model: MoonshineModel,
  samples: Pcm,
  sampleRateHz: number,
  phrases: readonly string[],
  givenUp: () => boolean,
): Promise<EarsAnswer> {
  // Numbers apart from the rest: what counts as said differs.
  for (const [largestGap, group] of Map.groupBy(phrases, largestGapOf)) {
    const spellings = group.flatMap(spellingsOf).map(encodeText);
    for (const piece of splitAtPauses(samples, sampleRateHz, longestPieceMs)) {
      const found = await findInPiece(model, piece, sampleRateHz, { spellings, largestGap, givenUp });
      if (found !== undefined) return respell(found);
    }
  }
  return undefined;
}

async function findInPiece(
  model: MoonshineModel,
  piece: Pcm,
  sampleRateHz: number,
  options: Pick<SpotOptions, 'spellings' | 'largestGap' | 'givenUp'>,
): Promise<string | undefined> {
  const { largestGap, givenUp } = options;
  for (const tempo of tempos) {
    const samples = resample(piece, sampleRateHz, Math.round(modelSampleRateHz / tempo));
    const begun = await model.begin(Float32Array.from(samples, (sample) => sample / 32_768));
    const maxTokens = Math.ceil((samples.length / modelSampleRateHz) * tokensPerSecond) + 2;
    const free = await decodeFreely(model, begun, maxTokens, givenUp);
    const { tokens, gap } = await spot(model, begun, {
      ...options,
      largestGap: tempo === 1 ? hopelessGap : largestGap,
      known: free.logProbability,
      maxTokens,
    });
    if (tokens === undefined && tempo === 1) return undefined;
    if (tokens && gap <= largestGap && takesAsSaid(tokens.length, free.tokens.length))
      return decodeTokens(tokens);
  }
  return undefined;
}
