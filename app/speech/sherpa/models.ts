import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { ParleyError } from '../../errors.ts';

/** What a folder of weights for hearing holds; all paths are absolute. */
export type SttModel =
  | (Transducer & { readonly kind: 'streaming-transducer' })
  | (Transducer & { readonly kind: 'transducer'; readonly nemo: boolean })
  | { readonly kind: 'whisper'; readonly encoder: string; readonly decoder: string; readonly tokens: string }
  | {
      readonly kind: 'moonshine';
      readonly encoder: string;
      readonly mergedDecoder: string;
      readonly tokens: string;
    };

interface Transducer {
  readonly encoder: string;
  readonly decoder: string;
  readonly joiner: string;
  readonly tokens: string;
}

/** What a folder of weights for speaking holds. */
export interface TtsModel {
  readonly kind: 'vits' | 'kokoro';
  readonly model: string;
  readonly tokens: string;
  /** espeak-ng-data; undefined for a model that has a lexicon instead. */
  readonly dataDir: string | undefined;
  /** Several are joined by commas; '' for none. */
  readonly lexicon: string;
  /** Kokoro’s voices.bin. */
  readonly voices: string | undefined;
  readonly speakers: number;
}

const sttExpected =
  'a streaming or offline transducer (encoder*.onnx, decoder*.onnx, joiner*.onnx, tokens.txt), Whisper (*-encoder.onnx, *-decoder.onnx, *-tokens.txt) or Moonshine (encoder_model.*, decoder_model_merged.*, tokens.txt)';
const ttsExpected =
  'Piper or another VITS (NAME.onnx, tokens.txt, and espeak-ng-data or lexicon.txt) or Kokoro (model.onnx, voices.bin, tokens.txt, espeak-ng-data)';

/** Metadata of an ONNX file stands at its end (ModelProto, field 14). */
const tailBytes = 65_536;
/** In the metadata of encoders that are fed piece by piece. */
const streamingMark = /decode_chunk_len|chunk_size|window_size|cache_last_channel/;
const nemoMark = /EncDec(Hybrid)?RNNT|nemo/i;
/** Kokoro: 510 lengths of 256 float32 each. */
const kokoroSpeakerBytes = 510 * 256 * 4;

/** @throws ParleyError `sherpa-folder` with what is missing. */
export function findSttModel(folder: string): SttModel {
  const files = filesIn(folder);
  const find = (pattern: RegExp): string | undefined => smallest(folder, files, pattern);

  const [encoder, decoder, joiner] = (['encoder', 'decoder', 'joiner'] as const).map((part) =>
    find(new RegExp(`^${part}.*\\.onnx$`)),
  );
  const merged = find(/^decoder_model_merged.*\.(onnx|ort)$/);
  const moonshine = find(/^encoder_model.*\.(onnx|ort)$/);
  if (moonshine !== undefined && merged !== undefined) {
    const tokens = needed(find(/^tokens\.txt$/), 'tokens.txt', folder, sttExpected);
    return { kind: 'moonshine', encoder: moonshine, mergedDecoder: merged, tokens };
  }
  if (encoder !== undefined && decoder !== undefined && joiner !== undefined) {
    const tokens = needed(find(/^tokens\.txt$/), 'tokens.txt', folder, sttExpected);
    const metadata = tailOf(encoder);
    const parts = { encoder, decoder, joiner, tokens };
    if (streamingMark.test(metadata)) return { kind: 'streaming-transducer', ...parts };
    return { kind: 'transducer', nemo: nemoMark.test(metadata), ...parts };
  }
  const whisper = [find(/-encoder(\.int8)?\.onnx$/), find(/-decoder(\.int8)?\.onnx$/)] as const;
  if (whisper[0] !== undefined && whisper[1] !== undefined) {
    const tokens = needed(find(/tokens\.txt$/), 'NAME-tokens.txt', folder, sttExpected);
    return { kind: 'whisper', encoder: whisper[0], decoder: whisper[1], tokens };
  }
  throw wrong(folder, files.length === 0 ? 'it is empty' : 'none of the known models is whole', sttExpected);
}

/** @throws ParleyError `sherpa-folder` with what is missing. */
export function findTtsModel(folder: string): TtsModel {
  const files = filesIn(folder);
  const find = (pattern: RegExp): string | undefined => smallest(folder, files, pattern);
  const model = needed(find(/\.onnx$/), 'a file NAME.onnx', folder, ttsExpected);
  const tokens = needed(find(/^tokens\.txt$/), 'tokens.txt', folder, ttsExpected);
  const dataDir = files.includes('espeak-ng-data') ? path.join(folder, 'espeak-ng-data') : undefined;
  const lexicon = files
    .filter((name) => /^lexicon.*\.txt$/.test(name))
    .sort()
    .map((name) => path.join(folder, name))
    .join(',');
  if (dataDir === undefined && lexicon === '')
    throw wrong(folder, 'espeak-ng-data and lexicon.txt are both missing', ttsExpected);
  const voices = find(/^voices\.bin$/);
  const rest = { model, tokens, dataDir, lexicon, voices };
  if (voices === undefined) return { kind: 'vits', ...rest, speakers: speakersOf(model) };
  if (dataDir === undefined) throw wrong(folder, 'espeak-ng-data is missing', ttsExpected);
  const speakers = Math.max(1, Math.floor(statSync(voices).size / kokoroSpeakerBytes));
  return { kind: 'kokoro', ...rest, speakers };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    throw wrong(folder, 'it cannot be read', 'a folder with the unpacked files of a model');
  }
}

/** Of several files that fit (fp32 and int8), the smallest: it is the fastest on a processor, and nearly as good. */
function smallest(folder: string, files: readonly string[], pattern: RegExp): string | undefined {
  return files
    .filter((name) => pattern.test(name))
    .map((name) => path.join(folder, name))
    .toSorted((a, b) => statSync(a).size - statSync(b).size)[0];
}

/** Beside a Piper voice lies NAME.onnx.json, which says how many speakers it has. */
function speakersOf(model: string): number {
  try {
    const about = JSON.parse(readFileSync(`${model}.json`, 'utf8')) as { readonly num_speakers?: unknown };
    return typeof about.num_speakers === 'number' ? Math.max(1, about.num_speakers) : 1;
  } catch {
    return 1;
  }
}

function tailOf(file: string): string {
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    readSync(handle, tail, 0, tail.length, size - tail.length);
    return tail.toString('latin1');
  } finally {
    closeSync(handle);
  }
}

function needed(file: string | undefined, what: string, folder: string, expected: string): string {
  if (file === undefined) throw wrong(folder, `${what} is missing`, expected);
  return file;
}

function wrong(folder: string, reason: string, expected: string): ParleyError {
  return new ParleyError('sherpa-folder', { folder, reason, expected });
}
