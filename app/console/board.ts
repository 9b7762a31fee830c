import type { Clock } from '../ops/clock.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Engine } from './contract.ts';

type Kind = Engine['kind'];
type Noted = { -readonly [Key in keyof Engine]: Engine[Key] } & { up: boolean };

/** For so long after a failure an engine counts as failing. */
const failingMs = 60_000;

/** Notes how the engines do, and what was not kept, as the metrics are told of it. */
export class Board {
  readonly #clock: Clock;
  readonly #engines: ReadonlyMap<string, Noted>;
  #dropped = 0;

  /** @param engines the names of those that are configured, in the order in which they are asked. */
  constructor(clock: Clock, engines: Readonly<Record<Kind, readonly string[]>>) {
    this.#clock = clock;
    const all = (['stt', 'tts', 'nlu'] as const).flatMap((kind) =>
      engines[kind].map((name, place): [string, Noted] => [
        `${kind} ${name}`,
        { kind, name, place, state: 'ok', up: true, failures: 0, lastFailure: null, failovers: 0 },
      ]),
    );
    this.#engines = new Map(all);
  }

  /** The same metrics; what they are told is noted as well. */
  watch(metrics: Metrics): Metrics {
    return {
      ...metrics,
      providerUp: (kind, provider, up) => {
        metrics.providerUp(kind, provider, up);
        this.#note(kind, provider, (engine) => (engine.up = up));
      },
      providerFailed: (kind, provider, code) => {
        metrics.providerFailed(kind, provider, code);
        this.#note(kind, provider, (engine) => {
          engine.failures += 1;
          engine.lastFailure = { atMs: this.#clock.now().getTime(), code };
        });
      },
      failover: (failover) => {
        metrics.failover(failover);
        this.#note(failover.kind, failover.from, (engine) => (engine.failovers += 1));
      },
      storeDropped: (why, count) => {
        metrics.storeDropped(why, count);
        this.#dropped += count;
      },
    };
  }

  get engines(): readonly Engine[] {
    const nowMs = this.#clock.now().getTime();
    return [...this.#engines.values()].map(({ up, ...engine }) => {
      const failing = engine.lastFailure !== null && nowMs - engine.lastFailure.atMs < failingMs;
      return { ...engine, state: !up ? 'resting' : failing ? 'failing' : 'ok' };
    });
  }

  /** Whether there is one of each kind that is not left alone. */
  get enginesAnswer(): boolean {
    const all = [...this.#engines.values()];
    return (['stt', 'tts', 'nlu'] as const).every((kind) => all.some((one) => one.kind === kind && one.up));
  }

  /** Records that were not kept, since Parley was started. */
  get dropped(): number {
    return this.#dropped;
  }

  #note(kind: string, name: string, change: (engine: Noted) => void): void {
    const engine = this.#engines.get(`${kind} ${name}`);
    if (engine !== undefined) change(engine);
  }
}
