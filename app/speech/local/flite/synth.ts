import { gain } from '../../../audio/mix.ts';
import type { Audio } from '../../../audio/pcm.ts';
import { trimSilence } from '../../../audio/trim.ts';
import { readMonoWav } from '../../../audio/wav.ts';
import { WasiRun } from './wasi.ts';

interface Voice {
  readonly file: string;
  /** Brings the voices to one loudness, about -20 dBFS RMS. */
  readonly gainDb: number;
}

/** The voices inside the program that are worth hearing; `kal` in its 16 kHz form. */
const voices = {
  slt: { file: 'slt', gainDb: -4 },
  rms: { file: 'rms', gainDb: 1 },
  awb: { file: 'awb', gainDb: -1 },
  kal: { file: 'kal16', gainDb: 7 },
} as const satisfies Record<string, Voice>;

export type FliteVoice = keyof typeof voices;

export const fliteVoices = Object.keys(voices) as FliteVoice[];

export function isFliteVoice(name: string): name is FliteVoice {
  return Object.hasOwn(voices, name);
}

/** Flite begins each utterance with some 200 ms of silence, which the caller would have to wait through. */
const keptSilenceMs = 15;
const silenceDbfs = -55;

/** Flite in this thread. Making an instance takes as long as saying three words, so the next one is made ahead. */
export class Flite {
  readonly #module: WebAssembly.Module;
  #ahead: WasiRun | undefined;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.prepare();
  }

  prepare(): void {
    this.#ahead ??= new WasiRun(this.#module);
  }

  /** @param text plain ASCII. Without words in it, no samples. The same text always gives the same samples. */
  speak(text: string, voice: FliteVoice): Audio {
    const run = this.#ahead ?? new WasiRun(this.#module);
    this.#ahead = undefined;
    const { file, gainDb } = voices[voice];
    const { status, printed, written } = run.run(['flite', '-voice', file, '-t', text, '-o', 'speech.wav']);
    if (status !== 0) throw new Error(`Flite ended with status ${status}: ${printed.trim()}`);
    const audio = readMonoWav(written, 'Flite');
    const { from, to } = trimSilence(audio.samples, audio.sampleRateHz, { thresholdDbfs: silenceDbfs });
    if (from === to) return { samples: new Int16Array(0), sampleRateHz: audio.sampleRateHz };
    const kept = (audio.sampleRateHz * keptSilenceMs) / 1000;
    const samples = audio.samples.subarray(Math.max(0, from - kept), to + kept);
    return { samples: gain(samples, gainDb), sampleRateHz: audio.sampleRateHz };
  }
}
