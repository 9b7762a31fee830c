import { clip16 } from './mix.ts';
import type { Pcm } from './pcm.ts';

/** Coefficients on either side of the middle one that are not zero. */
const pairs = 8;
const reach = 2 * pairs - 1;

/**
 * A half-band filter: a sinc cut off at a quarter of the rate, under a Hamming window of 31 samples. Every second
 * coefficient is 0 and the others come in pairs, so a sample costs eight multiplications.
 */
const coefficients = Float32Array.from({ length: pairs }, (_, i) => {
  const n = 2 * i + 1;
  const window = 0.54 + 0.46 * Math.cos((Math.PI * n) / (reach + 1));
  return (Math.sin((Math.PI * n) / 2) / (Math.PI * n)) * window;
});

/** Halves the sample rate of audio that comes in pieces, cheaply: for listening to it, not for being listened to. */
export class Halver {
  #held: Int16Array = new Int16Array(reach);

  /** @returns the samples that can be made so far, about half as many; late by 15 samples. */
  push(piece: Pcm): Pcm {
    const input = new Int16Array(this.#held.length + piece.length);
    input.set(this.#held);
    input.set(piece, this.#held.length);
    const count = Math.max(0, Math.ceil((input.length - 2 * reach) / 2));
    const output = new Int16Array(count);
    for (let k = 0; k < count; k++) {
      const middle = reach + 2 * k;
      let sum = 0.5 * (input[middle] ?? 0);
      for (let i = 0, n = 1; i < pairs; i++, n += 2)
        sum += (coefficients[i] ?? 0) * ((input[middle - n] ?? 0) + (input[middle + n] ?? 0));
      output[k] = clip16(sum);
    }
    this.#held = input.slice(2 * count);
    return output;
  }
}
