import { constants, platform, setPriority } from 'node:os';
import type { Pcm } from '../../../audio/pcm.ts';
import { resample } from '../../../audio/resample.ts';
import { serve } from '../thread.ts';
import { MoonshineModel, modelSampleRateHz } from './model.ts';
import type { CompiledPhrases } from '../phrases/compile.ts';
import { recognise, type Recognised } from './recogniser.ts';

/** The thread that recognises: one utterance at a time, on one core. */

export interface MoonshineSetup {
  readonly modelDir: string;
}

export interface MoonshineRequest {
  readonly samples: Pcm;
  readonly sampleRateHz: number;
  readonly phrases?: CompiledPhrases;
}

// What is said to callers goes first: they notice a gap in it, and not a recognition that takes a little longer. On Linux this
// is the priority of one thread, and of those that it starts; elsewhere it would be that of the process.
if (platform() === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

await serve<MoonshineRequest, Recognised>(async (setup) => {
  const { modelDir } = setup as MoonshineSetup;
  const model = await MoonshineModel.load(modelDir);
  return {
    work: async ({ samples, sampleRateHz, phrases }, givenUp) => ({
      answer: await recognise(model, resample(samples, sampleRateHz, modelSampleRateHz), phrases, givenUp),
    }),
    close: () => model.close(),
  };
});
