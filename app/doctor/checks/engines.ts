import { rmsDbfs } from '../../audio/level.ts';
import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import { createUnderstander } from '../../nlu/registry.ts';
import { findRhvoice } from '../../setup/rhvoice.ts';
import { speechWeights } from '../../setup/speech-weights.ts';
import { createStt, createTts } from '../../speech/registry.ts';
import type { Language, SpeechToText, TextToSpeech } from '../../speech/spec.ts';
import { fine, note, troubleWith } from '../findings.ts';
import type { Check, Exam, Finding } from '../spec.ts';

const sampleRateHz = 16_000;
/** What is said and heard back, by the beginning of a language's tag. */
const sentences: Readonly<Record<string, string>> = {
  en: 'What time is it in London?',
  es: '¿Qué hora es en Londres?',
};
const quietestDbfs = -45;
/** One word in four may be misheard. */
const enoughWords = 0.75;

/** What a synthesiser has said. */
interface Spoken {
  readonly speaker: string;
  readonly said: string;
  readonly samples: Pcm;
}

/** Each synthesiser speaks a sentence and each recogniser hears it; a service is asked whether it takes the key. */
export const speechCheck: Check = {
  name: 'speech',
  title: 'Speech engines',
  deadlineMs: 120_000,
  async examine(exam, { signal }) {
    const { speech } = exam.config;
    const spoken = new Map<Language, Spoken>();
    const speaking = await eachOf(speech.tts, signal, async (name) => {
      const { cacheDir } = exam;
      const rhvoice = name === 'rhvoice' ? await findRhvoice({ cacheDir, signal }) : undefined;
      const tts = createTts(name, { config: speech, rhvoice });
      try {
        return await speaks(tts, exam, spoken, signal);
      } finally {
        await tts.close();
      }
    });
    const hearing = await eachOf(speech.stt, signal, async (name) => {
      const { dir: modelDir } = await speechWeights({ cacheDir: exam.cacheDir, signal });
      const stt = createStt(name, { config: { ...speech, workers: 1 }, modelDir });
      try {
        return await hears(stt, exam, spoken, signal);
      } finally {
        await stt.close();
      }
    });
    return [...speaking, ...hearing];
  },
};

/** Each understander understands a sentence; a service is asked whether it takes the key. */
export const understandingCheck: Check = {
  name: 'understanding',
  title: 'Understanding',
  // It is trained in this thread, and what is heard of the test call would come late.
  after: ['call', 'media-server'],
  deadlineMs: 60_000,
  async examine({ config, clock }, { signal }) {
    const { nlu, skills, calls } = config;
    const { language } = calls;
    const said = sentenceIn(language);
    return eachOf(nlu.understander, signal, async (name) => {
      const { directory } = skills.call;
      const understander = createUnderstander(name, { language, directory, services: nlu, clock });
      try {
        if (understander.probe !== undefined) return fine(`${name}: ${await understander.probe({ signal })}`);
        const options = { language, signal, now: clock.now() };
        const { intent, confidence } = await understander.understand(said, options);
        return fine(`${name}: "${said}" is ${intent}, ${Math.round(confidence * 100)} %`);
      } finally {
        await understander.close();
      }
    });
  },
};

/** What is found of each of a chain. Where one of them does its work, the trouble of the others costs no call. */
async function eachOf(
  names: readonly string[],
  signal: AbortSignal,
  examine: (name: string) => Promise<Finding>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of names) {
    try {
      findings.push(await examine(name));
    } catch (error) {
      signal.throwIfAborted();
      const { says, ...rest } = troubleWith(error);
      findings.push({ ...rest, says: says.includes(name) ? says : `${name}: ${says}` });
    }
  }
  if (!findings.some(({ verdict }) => verdict === 'fine')) return findings;
  return findings.map((one) => (one.verdict === 'failed' ? { ...one, verdict: 'warning' } : one));
}

async function speaks(
  tts: TextToSpeech,
  { config }: Exam,
  spoken: Map<Language, Spoken>,
  signal: AbortSignal,
): Promise<Finding> {
  const { name: speaker } = tts;
  if (tts.probe !== undefined) return fine(`${speaker} speaks: ${await tts.probe({ signal })}`);
  const language = languageFor(tts.can.languages, config.calls);
  const said = sentenceIn(language);
  const options = { sampleRateHz, language, signal };
  // What is loaded at the first word is not counted.
  await gather(tts.speak('OK', options));
  const beganMs = performance.now();
  const { samples, firstMs } = await gather(tts.speak(said, options));
  if (rmsDbfs(samples) < quietestDbfs)
    throw new ParleyError('tts-unavailable', { provider: speaker, reason: 'what it says cannot be heard' });
  if (!spoken.has(language)) spoken.set(language, { speaker, said, samples });
  return fine(`${speaker} speaks ${language}; first audio after ${Math.round(firstMs - beganMs)} ms`);
}

async function hears(
  stt: SpeechToText,
  { config }: Exam,
  spoken: ReadonlyMap<Language, Spoken>,
  signal: AbortSignal,
): Promise<Finding> {
  const { name: listener } = stt;
  if (stt.probe !== undefined) return fine(`${listener} hears: ${await stt.probe({ signal })}`);
  const language = languageFor(stt.can.languages, config.calls);
  const speech = spoken.get(language);
  if (speech === undefined) return note(`${listener} was not tried: nothing speaks ${language} to it`);
  const { speaker, said, samples } = speech;
  await stt.warmUp([]);
  const beganMs = performance.now();
  let heard = '';
  for await (const part of stt.listen(piecesOf(samples), { sampleRateHz, language, signal }))
    if (part.kind === 'final') heard = part.text;
  const tookMs = Math.round(performance.now() - beganMs);
  const words = wordsIn(said);
  const right = words.filter((word) => wordsIn(heard).includes(word)).length;
  if (right < enoughWords * words.length)
    throw new ParleyError('doctor-misheard', { listener, speaker, said, heard });
  return fine(`${listener} hears what ${speaker} says, in ${tookMs} ms`);
}

/** All of it, and when the first of it came, by `performance.now()`. */
async function gather(speech: AsyncIterable<Pcm>): Promise<{ samples: Pcm; firstMs: number }> {
  let firstMs: number | undefined;
  const pieces: Pcm[] = [];
  for await (const piece of speech) {
    firstMs ??= performance.now();
    pieces.push(piece);
  }
  return { samples: concatPcm(pieces), firstMs: firstMs ?? performance.now() };
}

async function* piecesOf(samples: Pcm): AsyncGenerator<Pcm> {
  const length = sampleRateHz / 10;
  for (let at = 0; at < samples.length; at += length)
    yield await Promise.resolve(samples.subarray(at, at + length));
}

/** The first language of the calls that an engine knows; that of most calls where it knows none, to be refused. */
function languageFor(known: readonly Language[], calls: Exam['config']['calls']): Language {
  const wanted = [calls.language, ...calls.languages];
  return wanted.find((language) => known.includes(language)) ?? calls.language;
}

function sentenceIn(language: Language): string {
  return sentences[language.slice(0, 2).toLowerCase()] ?? sentences['en'] ?? '';
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
