import * as ort from 'onnxruntime-node';
import { serve } from '../thread.ts';
import { layerSize, rowSamples, stateLayers } from './shape.ts';

/**
 * The thread that judges voices with Silero VAD (MIT): any number of callers in one run. The graph takes `input` float32
 * [B, 288] (the last 32 samples of the frame before and the 256 of this one, at 8 kHz), `state` float32 [2, B, 128] (zeros
 * at first) and `sr` int64; it gives `output` [B, 1], the probability of speech, and `stateN`. The thread keeps nothing
 * between two runs, so that another can take its place.
 */

export interface SileroSetup {
  /** silero_vad.onnx */
  readonly modelFile: string;
}

export interface SileroRequest {
  /** A row for each stream. */
  readonly samples: Int16Array<ArrayBuffer>;
  /** As the graph has it: layer by layer, in each of them a row for each stream. */
  readonly state: Float32Array<ArrayBuffer>;
}

export interface SileroAnswer {
  /** One for each stream, 0 to 1. */
  readonly probabilities: Float32Array;
  readonly state: Float32Array;
}

const rate = new ort.Tensor('int64', BigInt64Array.of(8_000n));

await serve<SileroRequest, SileroAnswer>(async (setup) => {
  const { modelFile } = setup as SileroSetup;
  const session = await ort.InferenceSession.create(modelFile, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    extra: { session: { set_denormal_as_zero: '1' } },
  });
  return {
    work: async ({ samples, state }) => {
      const rows = samples.length / rowSamples;
      // A loop: Float32Array.from takes longer for this than the graph does.
      const input = new Float32Array(samples.length);
      for (let i = 0; i < input.length; i++) input[i] = (samples[i] ?? 0) / 32_768;
      const results = await session.run({
        input: new ort.Tensor('float32', input, [rows, rowSamples]),
        state: new ort.Tensor('float32', state, [stateLayers, rows, layerSize]),
        sr: rate,
      });
      return { answer: { probabilities: floats(results, 'output'), state: floats(results, 'stateN') } };
    },
    close: () => session.release(),
  };
});

function floats(results: ort.InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const value = results[name];
  if (value instanceof ort.Tensor && value.data instanceof Float32Array) return value.data;
  throw new Error(`Silero gave no ${name}`);
}
