import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import llamaTokenizer from 'llama-tokenizer-js';

const tokens = 32_768;

/**
 * A folder as sherpa-onnx wants it for Moonshine, made of the weights of the own recogniser: so it hears for real in
 * the tests. Its tokens stand in base64, each with its number.
 */
export async function makeMoonshineFolder(folder: string, modelDir: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['encoder_model.onnx', 'decoder_model_merged.onnx'])
    await symlink(path.join(modelDir, name), path.join(folder, name));
  const lines = Array.from({ length: tokens }, (_, i) => {
    const piece = Buffer.from(llamaTokenizer.vocabById[i] ?? `<<ST_${i}>>`).toString('base64');
    return `${piece} ${i}\n`;
  });
  await writeFile(path.join(folder, 'tokens.txt'), lines.join(''));
}
