import { findAsterisk } from '../asterisk/local/find.ts';
import type { AsteriskProgram } from '../asterisk/local/find.ts';
import { findSox } from './sox.ts';
import { speechWeights } from './speech-weights.ts';
import { setUp } from './steps.ts';
import type { SetUpOptions, Step } from './steps.ts';

/** What a command needs of this machine. */
export type Need = 'weights' | 'sox' | 'asterisk';

/** Where what was asked for is. */
export interface Found {
  readonly weights: { readonly dir: string };
  readonly sox: { readonly path: string };
  readonly asterisk: AsteriskProgram;
}

/**
 * Makes the machine ready for a command: fetches what it needs and what is not in the cache, with the step list on
 * `out`. Silent when all of it is there.
 * @returns where each thing is, by the name of the need.
 * @throws ParleyError `setup-*`.
 */
export async function prepare<N extends Need>(
  needs: readonly N[],
  options: SetUpOptions & { readonly cacheDir: string },
): Promise<Pick<Found, N>> {
  const { cacheDir } = options;
  const found: { -readonly [K in Need]?: Found[K] } = {};
  const steps: Record<Need, Step> = {
    weights: {
      title: 'speech weights',
      run: async (step) => {
        found.weights = await speechWeights({ cacheDir, ...step });
      },
    },
    asterisk: {
      title: 'Asterisk 22 and its sounds',
      run: async (step) => {
        found.asterisk = await findAsterisk({ cacheDir, ...step });
      },
    },
    sox: {
      title: 'sox',
      run: async (step) => {
        found.sox = await findSox({ cacheDir, ...step });
      },
    },
  };
  await setUp(
    needs.map((need) => steps[need]),
    options,
  );
  return found as Pick<Found, N>;
}
