import type { Bench } from './harness.ts';
import type { Measurement, Target } from './measurement.ts';

type Wer = Readonly<Record<'human8k' | 'commands8k' | 'commands8k20dB' | 'commands8k10dB', number | null>>;
type MeasureWer = (options: { readonly signal: AbortSignal; readonly quick: boolean }) => Promise<Wer>;

const file = './wer.ts';

/** How many words of a hundred the own recogniser gets wrong, on a telephone's audio. */
export async function measureRecognition(bench: Bench): Promise<Measurement> {
  const { signal, quick } = bench;
  const measure = await find();
  const wer = await measure({ signal, quick });
  const target = (what: keyof Wer, limit: number): Target => {
    const value = wer[what];
    const percent = value === null ? null : Math.round(value * 1_000) / 10;
    return { what: `word error rate, ${what}`, limit, bound: 'most', unit: '%', value: percent };
  };
  const targets = [target('human8k', 5), target('commands8k', 3), target('commands8k10dB', 8)];
  const all = [...targets.slice(0, 2), target('commands8k20dB', 8), ...targets.slice(2)];
  return {
    title: 'Recognition',
    how: 'Word error rate of the own recogniser at 8 kHz mu-law: recordings of a human speaker with their text, and spoken commands, clean and with noise.',
    table: [['', 'percent'], ...all.map(({ what, value }) => [what, value])],
    notes: [],
    targets,
    figures: { wer },
  };
}

async function find(): Promise<MeasureWer> {
  const module: unknown = await import(new URL(file, import.meta.url).href).catch((cause: unknown) => {
    throw new Error(`test/bench/wer.ts cannot be loaded: ${String(cause)}`, { cause });
  });
  if (typeof module === 'object' && module !== null && 'measureWer' in module)
    return module.measureWer as MeasureWer;
  throw new Error('test/bench/wer.ts has no measureWer');
}
