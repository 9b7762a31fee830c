import { silence } from '../../audio/mix.ts';
import { concatPcm, durationMs, type Pcm } from '../../audio/pcm.ts';
import { resample, Resampler } from '../../audio/resample.ts';
import type { Heard } from '../spec.ts';
import type { EngineStream, StreamEngine } from '../streaming/thread.ts';
import type { SttModel } from './models.ts';
import { recognizerConfig, type OfflineRecognizer, type OnlineRecognizer, type Sherpa } from './native.ts';

export interface HearRequest {
  readonly sampleRateHz: number;
}

type Put = (heard: Heard) => void;

/** The library would convert by itself, and write about it to standard error. */
const modelRateHz = 16_000;
/** Shorter audio holds no word, and models are not made for it. */
const shortestMs = 100;
/** Silence after the last word, so that a streaming model looks past it. */
const tailMs = 480;
/** Where a model tells none. */
const usualConfidence = 0.8;

/** A recogniser of sherpa-onnx, in the thread that it works in. */
export function createHearing(
  sherpa: Sherpa,
  options: { readonly model: SttModel; readonly threads: number; readonly language: string },
): StreamEngine<HearRequest, Pcm, Heard> {
  const { model, threads, language } = options;
  const config = recognizerConfig(model, threads, language);
  if (model.kind === 'streaming-transducer') {
    const recognizer = new sherpa.OnlineRecognizer(config);
    return { open: (request, put) => streamed(recognizer, request, put) };
  }
  const recognizer = new sherpa.OfflineRecognizer(config);
  return { open: (request, put, isCancelled) => whole(recognizer, request, put, isCancelled) };
}

/** Tells what it hears as it hears it. */
function streamed(recognizer: OnlineRecognizer, { sampleRateHz }: HearRequest, put: Put): EngineStream<Pcm> {
  const stream = recognizer.createStream();
  const resampler = sampleRateHz === modelRateHz ? undefined : new Resampler(sampleRateHz, modelRateHz);
  let told = '';
  const hear = (samples: Pcm): void => {
    stream.acceptWaveform({ samples: toFloat(samples), sampleRate: modelRateHz });
    while (recognizer.isReady(stream)) recognizer.decode(stream);
  };
  return {
    input: (samples) => {
      hear(resampler?.push(samples) ?? samples);
      const text = written(recognizer.getResult(stream).text);
      if (text === told || text === '') return;
      told = text;
      put({ kind: 'partial', text });
    },
    end: () => {
      hear(concatPcm([...(resampler === undefined ? [] : [resampler.end()]), silence(tailMs, modelRateHz)]));
      stream.inputFinished();
      while (recognizer.isReady(stream)) recognizer.decode(stream);
      const { text, ys_probs: logProbs } = recognizer.getResult(stream);
      put(final(text, logProbs));
    },
  };
}

/** Hears an utterance as a whole, when it is over. */
function whole(
  recognizer: OfflineRecognizer,
  { sampleRateHz }: HearRequest,
  put: Put,
  isCancelled: () => boolean,
): EngineStream<Pcm> {
  const pieces: Pcm[] = [];
  return {
    input: (samples) => void pieces.push(samples),
    end: () => {
      const audio = { samples: concatPcm(pieces), sampleRateHz };
      if (isCancelled()) return;
      if (durationMs(audio) < shortestMs) {
        put(final('', undefined));
        return;
      }
      const stream = recognizer.createStream();
      const samples = toFloat(resample(audio.samples, sampleRateHz, modelRateHz));
      stream.acceptWaveform({ samples, sampleRate: modelRateHz });
      recognizer.decode(stream);
      const { text, ys_log_probs: logProbs } = recognizer.getResult(stream);
      put(final(text, logProbs));
    },
  };
}

function final(raw: string, logProbs: readonly number[] | undefined): Heard {
  const text = written(raw);
  if (text === '') return { kind: 'final', text, confidence: 0 };
  const known = (logProbs ?? []).filter((one) => one <= 0);
  const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
  return { kind: 'final', text, confidence: known.length === 0 ? usualConfidence : Math.exp(mean) };
}

/** Models that were trained on capitals alone write nothing else. */
function written(text: string): string {
  const trimmed = text.trim();
  return trimmed === trimmed.toUpperCase() ? trimmed.toLowerCase() : trimmed;
}

function toFloat(samples: Pcm): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32_768);
}
