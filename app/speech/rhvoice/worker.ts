import type { Pcm } from '../../audio/pcm.ts';
import { Resampler } from '../../audio/resample.ts';
import { serveStreams } from '../streaming/thread.ts';
import { type Koffi, openRhvoice, type RhvoiceFiles } from './library.ts';

export interface RhvoiceRequest {
  readonly text: string;
  readonly voice: string;
  readonly sampleRateHz: number;
}

await serveStreams<RhvoiceRequest, never, Pcm>(async (setup) => {
  const koffi = (await import('koffi')) as unknown as { readonly default: Koffi };
  const rhvoice = openRhvoice(koffi.default, setup as RhvoiceFiles);
  // It is told before the first samples, and again only when it changes.
  let ownHz = 0;
  return {
    open: ({ text, voice, sampleRateHz }, put, isCancelled) => {
      let resampler: Resampler | undefined;
      const give = (samples: Pcm): void => {
        // Of a part of a larger buffer, all of it would be moved.
        const piece = samples.slice();
        if (piece.length > 0) put(piece, [piece.buffer]);
      };
      return {
        end: () => {
          rhvoice.speak(text, voice, {
            rate: (hz) => {
              ownHz = hz;
              return !isCancelled();
            },
            samples: (samples) => {
              if (ownHz !== sampleRateHz) resampler ??= new Resampler(ownHz, sampleRateHz);
              give(resampler === undefined ? samples : resampler.push(samples));
              return !isCancelled();
            },
          });
          if (resampler !== undefined) give(resampler.end());
        },
      };
    },
    close: () => rhvoice.close(),
  };
});
