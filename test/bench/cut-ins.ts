import { seededRandom, silence } from '../../app/audio/mix.ts';
import { type Audio, concatPcm } from '../../app/audio/pcm.ts';
import { trimSilence } from '../../app/audio/trim.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import { callerVoices } from './commands.ts';
import { type Bench, holdCall, inLanes } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { callerSpans, soundsOf } from './tracks.ts';

/** Each has a pause at one of its word boundaries, chosen by lot (always the same one). */
const sentences = [
  'what time is it in Tokyo',
  'tell me the weather in Berlin tomorrow',
  "what's the weather going to be in Chicago on Saturday",
  'I would like to know the time in London',
  'will it rain in Seattle tomorrow afternoon',
  'please tell me what time it is in Sydney',
  'how is the weather in Paris this weekend',
  'can you tell me the time in Madrid please',
  'what is the temperature in New York right now',
  'I want to know if I need an umbrella in Rome',
];
const allPausesMs = [300, 500, 700, 1_000, 1_500];
const fewPausesMs = [500, 700, 1_500];
/** Who pauses for longer has to be content with being asked. */
const judgedUpToMs = 700;
const atOnce = 3;
const sampleRateHz = 8_000;
const silenceMs = 600;
const seed = 7;

interface Case {
  readonly pauseMs: number;
  readonly audio: Audio;
  readonly text: string;
}

/** How often the bot speaks although the caller has not finished. */
export async function measureCutIns(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('own');
  const pausesMs = quick ? fewPausesMs : allPausesMs;
  const cases = await casesOf(bench, quick ? sentences.slice(0, 3) : sentences, pausesMs);
  // One call for each share of the cases, mixed so that no call has one length of pause alone.
  const calls = quick ? atOnce : 2 * atOnce;
  const shares = Array.from({ length: calls }, (_, share) =>
    cases.filter((_case, at) => at % calls === share),
  );
  const results = await inLanes(shares, atOnce, async (share) => {
    const { recording } = await holdCall(bot.phone, { signal }, async (call) => {
      await call.listen({ silenceMs, signal });
      for (const { audio } of share) {
        await call.play(audio, { signal });
        await call.listen({ silenceMs, signal });
      }
    });
    const cutIns = recording === undefined ? [] : cutInsOf(recording);
    return share.map((one, at) => ({ ...one, cutIn: cutIns[at] }));
  });
  const all = results.flat();
  const measured = all.filter(({ cutIn }) => cutIn !== undefined);
  for (const { text, pauseMs, cutIn } of measured) if (cutIn) bench.progress(`  ${pauseMs} ms: ${text}`);
  const rateOf = (some: typeof measured): number | undefined =>
    some.length === 0 ? undefined : some.filter(({ cutIn }) => cutIn).length / some.length;
  const rate = rateOf(measured.filter(({ pauseMs }) => pauseMs <= judgedUpToMs));
  const percent = (share: number | undefined): number | null =>
    share === undefined ? null : Math.round(share * 1_000) / 10;
  return {
    title: 'Cut-ins',
    how: `How often the bot spoke before the caller had finished: ${cases.length / pausesMs.length} sentences with a pause at a word boundary chosen by lot, own engines, ${shares.length} calls, ${atOnce} at once.`,
    table: [
      ['pause ms', 'sentences', 'cut in', 'percent'],
      ...pausesMs.map((pauseMs) => {
        const some = measured.filter((one) => one.pauseMs === pauseMs);
        return [pauseMs, some.length, some.filter(({ cutIn }) => cutIn).length, percent(rateOf(some))];
      }),
    ],
    notes: [
      `Cut in at pauses up to ${judgedUpToMs} ms: ${
        measured
          .filter(({ cutIn, pauseMs }) => cutIn && pauseMs <= judgedUpToMs)
          .map(({ text, pauseMs }) => `“${text}” (${pauseMs} ms)`)
          .join(', ') || 'none'
      }.`,
      `Not measured (the call was over, or the sentence was not found in the recording): ${all.length - measured.length}.`,
    ],
    targets: [
      {
        what: `cut-ins at pauses up to ${judgedUpToMs} ms`,
        limit: 2,
        bound: 'most',
        unit: '%',
        value: percent(rate),
      },
    ],
    figures: {
      cutInRate: rate ?? null,
      cutInRateByPauseMs: Object.fromEntries(
        pausesMs.map((pauseMs) => [
          pauseMs,
          rateOf(measured.filter((one) => one.pauseMs === pauseMs)) ?? null,
        ]),
      ),
    },
  };
}

async function casesOf(bench: Bench, texts: readonly string[], pausesMs: readonly number[]): Promise<Case[]> {
  const random = seededRandom(seed);
  const cases: Case[] = [];
  for (const [at, sentence] of texts.entries()) {
    const words = sentence.split(' ');
    const boundary = 1 + Math.floor(random() * (words.length - 1));
    const voice = callerVoices[at % callerVoices.length] ?? 'rms';
    // Each part by itself: the synthesiser leaves no gap between two words that could be cut at.
    const [before, after] = await Promise.all(
      [words.slice(0, boundary), words.slice(boundary)].map((part) => bench.voice(part.join(' '), voice)),
    );
    if (before === undefined || after === undefined) continue;
    const text = `${words.slice(0, boundary).join(' ')} … ${words.slice(boundary).join(' ')}`;
    for (const pauseMs of pausesMs) {
      const samples = concatPcm([
        trimSilence(before.samples, sampleRateHz).samples,
        silence(pauseMs, sampleRateHz),
        trimSilence(after.samples, sampleRateHz).samples,
      ]);
      cases.push({ pauseMs, text, audio: { samples, sampleRateHz } });
    }
  }
  return cases;
}

/** For each turn; undefined where it was not found. */
function cutInsOf(recording: CallRecording): (boolean | undefined)[] {
  const bot = soundsOf(recording, 'bot');
  return callerSpans(recording).map(
    (span) => span && bot.some(({ fromMs }) => fromMs > span.fromMs && fromMs < span.toMs),
  );
}
