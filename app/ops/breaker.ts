import { CircuitState, circuitBreaker, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { ParleyError } from '../errors.ts';

export interface BreakerOptions {
  /** What it is about, for the error: a provider's name. */
  readonly name: string;
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before the next piece of work is let through as a probe. */
  readonly openMs: number;
  /** Whether an error speaks against whom is called; one that does not is neither success nor failure. All do when left out. */
  readonly isFailure?: (error: unknown) => boolean;
}

/** `half-open`: one piece of work is on its way to tell whether it is well again. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** Marks an error that says nothing about whom was called. */
class Neutral extends Error {}

/**
 * Leaves alone for a while who failed several times in a row, so that nobody waits for them: a circuit breaker
 * (M. Nygard, "Release It!"). While it is open, and while the probe runs, other work is refused at once.
 */
export class Breaker {
  readonly #name: string;
  readonly #isFailure: (error: unknown) => boolean;
  readonly #policy: ReturnType<typeof circuitBreaker>;

  constructor({ name, failures, openMs, isFailure = () => true }: BreakerOptions) {
    this.#name = name;
    this.#isFailure = isFailure;
    this.#policy = circuitBreaker(
      handleWhen((error) => !(error instanceof Neutral)),
      { breaker: new ConsecutiveBreaker(failures), halfOpenAfter: openMs },
    );
  }

  get state(): BreakerState {
    switch (this.#policy.state) {
      case CircuitState.Closed:
        return 'closed';
      case CircuitState.HalfOpen:
        return 'half-open';
      default:
        return 'open';
    }
  }

  /** @returns what ends the listening. */
  onChange(listener: (state: BreakerState) => void): () => void {
    const listening = this.#policy.onStateChange(() => {
      listener(this.state);
    });
    return () => {
      listening.dispose();
    };
  }

  /**
   * Runs the work and counts how it ends. What the caller aborts is neither success nor failure, except that an aborted
   * probe leaves it open. The signal is handed through; deadlines are the work's own.
   * @throws ParleyError `provider-resting` at once while it is open; what the work throws.
   */
  async run<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    // Without this, whoever comes while a probe runs would wait for its outcome.
    if (this.state === 'half-open') throw this.#resting();
    const probing = this.state === 'open';
    let began = false;
    try {
      return await this.#policy.execute(async () => {
        began = true;
        try {
          return await work(signal);
        } catch (error) {
          // For the library, what it is not to count is a success while it probes.
          if (!probing && (signal.aborted || !this.#isFailure(error)))
            throw new Neutral('neither', { cause: error });
          throw error;
        }
      });
    } catch (error) {
      if (!began) throw this.#resting();
      throw error instanceof Neutral ? error.cause : error;
    }
  }

  #resting(): ParleyError {
    return new ParleyError('provider-resting', { provider: this.#name });
  }
}
