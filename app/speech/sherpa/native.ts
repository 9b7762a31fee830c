import { ParleyError } from '../../errors.ts';
import type { SttModel, TtsModel } from './models.ts';

/**
 * What is used of sherpa-onnx-node 1.13 (Apache-2.0; https://k2-fsa.github.io/sherpa/onnx/). Its own types are comments
 * in JavaScript. It is loaded when it is needed: an optional package.
 */
export interface Sherpa {
  readonly OnlineRecognizer: new (config: object) => OnlineRecognizer;
  readonly OfflineRecognizer: new (config: object) => OfflineRecognizer;
  readonly OfflineTts: new (config: object) => OfflineTts;
}

interface Waveform {
  /** From -1 to 1. */
  readonly samples: Float32Array;
  readonly sampleRate: number;
}

interface InStream {
  acceptWaveform(waveform: Waveform): void;
}

export interface OnlineStream extends InStream {
  inputFinished(): void;
}

export interface OnlineRecognizer {
  createStream(): OnlineStream;
  isReady(stream: OnlineStream): boolean;
  decode(stream: OnlineStream): void;
  getResult(stream: OnlineStream): { readonly text: string; readonly ys_probs?: readonly number[] };
}

export interface OfflineRecognizer {
  createStream(): InStream;
  decode(stream: InStream): void;
  getResult(stream: InStream): { readonly text: string; readonly ys_log_probs?: readonly number[] };
}

export interface OfflineTts {
  readonly sampleRate: number;
  readonly numSpeakers: number;
  generate(request: {
    readonly text: string;
    readonly sid: number;
    readonly speed: number;
    /** Whether the samples stay in memory of the library. */
    readonly enableExternalBuffer: boolean;
  }): Waveform;
}

export const sherpaModule = 'sherpa-onnx-node';

/** @throws ParleyError `sherpa-missing`. */
export function requireSherpa(module: string): void {
  try {
    import.meta.resolve(module);
  } catch (error) {
    throw new ParleyError('sherpa-missing', {}, { cause: error });
  }
}

/** Mel filters: what all these models are fed with. */
const features = { sampleRate: 16_000, featureDim: 80 };

/** The configuration of a recogniser, as sherpa-onnx wants it. @param language two letters, for models that know several. */
export function recognizerConfig(model: SttModel, threads: number, language: string): object {
  const common = { tokens: model.tokens, numThreads: threads, provider: 'cpu', debug: 0 };
  switch (model.kind) {
    case 'streaming-transducer':
    case 'transducer': {
      const { encoder, decoder, joiner } = model;
      const nemo = model.kind === 'transducer' && model.nemo ? { modelType: 'nemo_transducer' } : {};
      return {
        featConfig: features,
        modelConfig: { transducer: { encoder, decoder, joiner }, ...nemo, ...common },
        decodingMethod: 'greedy_search',
        // Turns are ended by Parley's own turn-taking.
        enableEndpoint: 0,
      };
    }
    case 'whisper': {
      const { encoder, decoder } = model;
      const whisper = { encoder, decoder, language, task: 'transcribe' };
      return { featConfig: features, modelConfig: { whisper, ...common } };
    }
    case 'moonshine': {
      const { encoder, mergedDecoder } = model;
      return { featConfig: features, modelConfig: { moonshine: { encoder, mergedDecoder }, ...common } };
    }
  }
}

export function ttsConfig(model: TtsModel, threads: number): object {
  const { kind, tokens, lexicon, dataDir, voices } = model;
  const files = {
    model: model.model,
    tokens,
    ...(lexicon !== '' && { lexicon }),
    ...(dataDir !== undefined && { dataDir }),
    ...(voices !== undefined && { voices }),
  };
  return { model: { [kind]: files, numThreads: threads, provider: 'cpu', debug: 0 }, maxNumSentences: 1 };
}
