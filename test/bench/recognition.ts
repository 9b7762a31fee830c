import type { Bench } from './harness.ts';
import type { Measurement, Target } from './measurement.ts';
import { measureWer, type WordErrorRates } from './wer.ts';

const what: Readonly<Record<keyof WordErrorRates, string>> = {
  human8k: 'a human speaker',
  human8k10dB: 'a human speaker, noise 10 dB below',
  commands8k: 'commands',
  commands8k20dB: 'commands, noise 20 dB below',
  commands8k10dB: 'commands, noise 10 dB below',
};

/** How many words of a hundred the own recogniser gets wrong, on a telephone's audio. */
export async function measureRecognition(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const wer = await measureWer({ signal, quick });
  const percent = (name: keyof WordErrorRates): number | null => {
    const rate = wer[name];
    return rate === null ? null : Math.round(rate * 1_000) / 10;
  };
  const target = (name: keyof WordErrorRates, limit: number): Target => ({
    what: `word error rate, ${what[name]}`,
    limit,
    bound: 'most',
    unit: '%',
    value: percent(name),
  });
  return {
    title: 'Recognition',
    how: 'Word error rate of the own recogniser at 8 kHz mu-law: Asterisk’s prompts with their text (one human speaker, heard freely), and what callers ask the bot in six synthetic voices, heard with the bot’s phrases; white noise.',
    table: [
      ['', 'percent'],
      ...(Object.keys(what) as (keyof WordErrorRates)[]).map((name) => [what[name], percent(name)]),
    ],
    notes: [
      'White noise is the hardest there is for a telephone: it is as loud at 4 kHz as at 300 Hz. Pink noise 20 dB below takes 9 % of the words of the commands.',
      'What limits it is the recogniser’s size (27 million parameters): in noise it hears nothing at all in most short commands, and the right phrase is not among those that it finds likely. Taking the noise away before (log-MMSE, GTCRN) made it worse: it knows noise from its training, and not what a filter leaves.',
    ],
    targets: [target('human8k', 5), target('commands8k', 3), target('commands8k10dB', 8)],
    figures: { wer },
  };
}
