import { seededRandom } from '../../audio/mix.ts';

/** How bad a network is. */
export interface BadNetwork {
  /** Of 100 packets so many are lost, one by one, each way. */
  readonly lossPercent: number;
  /**
   * Each packet is held up by 0 to so many milliseconds. None overtakes another: on real roads packets wait in queues,
   * so what follows a late one is late, too, and then comes at once.
   */
  readonly jitterMs: number;
  /** The same seed loses and delays the same packets of a call. */
  readonly seed: number;
}

export interface RoadCounts {
  readonly passed: number;
  readonly dropped: number;
  readonly longestDelayMs: number;
}

/** One direction of a bad network: what becomes of each packet, decided without a clock or a socket. */
export class BadRoad {
  readonly #network: BadNetwork;
  readonly #evened: boolean;
  readonly #random: () => number;
  #lastMs = -Infinity;
  #passed = 0;
  #dropped = 0;
  #longestDelayMs = 0;

  /**
   * @param options.evened there is a jitter buffer at the end of it, as in every telephone: all packets are as late as
   * the latest.
   */
  constructor(network: BadNetwork, options: { readonly evened?: boolean } = {}) {
    this.#network = network;
    this.#evened = options.evened ?? false;
    this.#random = seededRandom(network.seed);
  }

  get counts(): RoadCounts {
    return { passed: this.#passed, dropped: this.#dropped, longestDelayMs: this.#longestDelayMs };
  }

  /** @returns when the packet that comes at `nowMs` goes on; undefined when it is lost. */
  take(nowMs: number): number | undefined {
    // Two numbers for each packet, so that another jitter loses the same packets.
    const luck = this.#random();
    const random = this.#random();
    const held = this.#evened ? 1 : random;
    if (luck * 100 < this.#network.lossPercent) {
      this.#dropped += 1;
      return undefined;
    }
    this.#passed += 1;
    this.#lastMs = Math.max(this.#lastMs, nowMs + held * this.#network.jitterMs);
    this.#longestDelayMs = Math.max(this.#longestDelayMs, this.#lastMs - nowMs);
    return this.#lastMs;
  }
}
