import type { Rung } from '../nlu/spec.ts';
import type { Clock } from '../ops/clock.ts';

/** The moments of a turn, in the order in which they usually come. */
type TurnMoment =
  /** The caller began, and stopped, to speak. */
  | 'speechStarted'
  | 'speechEnded'
  /** The first partial text. */
  | 'firstText'
  /** The text that was answered. */
  | 'finalText'
  | 'understood'
  /** The skill has its answer. */
  | 'done'
  /** It was decided that the turn is over. */
  | 'turnOver'
  /** The answer's first sound was made, was sent to Asterisk, and was begun to be played there. */
  | 'synthesised'
  | 'sent'
  | 'started';

/** When each moment of a turn was, in milliseconds since the call was answered. What did not happen is missing. */
export type TurnTimes = Readonly<Partial<Record<TurnMoment, number>>>;

/** Which engine heard what was said, and which spoke the first sentence of the answer. */
export interface TurnEngines {
  readonly heardBy?: string;
  readonly spokenBy?: string;
}

/** How long the stages of a turn took, in milliseconds. */
export function stagesOf(times: TurnTimes): Record<string, number> {
  const stages: Record<string, number> = {};
  for (const [name, from, to] of [
    ['judging', 'speechEnded', 'turnOver'],
    ['hearing', 'speechEnded', 'finalText'],
    ['understanding', 'finalText', 'understood'],
    ['doing', 'understood', 'done'],
    ['speaking', 'done', 'synthesised'],
    ['answer', 'speechEnded', 'started'],
  ] as const) {
    const [began, ended] = [times[from], times[to]];
    if (began !== undefined && ended !== undefined) stages[name] = Math.max(0, ended - began);
  }
  return stages;
}

/** Notes the moments of one turn. */
export class TurnTrace {
  readonly #clock: Clock;
  readonly #answeredMs: number;
  readonly #times: Partial<Record<TurnMoment, number>> = {};
  readonly #engines: { -readonly [Name in keyof TurnEngines]: TurnEngines[Name] } = {};
  #rungs: readonly Rung[] = [];

  /** @param answeredMs by the clock's `monotonicMs`. */
  constructor(clock: Clock, answeredMs: number) {
    this.#clock = clock;
    this.#answeredMs = answeredMs;
  }

  get times(): TurnTimes {
    return this.#times;
  }

  get engines(): TurnEngines {
    return this.#engines;
  }

  heardBy(engine: string): void {
    this.#engines.heardBy = engine;
  }

  spokenBy(engine: string): void {
    this.#engines.spokenBy = engine;
  }

  /** What each rung of the ladder of understanding said of the text that was answered. */
  get rungs(): readonly Rung[] {
    return this.#rungs;
  }

  understood(rungs: readonly Rung[] = []): void {
    this.#rungs = rungs;
    this.mark('understood');
  }

  /** Notes that it happens now, or happened a while ago. The last time counts. */
  mark(moment: TurnMoment, agoMs = 0): void {
    this.#times[moment] = Math.round(this.#clock.monotonicMs() - this.#answeredMs - agoMs);
  }

  /** Notes only the first time. */
  markOnce(moment: TurnMoment, agoMs = 0): void {
    if (this.#times[moment] === undefined) this.mark(moment, agoMs);
  }
}
