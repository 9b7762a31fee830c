import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { withIntegerProjection } from './projection.ts';
import { beginToken } from './tokens.ts';

/**
 * Moonshine tiny as two ONNX graphs. The encoder takes `input_values` float32 [1, samples] at 16 kHz and gives
 * `last_hidden_state`. The decoder takes one token per beam (`input_ids` int64 [B, 1]), the encoder's states, and the keys
 * and values of the steps before (`past_key_values.{layer}.{decoder|encoder}.{key|value}` float32 [B, 8, t, 36], t = 0 on
 * the first step, where `use_cache_branch` is false); it gives `logits` [B, 1, 32768] and `present.*`. The encoder's keys
 * and values come out of the first step and stay; with one row they serve any number of beams.
 */

export const modelSampleRateHz = 16_000;
const layers = 6;
const heads = 8;
const headSize = 36;
export const vocabularySize = 32_768;
const encoderFile = 'encoder_model.onnx';
const decoderFile = 'decoder_model_merged.onnx';

type Tensors = Record<string, ort.Tensor>;

/** The state of some beams after a step. */
export interface DecoderState {
  /** Row by row, `vocabularySize` numbers for each beam. */
  readonly logits: Float32Array;
  readonly encoded: ort.Tensor;
  /** Keys and values of the tokens so far, a row for each beam. */
  readonly own: Tensors;
  /** Keys and values of the audio, one row. */
  readonly audio: Tensors;
}

export class MoonshineModel {
  readonly #encoder: ort.InferenceSession;
  readonly #decoder: ort.InferenceSession;

  private constructor(encoder: ort.InferenceSession, decoder: ort.InferenceSession) {
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  /** @param modelDir folder with the two .onnx files. */
  static async load(modelDir: string): Promise<MoonshineModel> {
    const options: ort.InferenceSession.SessionOptions = {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      extra: { session: { set_denormal_as_zero: '1', intra_op: { allow_spinning: '0' } } },
    };
    // A core that has nothing else to do takes a third of the time off the encoder. The decoder's steps are too small for it.
    const forEncoder = { ...options, intraOpNumThreads: 2 };
    const encoder = await ort.InferenceSession.create(join(modelDir, encoderFile), forEncoder);
    const published = await readFile(join(modelDir, decoderFile));
    const decoder = await ort.InferenceSession.create(withIntegerProjection(published), options);
    return new MoonshineModel(encoder, decoder);
  }

  /**
   * Listens to the audio and takes the first step.
   * @param samples float, -1 to 1, at 16 kHz.
   * @param between called between the two; what it throws ends it.
   */
  async begin(samples: Float32Array, between?: () => void): Promise<DecoderState> {
    const input = new ort.Tensor('float32', samples, [1, samples.length]);
    const { last_hidden_state: encoded } = await this.#encoder.run({ input_values: input });
    if (!encoded) throw new Error('the encoder gave no last_hidden_state');
    between?.();
    const nothing = (): ort.Tensor => new ort.Tensor('float32', new Float32Array(0), [0, heads, 1, headSize]);
    const empty = Object.fromEntries(
      [...cacheNames('decoder'), ...cacheNames('encoder')].map((name) => [name.past, nothing()]),
    );
    const results = await this.#run([beginToken], encoded, empty, false);
    return {
      logits: logitsOf(results),
      encoded,
      own: pick(results, 'decoder'),
      audio: pick(results, 'encoder'),
    };
  }

  /**
   * Takes one more step with some of the beams.
   * @param beams for each new beam the row of `state` that it goes on from, and its next token.
   */
  async step(
    state: DecoderState,
    beams: readonly { readonly row: number; readonly token: number }[],
  ): Promise<DecoderState> {
    const own = selectRows(
      state.own,
      beams.map((beam) => beam.row),
    );
    const tokens = beams.map((beam) => beam.token);
    const results = await this.#run(tokens, state.encoded, { ...own, ...state.audio }, true, stepResults);
    return { ...state, logits: logitsOf(results), own: pick(results, 'decoder') };
  }

  async close(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }

  #run(
    tokens: readonly number[],
    encoded: ort.Tensor,
    past: Tensors,
    cached: boolean,
    wanted: readonly string[] = this.#decoder.outputNames,
  ): Promise<ort.InferenceSession.OnnxValueMapType> {
    const inputs = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [tokens.length, 1]),
      encoder_hidden_states: encoded,
      use_cache_branch: new ort.Tensor('bool', [cached]),
      ...past,
    };
    return this.#decoder.run(inputs, wanted);
  }
}

function cacheNames(side: 'decoder' | 'encoder'): { past: string; present: string }[] {
  return Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((kind) => ({
      past: `past_key_values.${layer}.${side}.${kind}`,
      present: `present.${layer}.${side}.${kind}`,
    })),
  ).flat();
}

/** The keys and values of the audio would be copied in each step. */
const stepResults = ['logits', ...cacheNames('decoder').map(({ present }) => present)];

const namesOf = { decoder: cacheNames('decoder'), encoder: cacheNames('encoder') };

function pick(results: ort.InferenceSession.OnnxValueMapType, side: 'decoder' | 'encoder'): Tensors {
  return Object.fromEntries(namesOf[side].map(({ past, present }) => [past, floatTensor(results, present)]));
}

function logitsOf(results: ort.InferenceSession.OnnxValueMapType): Float32Array {
  return floats(floatTensor(results, 'logits'));
}

function floatTensor(results: ort.InferenceSession.OnnxValueMapType, name: string): ort.Tensor {
  const value = results[name];
  if (!(value instanceof ort.Tensor)) throw new Error(`the decoder gave no ${name}`);
  return value;
}

function floats(tensor: ort.Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new Error('the model gave something other than floats');
  return tensor.data;
}

function selectRows(tensors: Tensors, rows: readonly number[]): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const [count = 1, ...shape] = tensor.dims;
      if (rows.length === count && rows.every((row, i) => row === i)) return [name, tensor];
      const data = floats(tensor);
      const size = data.length / count;
      const selected = new Float32Array(rows.length * size);
      rows.forEach((row, i) => selected.set(data.subarray(row * size, (row + 1) * size), i * size));
      return [name, new ort.Tensor('float32', selected, [rows.length, ...shape])];
    }),
  );
}
