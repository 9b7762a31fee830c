import type { Pcm } from '../../audio/pcm.ts';
import { resample } from '../../audio/resample.ts';
import { decodeFreely } from '../../speech/local/moonshine/decode.ts';
import { modelSampleRateHz, MoonshineModel } from '../../speech/local/moonshine/model.ts';
import { recognise } from '../../speech/local/moonshine/recogniser.ts';
import { splitAtPauses } from '../../speech/local/moonshine/split.ts';
import { decodeTokens, encodeText } from '../../speech/local/moonshine/tokens.ts';
import { serve } from '../../speech/local/thread.ts';
import { largestGapOf, spellingsOf, takesAsSaid } from './choose.ts';
import { respell } from './expectation.ts';
import { spot } from './spot.ts';

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
): Promise<string | undefined> {
  const spellings = phrases.flatMap((phrase) =>
    spellingsOf(phrase).map((way) => ({ tokens: encodeText(way), largestGap: largestGapOf(phrase) })),
  );
  for (const tempo of tempos) {
    const wide = resample(samples, sampleRateHz, Math.round(modelSampleRateHz / tempo));
    for (const piece of splitAtPauses(wide, modelSampleRateHz, longestPieceMs)) {
      const begun = await model.begin(Float32Array.from(piece, (sample) => sample / 32_768));
      const maxTokens = Math.ceil((piece.length / modelSampleRateHz) * tokensPerSecond) + 2;
      const free = await decodeFreely(model, begun, maxTokens, givenUp);
      const { tokens } = await spot(model, begun, {
        spellings,
        known: free.logProbability,
        maxTokens,
        givenUp,
      });
      if (tokens && takesAsSaid(tokens.length, free.tokens.length)) return respell(decodeTokens(tokens));
    }
  }
  return undefined;
}
