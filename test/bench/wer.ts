import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import { decodeMuLaw, encodeMuLaw } from '../../app/audio/g711.ts';
import { mix, silence, whiteNoise } from '../../app/audio/mix.ts';
import { concatPcm, type Audio, type Pcm } from '../../app/audio/pcm.ts';
import { resample } from '../../app/audio/resample.ts';
import { speechLevelDbfs } from '../../app/audio/speech-level.ts';
import { readMonoWav } from '../../app/audio/wav.ts';
import { phraseSets } from '../../app/nlu/phrases.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { createLocalStt } from '../../app/speech/local/stt.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import type { PhraseSet, SpeechToText } from '../../app/speech/spec.ts';
import { commands } from '../speech/local/commands.ts';
import { testCacheDir } from '../support/asterisk.ts';

/**
 * Word error rates of the own recogniser at 8 kHz mu-law, as fractions; null where the material is not there. Human: the
 * prompts of Asterisk (one speaker) of 3 to 15 words, heard freely. Commands: what callers ask the bot, heard with the bot's
 * phrases, in six voices: the four of Flite, and two of them played slower and deeper, or faster and higher. Noise is white,
 * so far below the speech (its pauses left out).
 */
export interface WordErrorRates {
  readonly human8k: number | null;
  readonly human8k10dB: number | null;
  readonly commands8k: number;
  readonly commands8k20dB: number;
  readonly commands8k10dB: number;
}

export interface WerOptions {
  readonly signal: AbortSignal;
  /** A fifth of the material. */
  readonly quick: boolean;
}

interface Spoken {
  readonly text: string;
  readonly samples: Pcm;
}

const rateHz = 8_000;
const language = 'en-US';
const humanPrompts = 200;
const commandsPerVoice = 60;
/** `tempo` above 1 is faster and higher. */
const voices = [
  { voice: 'slt', tempo: 1 },
  { voice: 'rms', tempo: 1 },
  { voice: 'awb', tempo: 1 },
  { voice: 'kal', tempo: 1 },
  { voice: 'rms', tempo: 0.92 },
  { voice: 'awb', tempo: 1.08 },
] as const;
/** What a line tells from before and after the speech. */
const aroundMs = { before: 300, after: 100 };
const atOnce = 8;

export async function measureWer({ signal, quick }: WerOptions): Promise<WordErrorRates> {
  const share = quick ? 0.2 : 1;
  const { dir: modelDir } = await speechWeights({ cacheDir: testCacheDir(), signal });
  const stt = createLocalStt({ modelDir });
  try {
    const { general } = phraseSets({ directory: { Alice: '6002', Bob: '6003' } });
    await stt.warmUp([general]);
    const human = spread(await humanSpeech(signal), humanPrompts * share);
    const spoken = await spokenCommands(general, commandsPerVoice * share, signal);
    const wer = (all: readonly Spoken[], phrases?: PhraseSet): Promise<number> =>
      wordErrorRate(stt, all, phrases, signal);
    return {
      human8k: human.length === 0 ? null : await wer(human),
      human8k10dB: human.length === 0 ? null : await wer(noisy(human, 10)),
      commands8k: await wer(spoken, general),
      commands8k20dB: await wer(noisy(spoken, 20), general),
      commands8k10dB: await wer(noisy(spoken, 10), general),
    };
  } finally {
    await stt.close();
  }
}

/** Asterisk's prompts with the text that comes with them; none where an Asterisk came without. */
async function humanSpeech(signal: AbortSignal): Promise<readonly Spoken[]> {
  const { englishSoundsDir, dataDir } = await findAsterisk({ cacheDir: testCacheDir(), signal });
  const textFile = path.join(dataDir, '../doc/asterisk-core-sounds-en/core-sounds-en.txt.gz');
  const bytes = await readFile(textFile).catch(() => undefined);
  if (englishSoundsDir === undefined || bytes === undefined) return [];
  const all: Spoken[] = [];
  for (const line of gunzipSync(bytes).toString().split('\n')) {
    const [, name, text = ''] = /^([\w/-]+): ([^[\]<>()]+)$/.exec(line.trim()) ?? [];
    const count = words(text).length;
    if (name === undefined || count < 3 || count > 15) continue;
    const wav = await readFile(path.join(englishSoundsDir, `${name}.wav`)).catch(() => undefined);
    if (wav) all.push({ text, samples: onTheLine(readMonoWav(wav, name)) });
  }
  return all;
}

async function spokenCommands(
  known: PhraseSet,
  perVoice: number,
  signal: AbortSignal,
): Promise<readonly Spoken[]> {
  const phrases = new Set(known.phrases.map((phrase) => words(phrase).join(' ')));
  const texts = commands.filter((command) => phrases.has(words(command).join(' ')));
  const tts = createLocalTts();
  const all: Spoken[] = [];
  try {
    for (const [i, { voice, tempo }] of voices.entries()) {
      // Each voice says others.
      for (const text of spread([...texts.slice(i), ...texts.slice(0, i)], perVoice)) {
        const pieces: Pcm[] = [];
        for await (const piece of tts.speak(text, { voice, sampleRateHz: rateHz, language, signal }))
          pieces.push(piece);
        all.push({ text, samples: onTheLine({ samples: concatPcm(pieces), sampleRateHz: rateHz * tempo }) });
      }
    }
  } finally {
    await tts.close();
  }
  return all;
}

function onTheLine({ samples, sampleRateHz }: Audio): Pcm {
  const { before, after } = aroundMs;
  return telephone(
    concatPcm([
      silence(before, rateHz),
      resample(samples, Math.round(sampleRateHz), rateHz),
      silence(after, rateHz),
    ]),
  );
}

function noisy(all: readonly Spoken[], snrDb: number): readonly Spoken[] {
  return all.map(({ text, samples }, seed) => {
    const level = speechLevelDbfs(samples, rateHz) - snrDb;
    const noise = whiteNoise((samples.length / rateHz) * 1000, rateHz, level, seed);
    return { text, samples: telephone(mix(samples, noise)) };
  });
}

function telephone(samples: Pcm): Pcm {
  return decodeMuLaw(encodeMuLaw(samples));
}

/** So many of them, from all over. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, all.length / count);
  return all.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
}

async function wordErrorRate(
  stt: SpeechToText,
  all: readonly Spoken[],
  phrases: PhraseSet | undefined,
  signal: AbortSignal,
): Promise<number> {
  let errors = 0;
  let count = 0;
  const waiting = all.values();
  const listen = async (): Promise<void> => {
    for (const { text, samples } of waiting) {
      const said = words(text);
      // Awaited before the sum is read: several listen at once.
      const heard = words(await hear(stt, samples, phrases, signal));
      errors += editDistance(said, heard);
      count += said.length;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, listen));
  return errors / count;
}

async function hear(
  stt: SpeechToText,
  samples: Pcm,
  phrases: PhraseSet | undefined,
  signal: AbortSignal,
): Promise<string> {
  async function* audio(): AsyncGenerator<Pcm> {
    yield await Promise.resolve(samples);
  }
  const options = { sampleRateHz: rateHz, language, signal, ...(phrases && { phrases }) };
  for await (const heard of stt.listen(audio(), options)) if (heard.kind === 'final') return heard.text;
  return '';
}

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** Without what is a matter of writing: case, punctuation, hyphens, contractions; each digit and each key of a telephone is a word. */
function words(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[’']re\b/g, ' are')
    .replace(/[’']m\b/g, ' am')
    .replace(/n[’']t\b/g, ' not')
    .replace(/\*/g, ' star ')
    .replace(/#/g, ' pound ')
    .replace(/\d/g, (digit) => ` ${digits[Number(digit)] ?? ''} `)
    .replace(/[’']/g, '')
    .replace(/[^a-z]+/g, ' ')
    .trim()
    .split(' ')
    .filter(Boolean);
}

/**
 * Words to put in, take out or exchange (Levenshtein). Whether two words are written as one ("mail box", "mailbox") does not
 * count.
 */
function editDistance(said: readonly string[], heard: readonly string[]): number {
  const costs = Array.from({ length: said.length + 1 }, () =>
    new Array<number>(heard.length + 1).fill(Infinity),
  );
  const reach = (i: number, j: number, cost: number): void => {
    const row = costs[i];
    if (row && j < row.length) row[j] = Math.min(row[j] ?? Infinity, cost);
  };
  reach(0, 0, 0);
  for (let i = 0; i <= said.length; i++) {
    for (let j = 0; j <= heard.length; j++) {
      const cost = costs[i]?.[j] ?? Infinity;
      const [a = '', nextA = ''] = said.slice(i);
      const [b = '', nextB = ''] = heard.slice(j);
      reach(i + 1, j, cost + 1);
      reach(i, j + 1, cost + 1);
      reach(i + 1, j + 1, cost + (a === b ? 0 : 1));
      if (a + nextA === b) reach(i + 2, j + 1, cost);
      if (a === b + nextB) reach(i + 1, j + 2, cost);
    }
  }
  return costs.at(-1)?.at(-1) ?? 0;
}
