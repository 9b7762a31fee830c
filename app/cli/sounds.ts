/** `npm run sounds`: speaks the fixed prompts into WAV files; `--check` only tells whether they match their texts. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { concatPcm, type Pcm } from '../audio/pcm.ts';
import { writeWav } from '../audio/wav.ts';
import { readPromptTexts } from '../conversation/prompts.ts';
import { levelPrompt } from '../media/sox.ts';
import { findSox } from '../setup/sox.ts';
import { createLocalTts } from '../speech/local/tts.ts';
import { runCommand } from './command.ts';
import { userCacheDir } from './parley-process.ts';

/** Asterisk plays WAV files at this rate only. */
const fileRateHz = 8_000;
const speechRateHz = 16_000;
const voice = 'slt';
const languages: Readonly<Record<string, string>> = { en: 'en-US' };
/** Telephones take a moment to open their ears. */
const leadInMs = 100;

const soundsDir = fileURLToPath(new URL('../../sounds', import.meta.url));
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** What a WAV file was made of, and what it is: `name -> hash`, in sounds/LANGUAGE/manifest.json. */
type Manifest = Readonly<Record<string, { readonly madeOf: string; readonly sha256: string }>>;

await runCommand(async (signal) => {
  const problems: string[] = [];
  for (const [folder, language] of Object.entries(languages)) {
    const texts = await readPromptTexts(soundsDir, folder);
    if (values.check) problems.push(...(await stale(folder, texts)));
    else await make(folder, language, texts, signal);
  }
  for (const problem of problems) console.error(`${problem}: run npm run sounds`);
  return problems.length > 0 ? 1 : 0;
});

async function make(
  folder: string,
  language: string,
  texts: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { path: soxPath } = await findSox({ cacheDir: userCacheDir(process.env), signal });
  const tts = createLocalTts();
  const dir = path.join(soundsDir, folder);
  await mkdir(dir, { recursive: true });
  for (const file of await readdir(dir)) {
    if (file.endsWith('.wav') && !Object.hasOwn(texts, path.basename(file, '.wav')))
      await rm(path.join(dir, file));
  }
  try {
    const manifest: Record<string, Manifest[string]> = {};
    for (const [name, text] of Object.entries(texts)) {
      const pieces: Pcm[] = [new Int16Array((speechRateHz * leadInMs) / 1000)];
      for await (const piece of tts.speak(text, { language, voice, sampleRateHz: speechRateHz, signal })) {
        pieces.push(piece);
      }
      const spoken = { samples: concatPcm(pieces), sampleRateHz: speechRateHz };
      const levelled = await levelPrompt(spoken, { soxPath, signal, sampleRateHz: fileRateHz });
      const wav = writeWav(levelled);
      await writeFile(path.join(dir, `${name}.wav`), wav);
      manifest[name] = { madeOf: madeOf(text), sha256: sha256(wav) };
      console.log(`${folder}/${name}.wav  ${(levelled.samples.length / fileRateHz).toFixed(1)} s  ${text}`);
    }
    await writeFile(path.join(dir, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  } finally {
    await tts.close();
  }
}

async function stale(folder: string, texts: Readonly<Record<string, string>>): Promise<string[]> {
  const dir = path.join(soundsDir, folder);
  const manifest = JSON.parse(await readFile(path.join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const problems: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const entry = manifest[name];
    const wav = await readFile(path.join(dir, `${name}.wav`)).catch(() => undefined);
    if (wav === undefined) problems.push(`${folder}/${name}.wav is missing`);
    else if (entry?.madeOf !== madeOf(text))
      problems.push(`${folder}/${name}.wav does not say what prompts.yaml says`);
    else if (entry.sha256 !== sha256(wav))
      problems.push(`${folder}/${name}.wav is not the one that was made`);
  }
  return problems;
}

function madeOf(text: string): string {
  return sha256(Buffer.from(`${voice} ${text}`)).slice(0, 16);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
