import type { Pcm } from './pcm.ts';

/** Coefficients on either side of the middle one that are not zero. */
const pairs = 8;
const reach = 2 * pairs - 1;

/**
 * A half-band filter: a sinc cut off at a quarter of the rate, under a Hamming window of 31 samples. Every second
 * coefficient is 0 and the others come in pairs, so a sample costs eight multiplications.
 */
const coefficients = Array.from({ length: pairs }, (_, i) => {
  const n = 2 * i + 1;
  const window = 0.54 + 0.46 * Math.cos((Math.PI * n) / (reach + 1));
  return (Math.sin((Math.PI * n) / 2) / (Math.PI * n)) * window;
});

const [c1 = 0, c3 = 0, c5 = 0, c7 = 0, c9 = 0, c11 = 0, c13 = 0, c15 = 0] = coefficients;

/** Halves the sample rate of audio that comes in pieces, cheaply: for listening to it, not for being listened to. */
export class Halver {
  /** What is still needed of the pieces before, and room for the next. */
  #input = new Float64Array(1_024);
  #held = reach;

  /** @returns the samples that can be made so far, about half as many; late by 15 samples. */
  push(piece: Pcm): Pcm {
    const length = this.#held + piece.length;
    if (length > this.#input.length) {
      const larger = new Float64Array(2 * length);
      larger.set(this.#input.subarray(0, this.#held));
      this.#input = larger;
    }
    this.#input.set(piece, this.#held);
    const count = Math.max(0, Math.ceil((length - 2 * reach) / 2));
    const output = new Int16Array(count);
    halve(this.#input, output);
    this.#input.copyWithin(0, 2 * count, length);
    this.#held = length - 2 * count;
    return output;
  }
}

/** Written out: each frame of each caller goes through this, and with an inner loop it takes five times as long. */
function halve(input: Float64Array, output: Int16Array): void {
  const at = (i: number): number => input[i] ?? 0;
  for (let k = 0, m = reach; k < output.length; k++, m += 2) {
    const sum =
      0.5 * at(m) +
      c1 * (at(m - 1) + at(m + 1)) +
      c3 * (at(m - 3) + at(m + 3)) +
      c5 * (at(m - 5) + at(m + 5)) +
      c7 * (at(m - 7) + at(m + 7)) +
      c9 * (at(m - 9) + at(m + 9)) +
      c11 * (at(m - 11) + at(m + 11)) +
      c13 * (at(m - 13) + at(m + 13)) +
      c15 * (at(m - 15) + at(m + 15));
    output[k] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : Math.round(sum);
  }
}
