import { GivenUp } from '../../speech/local/moonshine/decode.ts';
import {
  vocabularySize,
  type DecoderState,
  type MoonshineModel,
} from '../../speech/local/moonshine/model.ts';
import { endToken } from '../../speech/local/moonshine/tokens.ts';

/** Which texts the search has found; log-probabilities, the end of the text included. */
export interface Spotted {
  /** The likeliest text that holds one of the phrases; undefined when none is likely enough. */
  readonly tokens: readonly number[] | undefined;
  /** By how much it is less likely than the likeliest text of all; 0 when it is that text. Infinity when undefined. */
  readonly gap: number;
}

export interface SpotOptions {
  /** The phrases in all their spellings, as tokens. */
  readonly spellings: readonly (readonly number[])[];
  /** The likeliest text that is known so far, as a log-probability; what is much less likely is not pursued. */
  readonly known: number;
  /** The largest gap that is of interest. */
  readonly largestGap: number;
  readonly maxTokens: number;
  readonly givenUp: () => boolean;
}

/** Texts that are pursued at once: before the phrase, inside it, and after it. */
const beams = { before: 3, inside: 4, after: 3 } as const;
/** Ways in which a text goes on: before the phrase, where the phrase may begin later, and after it. */
const branches = { before: 4, after: 2 } as const;

interface Beam {
  readonly row: number;
  readonly tokens: readonly number[];
  readonly logProbability: number;
  /** How much of a spelling has been said; undefined before it has begun. */
  readonly said: { readonly spelling: readonly number[]; readonly count: number } | undefined;
}

/**
 * Asks the recogniser whether a phrase was said: it looks for the likeliest text that holds the phrase, wherever that
 * may be, and compares it with the likeliest text without such a condition. Where the phrase was said the two are
 * (nearly) equally likely, even when the recogniser by itself writes something else.
 */
export async function spot(
  model: MoonshineModel,
  begun: DecoderState,
  options: SpotOptions,
): Promise<Spotted> {
  const { spellings, largestGap, maxTokens, givenUp } = options;
  let state = begun;
  let pursued: readonly Beam[] = [{ row: 0, tokens: [], logProbability: 0, said: undefined }];
  let likeliest = options.known;
  let found: { readonly tokens: readonly number[]; readonly logProbability: number } | undefined;

  for (let length = 0; length < maxTokens && pursued.length > 0; length++) {
    const candidates: Beam[] = [];
    pursued.forEach((beam, row) => {
      const { logProbabilityOf, likely } = look(state.logits, row);
      const goOn = (token: number, said: Beam['said']): void => {
        const logProbability = beam.logProbability + logProbabilityOf(token);
        candidates.push({ row, tokens: [...beam.tokens, token], logProbability, said });
      };
      if (isWithin(beam)) {
        goOn(nextOf(beam.said), { ...beam.said, count: beam.said.count + 1 });
        return;
      }
      const ended = beam.logProbability + logProbabilityOf(endToken);
      if (beam.tokens.length > 0) {
        likeliest = Math.max(likeliest, ended);
        if (beam.said && ended > (found?.logProbability ?? -Infinity))
          found = { tokens: beam.tokens, logProbability: ended };
      }
      const ways = likely(beam.said ? branches.after : branches.before).filter((token) => token !== endToken);
      for (const token of ways) goOn(token, beam.said);
      if (beam.said) return;
      for (const spelling of spellings) goOn(nextOf({ spelling, count: 0 }), { spelling, count: 1 });
    });
    const floor = Math.max(likeliest - largestGap, found?.logProbability ?? -Infinity);
    const best = candidates
      .filter((beam) => beam.logProbability > floor)
      .sort((one, other) => other.logProbability - one.logProbability);
    pursued = [
      ...best.filter((beam) => beam.said === undefined).slice(0, beams.before),
      ...best.filter(isWithin).slice(0, beams.inside),
      ...best.filter((beam) => beam.said !== undefined && !isWithin(beam)).slice(0, beams.after),
    ];
    if (pursued.length === 0) break;
    if (givenUp()) throw new GivenUp();
    state = await model.step(
      state,
      pursued.map(({ row, tokens }) => ({ row, token: tokens.at(-1) ?? endToken })),
    );
  }
  const gap = found ? likeliest - found.logProbability : Infinity;
  // Something likelier may have turned up after it was found.
  return gap <= largestGap ? { tokens: found?.tokens, gap } : { tokens: undefined, gap: Infinity };
}

type Within = Beam & { readonly said: NonNullable<Beam['said']> };

function isWithin(beam: Beam): beam is Within {
  return beam.said !== undefined && beam.said.count < beam.said.spelling.length;
}

function nextOf(said: NonNullable<Beam['said']>): number {
  return said.spelling[said.count] ?? endToken;
}

/** One row of logits as log-probabilities, and its likeliest tokens. */
function look(
  logits: Float32Array,
  row: number,
): { logProbabilityOf: (token: number) => number; likely: (count: number) => number[] } {
  const values = logits.subarray(row * vocabularySize, (row + 1) * vocabularySize);
  let largest = -Infinity;
  for (const value of values) if (value > largest) largest = value;
  let sum = 0;
  // Below e^-20 nothing is added that a float would keep; the exponential is what costs.
  for (const value of values) if (value - largest > -20) sum += Math.exp(value - largest);
  const total = largest + Math.log(sum);
  return {
    logProbabilityOf: (token) => (values[token] ?? 0) - total,
    likely: (count) => {
      const best: number[] = [];
      for (let token = 0; token < values.length; token++) {
        const value = values[token] ?? 0;
        if (best.length === count && value <= (values[best[count - 1] ?? 0] ?? 0)) continue;
        best.push(token);
        best.sort((one, other) => (values[other] ?? 0) - (values[one] ?? 0));
        if (best.length > count) best.pop();
      }
      return best;
    },
  };
}
