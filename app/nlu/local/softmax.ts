/** One example: the numbers of its features, what each weighs, and the class it belongs to. */
export interface Example {
  readonly features: Int32Array;
  readonly values: Float32Array;
  readonly label: number;
  /** How much it counts. */
  readonly weight: number;
}

export interface TrainOptions {
  readonly classes: number;
  readonly features: number;
  readonly epochs: number;
  readonly rate: number;
  /** How strongly large weights are held down. */
  readonly decay: number;
}

const negligible = 0.03;

/** Multinomial logistic regression (softmax) on sparse features, trained by AdaGrad. The same input gives the same weights. */
export class Softmax {
  readonly #classes: number;
  readonly #weights: Float32Array;

  private constructor(classes: number, weights: Float32Array) {
    this.#classes = classes;
    this.#weights = weights;
  }

  /** Duchi et al. 2011, "Adaptive subgradient methods": each weight has a rate of its own, which suits rare words. */
  static train(examples: readonly Example[], options: TrainOptions): Softmax {
    const { classes, features, epochs, rate, decay } = options;
    const weights = new Float32Array(features * classes);
    const squares = new Float32Array(features * classes).fill(1e-6);
    const model = new Softmax(classes, weights);
    const scores = new Float32Array(classes);
    const order = [...examples.keys()];
    const open: number[] = [];
    const random = seeded(20_110_731);
    for (let epoch = 0; epoch < epochs; epoch++) {
      shuffle(order, random);
      for (const index of order) {
        const example = examples[index];
        if (example === undefined) continue;
        model.#probabilities(example.features, example.values, 1, scores);
        scores[example.label] = (scores[example.label] ?? 0) - 1;
        // What is right already teaches nothing: leaving it out makes the later epochs several times faster.
        open.length = 0;
        for (let c = 0; c < classes; c++) if (Math.abs(scores[c] ?? 0) > negligible) open.push(c);
        if (open.length === 0) continue;
        for (let f = 0; f < example.features.length; f++) {
          const base = (example.features[f] ?? 0) * classes;
          const value = (example.values[f] ?? 0) * example.weight;
          for (const c of open) {
            const at = base + c;
            const weight = weights[at] ?? 0;
            const gradient = (scores[c] ?? 0) * value + decay * weight;
            const square = (squares[at] ?? 0) + gradient * gradient;
            squares[at] = square;
            weights[at] = weight - (rate * gradient) / Math.sqrt(square);
          }
        }
      }
    }
    return model;
  }

  /** How likely each class is; the sum is 1. A higher `temperature` is less sure of itself. */
  predict(features: Int32Array, values: Float32Array, temperature = 1): Float32Array {
    const scores = new Float32Array(this.#classes);
    this.#probabilities(features, values, temperature, scores);
    return scores;
  }

  #probabilities(
    features: Int32Array,
    values: Float32Array,
    temperature: number,
    scores: Float32Array,
  ): void {
    const classes = this.#classes;
    const weights = this.#weights;
    scores.fill(0);
    for (let f = 0; f < features.length; f++) {
      const base = (features[f] ?? 0) * classes;
      const value = values[f] ?? 0;
      for (let c = 0; c < classes; c++) scores[c] = (scores[c] ?? 0) + (weights[base + c] ?? 0) * value;
    }
    let highest = -Infinity;
    for (const score of scores) if (score > highest) highest = score;
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const power = Math.exp(((scores[c] ?? 0) - highest) / temperature);
      scores[c] = power;
      sum += power;
    }
    for (let c = 0; c < classes; c++) scores[c] = (scores[c] ?? 0) / sum;
  }
}

/** Mulberry32: the same numbers every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffle(list: number[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = list[i] ?? 0;
    list[i] = list[j] ?? 0;
    list[j] = kept;
  }
}
