import { gain } from '../../app/audio/mix.ts';
import { makeSound, type SoundName } from '../../app/phone/acoustics/sounds.ts';
import type { Surroundings } from '../../app/phone/microphone.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import { longCommand } from './commands.ts';
import { type Bench, holdCall, type Outcome } from './harness.ts';
import type { Measurement } from './measurement.ts';
import { soundsOf } from './tracks.ts';

const surroundingNames = ['noise', 'music', 'echo'] as const;
type SurroundingName = (typeof surroundingNames)[number];

/** Noise and music lie so far below speech; the echo so far below the bot's voice, and so late. */
const snrDb = 10;
const echo = { downDb: 20, lateMs: 150 };
const sampleRateHz = 8_000;
const backgroundMs = 6_240;
/** By then the caller has asked: who asks is understood without noise. */
const backgroundFromMs = 11_000;
/** The bot speaks on over a pause between two sentences, which takes up to 450 ms. */
const interruptedMs = 700;
/** "Here are the headlines." is shorter than this, a headline longer. */
const introMs = 1_500;
const silenceMs = 600;
const startEveryMs = 500;
/** More would be more than the callers' side can play on these cores: an echo that comes later than it should is none. */
const atOnce = 12;

/** How often noise, music or the bot's own echo stops a bot that reads out something long. */
export async function measureFalseInterruptions(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const bot = await bench.bot('own', bench.longNews);
  const logged = (await bot.log()).length;
  const audio = await bench.voice(longCommand, 'rms');
  const [callsOfEach, talkMs] = quick ? [4, 24_000] : [12, 108_000];
  const calls = Array.from({ length: callsOfEach }, (_, seed) =>
    surroundingNames.map((name) => ({ name, seed: seed + 1 })),
  ).flat();
  const hold = async ({ name, seed }: (typeof calls)[number], at: number): Promise<Outcome> => {
    await new Promise((resolve) => setTimeout(resolve, at * startEveryMs));
    const surroundings = surroundingsOf(name, seed);
    return holdCall(bot.phone, { surroundings, signal }, async (call) => {
      await call.listen({ silenceMs, signal });
      await call.play(audio, { signal });
      await call.wait(talkMs, { signal });
    });
  };
  const outcomes: Outcome[] = [];
  for (let from = 0; from < calls.length; from += atOnce) {
    await bench.calm();
    outcomes.push(...(await Promise.all(calls.slice(from, from + atOnce).map(hold))));
  }
  const log = (await bot.log()).slice(logged);
  // Calls begin one after the other, so the log has them in their order.
  const ids = log.filter(({ message }) => message === 'a call').map(({ callId }) => callId);
  const talks = outcomes.map(({ recording }, at): Talk => ({
    ...(recording === undefined ? nothing : heardOf(recording)),
    interruptions: interruptionsIn(log.filter(({ callId }) => callId === ids[at])),
  }));
  const rows = surroundingNames.map((name) =>
    sumOf(
      name,
      talks.filter((_talk, at) => calls[at]?.name === name),
    ),
  );
  const all = sumOf('all', talks);
  for (const { name, minutes, interruptions, silences } of rows)
    bench.progress(
      `  ${name}: ${interruptions} interruptions, ${silences} silences in ${minutes.toFixed(1)} minutes`,
    );
  const perHour = all.minutes === 0 ? null : Math.round((6_000 * all.interruptions) / all.minutes) / 100;
  return {
    title: 'False interruptions',
    how: `A bot with its own engines reads out headlines; beside the callers, who say nothing, there is street noise or hold music ${snrDb} dB below speech, or the bot’s own voice comes back ${echo.downDb} dB down and ${echo.lateMs} ms late. ${calls.length} calls, ${atOnce} at once; only the time in which the bot speaks counts.`,
    table: [
      ['', 'minutes of speech', 'interruptions', `silences over ${interruptedMs} ms`],
      ...[...rows, all].map(({ name, minutes, interruptions, silences }) => [
        name,
        Math.round(minutes * 10) / 10,
        interruptions,
        silences,
      ]),
    ],
    notes: [
      'Interruptions are what the app’s log tells of itself; a silence in the recording may also be a bot that is short of time.',
      `Calls in which nothing was read out: ${talks.filter(({ spokenMs }) => spokenMs === 0).length} of ${calls.length}.`,
    ],
    targets: [{ what: 'false interruptions', limit: 0, bound: 'most', unit: 'an hour', value: perHour }],
    figures: { falseInterruptionsPerHour: perHour },
  };
}

function surroundingsOf(name: SurroundingName, seed: number): Surroundings {
  if (name === 'echo') return { echo };
  const sound: SoundName = name === 'noise' ? 'street' : 'music';
  // All sounds and voices are equally loud.
  const samples = gain(makeSound(sound, { durationMs: backgroundMs, seed, sampleRateHz }), -snrDb);
  return { background: { audio: { samples, sampleRateHz }, fromMs: backgroundFromMs, toMs: Infinity } };
}

interface Talk {
  readonly spokenMs: number;
  readonly silences: number;
  readonly interruptions: number;
}

interface Row {
  readonly name: string;
  readonly minutes: number;
  readonly silences: number;
  readonly interruptions: number;
}

const nothing = { spokenMs: 0, silences: 0 } as const;

/** What the bot read out, from its first headline on. */
function heardOf(recording: CallRecording): Pick<Talk, 'spokenMs' | 'silences'> {
  const askedMs = recording.turns[0]?.toMs ?? Infinity;
  const sounds = soundsOf(recording, 'bot');
  const from = sounds.findIndex(({ fromMs, toMs }) => fromMs >= askedMs && toMs - fromMs > introMs);
  const [first, last] = [sounds[from], sounds.at(-1)];
  if (first === undefined || last === undefined) return nothing;
  const talk = sounds.slice(from);
  const gaps = talk.slice(1).filter((sound, at) => sound.fromMs - (talk[at]?.toMs ?? 0) > interruptedMs);
  return { spokenMs: last.toMs - first.fromMs, silences: gaps.length };
}

/**
 * Each interruption stops what is said, and is then found to be nothing or (worse) taken for a turn. One of the two may
 * be missing: nothing is being said between two sentences, and a call may end before anything is found.
 */
function interruptionsIn(log: readonly Readonly<Record<string, unknown>>[]): number {
  const stopped = log.filter(({ message }) => message === 'stopped by the caller').length;
  const found = log.filter(
    ({ message, turn }) => message === 'nothing to answer' || (message === 'understood' && turn !== 1),
  ).length;
  return Math.max(stopped, found);
}

function sumOf(name: string, talks: readonly Talk[]): Row {
  const sum = (of: (talk: Talk) => number): number => talks.reduce((all, talk) => all + of(talk), 0);
  return {
    name,
    minutes: sum(({ spokenMs }) => spokenMs) / 60_000,
    silences: sum(({ silences }) => silences),
    interruptions: sum(({ interruptions }) => interruptions),
  };
}
