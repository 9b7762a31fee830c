import { clip16 } from './mix.ts';
import { concatPcm, type Pcm } from './pcm.ts';

/**
 * Sample-rate conversion by a polyphase filter: a sinc under a Kaiser window, one set of coefficients for each position
 * that an output sample can have between two input samples (J. O. Smith, Digital Audio Resampling). About 80 dB of
 * stop band; the pass band reaches to 0.46 of the lower rate.
 */

/** Zero crossings of the sinc on each side, counted at the lower of the two rates. */
const zeroCrossings = 24;
const kaiserBeta = 8;
/** Cut-off as part of the lower rate's Nyquist frequency; the transition band lies on both sides of it. */
const cutOff = 0.94;

interface FilterBank {
  /** Output samples per `down` input samples. */
  readonly up: number;
  readonly down: number;
  /** Input samples that one output sample looks at; half of them lie before it. */
  readonly taps: number;
  readonly phases: readonly Float32Array[];
}

const banks = new Map<string, FilterBank>();

function filterBank(fromHz: number, toHz: number): FilterBank {
  const key = `${fromHz}:${toHz}`;
  const known = banks.get(key);
  if (known) return known;
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  const stretch = Math.max(1, down / up);
  const half = Math.ceil(zeroCrossings * stretch);
  const bandwidth = cutOff / stretch;
  const phases = Array.from({ length: up }, (_, phase) => {
    const coefficients = new Float32Array(2 * half);
    let sum = 0;
    for (let k = 0; k < 2 * half; k++) {
      const distance = k - (half - 1) - phase / up;
      const value = sinc(distance * bandwidth) * kaiser(distance / half);
      coefficients[k] = value;
      sum += value;
    }
    // Each phase passes a constant unchanged, else the phases would add a tone of their own.
    return coefficients.map((value) => value / sum);
  });
  const bank = { up, down, taps: 2 * half, phases };
  banks.set(key, bank);
  return bank;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(position: number): number {
  if (Math.abs(position) >= 1) return 0;
  return bessel0(kaiserBeta * Math.sqrt(1 - position * position)) / bessel0(kaiserBeta);
}

/** Modified Bessel function of the first kind, order zero, by its power series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Converts audio that comes in pieces. The pieces together are the same samples as the whole converted at once. */
export class Resampler {
  readonly #bank: FilterBank;
  /** Input that is still looked at; begins `taps / 2 - 1` zeros before the first sample. */
  #held: Int16Array;
  /** Position in `#held` of the input sample at or before the next output sample. */
  #at: number;
  #phase = 0;
  #received = 0;
  #produced = 0;

  constructor(fromHz: number, toHz: number) {
    for (const rate of [fromHz, toHz]) {
      if (!Number.isInteger(rate) || rate <= 0)
        throw new RangeError(`a sample rate must be a whole number above 0, not ${rate}`);
    }
    this.#bank = filterBank(fromHz, toHz);
    this.#at = this.#bank.taps / 2 - 1;
    this.#held = new Int16Array(this.#at);
  }

  push(piece: Pcm): Pcm {
    this.#received += piece.length;
    return this.#convert(piece);
  }

  /** The last samples; the resampler is of no use afterwards. */
  end(): Pcm {
    const { up, down, taps } = this.#bank;
    const wanted = Math.round((this.#received * up) / down) - this.#produced;
    const rest = this.#convert(new Int16Array(taps));
    return rest.subarray(0, Math.max(0, Math.min(wanted, rest.length)));
  }

  #convert(piece: Pcm): Pcm {
    const { up, down, taps, phases } = this.#bank;
    const input = concatPcm([this.#held, piece]);
    const half = taps / 2;
    const output = new Int16Array(Math.max(0, Math.ceil(((input.length - this.#at) * up) / down)));
    let count = 0;
    while (this.#at + half < input.length) {
      const coefficients = phases[this.#phase] ?? new Float32Array(taps);
      const start = this.#at - half + 1;
      let sum = 0;
      for (let k = 0; k < taps; k++) sum += (coefficients[k] ?? 0) * (input[start + k] ?? 0);
      output[count++] = clip16(sum);
      this.#phase += down;
      this.#at += Math.floor(this.#phase / up);
      this.#phase %= up;
    }
    const used = Math.min(input.length, Math.max(0, this.#at - half + 1));
    this.#held = input.slice(used);
    this.#at -= used;
    this.#produced += count;
    return output.subarray(0, count);
  }
}

/** Converts a whole piece; the same samples back when the rates are equal. */
export function resample(samples: Pcm, fromHz: number, toHz: number): Pcm {
  if (fromHz === toHz) return samples;
  const resampler = new Resampler(fromHz, toHz);
  return concatPcm([resampler.push(samples), resampler.end()]);
}
