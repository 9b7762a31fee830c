/** `npm run sounds`: speaks the fixed prompts into WAV files; `--check` only tells whether they match their texts. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Audio, concatPcm, type Pcm } from '../audio/pcm.ts';
import { readMonoWav, writeWav } from '../audio/wav.ts';
import { readPromptTexts } from '../conversation/prompts.ts';
import { levelPrompt } from '../media/sox.ts';
import { findEspeak } from '../setup/espeak.ts';
import { runProgram } from '../setup/program.ts';
import { findSox } from '../setup/sox.ts';
import { createLocalTts } from '../speech/local/tts.ts';
import { runCommand } from './command.ts';
import { userCacheDir } from './parley-process.ts';

/** Asterisk plays WAV files at this rate only. */
const fileRateHz = 8_000;
const speechRateHz = 16_000;
/** Those that the dialplan plays, which has no synthesiser. The app speaks its own in the voice of its answers. */
const dialplans = ['apology', 'not-available', 'unknown-number', 'goodbye'];

/** How the prompts of a language are made, and which of them; all when absent. */
interface Recipe {
  /** Of what made a file; another one makes it anew. */
  readonly voice: string;
  readonly only?: readonly string[];
  readonly open: (signal: AbortSignal) => Promise<Reader>;
}

interface Reader {
  read(text: string, signal: AbortSignal): Promise<Audio>;
  close(): Promise<void>;
}

const languages: Readonly<Record<string, Recipe>> = {
  en: { voice: 'slt', open: () => Promise.resolve(flite('en-US', 'slt')) },
  // None of the own engines speaks Spanish.
  es: { voice: 'espeak-ng es', only: dialplans, open: (signal) => espeak('es', signal) },
};
/** A little slower than it speaks by itself, for the telephone. */
const espeakWordsPerMinute = 150;
/** Telephones take a moment to open their ears. */
const leadInMs = 100;

const soundsDir = fileURLToPath(new URL('../../sounds', import.meta.url));
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** What a WAV file was made of, and what it is: `name -> hash`, in sounds/LANGUAGE/manifest.json. */
type Manifest = Readonly<Record<string, { readonly madeOf: string; readonly sha256: string }>>;

await runCommand(async (signal) => {
  const problems: string[] = [];
  for (const [folder, recipe] of Object.entries(languages)) {
    const all = Object.entries(await readPromptTexts(soundsDir, folder));
    const texts = Object.fromEntries(all.filter(([name]) => recipe.only?.includes(name) ?? true));
    if (values.check) problems.push(...(await stale(folder, recipe, texts)));
    else await make(folder, recipe, texts, signal);
  }
  for (const problem of problems) console.error(`${problem}: run npm run sounds`);
  return problems.length > 0 ? 1 : 0;
});

async function make(
  folder: string,
  recipe: Recipe,
  texts: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const { path: soxPath } = await findSox({ cacheDir: userCacheDir(process.env), signal });
  const reader = await recipe.open(signal);
  const dir = path.join(soundsDir, folder);
  await mkdir(dir, { recursive: true });
  for (const file of await readdir(dir)) {
    if (file.endsWith('.wav') && !Object.hasOwn(texts, path.basename(file, '.wav')))
      await rm(path.join(dir, file));
  }
  try {
    const manifest: Record<string, Manifest[string]> = {};
    for (const [name, text] of Object.entries(texts)) {
      const { samples, sampleRateHz } = await reader.read(text, signal);
      const leadIn = new Int16Array(Math.round((sampleRateHz * leadInMs) / 1000));
      const spoken = { samples: concatPcm([leadIn, samples]), sampleRateHz };
      const levelled = await levelPrompt(spoken, { soxPath, signal, sampleRateHz: fileRateHz });
      const wav = writeWav(levelled);
      await writeFile(path.join(dir, `${name}.wav`), wav);
      manifest[name] = { madeOf: madeOf(recipe, text), sha256: sha256(wav) };
      console.log(`${folder}/${name}.wav  ${(levelled.samples.length / fileRateHz).toFixed(1)} s  ${text}`);
    }
    await writeFile(path.join(dir, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  } finally {
    await reader.close();
  }
}

function flite(language: string, voice: string): Reader {
  const tts = createLocalTts();
  return {
    async read(text, signal) {
      const pieces: Pcm[] = [];
      const options = { language, voice, sampleRateHz: speechRateHz, signal };
      for await (const piece of tts.speak(text, options)) pieces.push(piece);
      return { samples: concatPcm(pieces), sampleRateHz: speechRateHz };
    },
    close: () => tts.close(),
  };
}

async function espeak(voice: string, signal: AbortSignal): Promise<Reader> {
  const { program, args } = await findEspeak({ cacheDir: userCacheDir(process.env), signal });
  const dir = await mkdtemp(path.join(tmpdir(), 'parley-sounds-'));
  const file = path.join(dir, 'prompt.wav');
  return {
    async read(text, until) {
      const speaking = [...args, '-v', voice, '-s', String(espeakWordsPerMinute), '-w', file, text];
      const { status, stderr } = await runProgram(program, speaking, { signal: until, deadlineMs: 30_000 });
      if (status !== 0) throw new Error(`espeak-ng: ${stderr}`);
      return readMonoWav(await readFile(file), text);
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

async function stale(
  folder: string,
  recipe: Recipe,
  texts: Readonly<Record<string, string>>,
): Promise<string[]> {
  const dir = path.join(soundsDir, folder);
  const manifest = JSON.parse(await readFile(path.join(dir, 'manifest.json'), 'utf8')) as Manifest;
  const problems: string[] = [];
  for (const [name, text] of Object.entries(texts)) {
    const entry = manifest[name];
    const wav = await readFile(path.join(dir, `${name}.wav`)).catch(() => undefined);
    if (wav === undefined) problems.push(`${folder}/${name}.wav is missing`);
    else if (entry?.madeOf !== madeOf(recipe, text))
      problems.push(`${folder}/${name}.wav does not say what prompts.yaml says`);
    else if (entry.sha256 !== sha256(wav))
      problems.push(`${folder}/${name}.wav is not the one that was made`);
  }
  return problems;
}

function madeOf({ voice }: Recipe, text: string): string {
  return sha256(Buffer.from(`${voice} ${text}`)).slice(0, 16);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
