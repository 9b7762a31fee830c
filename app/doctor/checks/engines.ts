import { rmsDbfs } from '../../audio/level.ts';
import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { ParleyError } from '../../errors.ts';
import { createUnderstander } from '../../nlu/registry.ts';
import { findRhvoice } from '../../setup/rhvoice.ts';
import { speechWeights } from '../../setup/speech-weights.ts';
import { createStt, createTts } from '../../speech/registry.ts';
import type { SpeechToText, TextToSpeech } from '../../speech/spec.ts';
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

/** Each synthesiser speaks, each recogniser hears it, each service takes its key. */
export const speechCheck: Check = {
  name: 'speech',
  title: 'Speech engines',
  deadlineMs: 120_000,
  async examine(exam, { signal }) {
    const { speech, calls } = exam.config;
    const { dir: modelDir } = await speechWeights({ cacheDir: exam.cacheDir, signal });
    const findings: Finding[] = [];
    const voices: TextToSpeech[] = [];
    const ears: SpeechToText[] = [];
    try {
      for (const name of namesOf(speech.tts))
        await collect(findings, name, async () => {
          const rhvoice =
            name === 'rhvoice' ? await findRhvoice({ cacheDir: exam.cacheDir, signal }) : undefined;
          voices.push(createTts(name, { config: speech, rhvoice }));
        });
      for (const name of namesOf(speech.stt))
        await collect(findings, name, () =>
          ears.push(createStt(name, { config: { ...speech, workers: 1 }, modelDir })),
        );
      const said = sentenceIn(calls.language);
      let spoken: Pcm | undefined;
      for (const tts of voices) {
        await collect(findings, tts.name, async () => {
          if (tts.probe !== undefined) {
            findings.push(fine(`${tts.name} speaks: ${await tts.probe({ signal })}`));
            return;
          }
          const { samples, firstMs } = await speak(tts, said, exam, signal);
          spoken ??= samples;
          findings.push(fine(`${tts.name} speaks; first audio after ${Math.round(firstMs)} ms`));
        });
      }
      for (const stt of ears) {
        await collect(findings, stt.name, async () => {
          if (stt.probe !== undefined)
            findings.push(fine(`${stt.name} hears: ${await stt.probe({ signal })}`));
          else if (spoken === undefined) findings.push(note(`${stt.name} is there; nobody spoke to it`));
          else findings.push(await hear(stt, spoken, said, voices[0]?.name ?? '', calls.language, signal));
        });
      }
    } finally {
      await Promise.all([...voices, ...ears].map((engine) => engine.close()));
    }
    return findings;

    async function collect(into: Finding[], name: string, work: () => unknown): Promise<void> {
      try {
        await work();
      } catch (error) {
        signal.throwIfAborted();
        const finding = troubleWith(error);
        into.push({
          ...finding,
          says: finding.says.includes(name) ? finding.says : `${name}: ${finding.says}`,
        });
      }
    }
  },
};

/** The bot understands a sentence, and each service takes its key. */
export const understandingCheck: Check = {
  name: 'understanding',
  title: 'Understanding',
  // It is trained in this thread, and what is heard of the test call would come late.
  after: ['call', 'media-server'],
  deadlineMs: 60_000,
  async examine(exam, { signal }) {
    const { nlu, skills, calls } = exam.config;
    const findings: Finding[] = [];
    for (const name of namesOf(nlu.understander)) {
      try {
        const understander = createUnderstander(name, { directory: skills.call.directory });
        try {
          const said = sentenceIn(calls.language);
          const now = exam.clock.now();
          const told =
            understander.probe !== undefined
              ? await understander.probe({ signal })
              : await understander
                  .understand(said, { language: calls.language, signal, now })
                  .then(
                    ({ intent, confidence }) => `"${said}" is ${intent}, ${Math.round(confidence * 100)} %`,
                  );
          findings.push(fine(`${name}: ${told}`));
        } finally {
          await understander.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        findings.push(troubleWith(error));
      }
    }
    return findings;
  },
};

async function speak(
  tts: TextToSpeech,
  said: string,
  { config }: Exam,
  signal: AbortSignal,
): Promise<{ samples: Pcm; firstMs: number }> {
  const { language } = config.calls;
  const options = { sampleRateHz, language, signal, ...voiceFor(tts, config.speech.voice) };
  // What is loaded at the first word is not counted.
  await gather(tts.speak('OK', options));
  const beganMs = performance.now();
  const { samples, firstMs } = await gather(tts.speak(said, options));
  if (rmsDbfs(samples) < quietestDbfs)
    throw new ParleyError('tts-unavailable', { provider: tts.name, reason: 'what it says cannot be heard' });
  return { samples, firstMs: firstMs - beganMs };
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

async function hear(
  stt: SpeechToText,
  spoken: Pcm,
  said: string,
  speaker: string,
  language: string,
  signal: AbortSignal,
): Promise<Finding> {
  let heard = '';
  await stt.warmUp([]);
  const beganMs = performance.now();
  for await (const part of stt.listen(piecesOf(spoken), { sampleRateHz, language, signal }))
    if (part.kind === 'final') heard = part.text;
  const tookMs = Math.round(performance.now() - beganMs);
  const words = wordsIn(said);
  const right = words.filter((word) => wordsIn(heard).includes(word)).length;
  if (right >= enoughWords * words.length)
    return fine(`${stt.name} hears what ${speaker} says, in ${tookMs} ms`);
  return troubleWith(new ParleyError('doctor-misheard', { listener: stt.name, speaker, said, heard }));
}

async function* piecesOf(samples: Pcm): AsyncGenerator<Pcm> {
  const length = sampleRateHz / 10;
  for (let at = 0; at < samples.length; at += length)
    yield await Promise.resolve(samples.subarray(at, at + length));
}

/** Several stand in a chain: `azure, local`. */
function namesOf(chain: string | readonly string[]): string[] {
  const names = typeof chain === 'string' ? chain.split(',') : [...chain];
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

function voiceFor(tts: TextToSpeech, voice: string): { voice?: string } {
  return tts.can.voices.includes(voice) ? { voice } : {};
}

function sentenceIn(language: string): string {
  return sentences[language.slice(0, 2).toLowerCase()] ?? sentences['en'] ?? '';
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
