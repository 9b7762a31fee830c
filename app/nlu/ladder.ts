import { hasCode, ParleyError } from '../errors.ts';
import type { Breaker } from '../ops/breaker.ts';
import type { Clock } from '../ops/clock.ts';
import { withDeadline } from '../ops/deadline.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Rung, Understander, Understanding, UnderstandOptions } from './spec.ts';

/** One way to understand, as the ladder uses it. */
export interface LadderRung {
  readonly understander: Understander;
  /** Confidence from which its answer is taken without asking the next. */
  readonly acceptAbove: number;
  /** How long it may take; an answer in words may then still go on. */
  readonly deadlineMs: number;
  /** Leaves it alone for a while when it fails. */
  readonly breaker: Breaker;
}

export interface LadderOptions {
  /** In the order in which they are asked. */
  readonly rungs: readonly LadderRung[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'rung' | 'providerUp' | 'providerFailed'>;
}

/**
 * Asks one understander after the other until one is sure, so that the quick and private one answers what it can and
 * the others only what is left. A rung that fails, or is slow, costs the caller time and nothing else.
 */
export function createLadder({ rungs, clock, log, metrics }: LadderOptions): Understander {
  const watching = rungs.map(watch);
  return {
    name: rungs.map(({ understander }) => understander.name).join(', '),
    can: { languages: [...new Set(rungs.flatMap(({ understander }) => understander.can.languages))] },
    understand,
    close: async () => {
      for (const end of watching) end();
      await Promise.all(rungs.map(({ understander }) => understander.close()));
    },
  };

  async function understand(text: string, options: UnderstandOptions): Promise<Understanding> {
    const said: Understanding[] = [];
    const trace: Rung[] = [];
    let failure: unknown;
    for (const rung of rungs.filter(({ understander }) => speaks(understander, options))) {
      const { name } = rung.understander;
      const beganMs = clock.monotonicMs();
      const note = (outcome: Outcome): void => {
        const noted = { name, ms: Math.round(clock.monotonicMs() - beganMs), ...outcome };
        trace.push(noted);
        metrics.rung(noted);
      };
      try {
        const heard = await ask(rung, text, options);
        const accepted = settles(heard, rung.acceptAbove, options.expecting);
        const { intent, confidence } = heard;
        note({ outcome: accepted ? 'accepted' : 'unsure', intent, confidence });
        if (accepted) return { ...heard, rungs: trace };
        said.push(heard);
      } catch (error) {
        options.signal.throwIfAborted();
        failure ??= error;
        if (hasCode(error, 'provider-resting')) {
          note({ outcome: 'skipped' });
          continue;
        }
        const code = error instanceof ParleyError ? error.code : 'unexpected';
        note({ outcome: 'failed', code });
        metrics.providerFailed('nlu', name, code);
        log.warn('an understander failed', { understander: name, error });
      }
    }
    const best = bestOf(said);
    if (best !== undefined) return { ...best, rungs: trace };
    throw failure instanceof Error ? failure : unavailable('it does not speak the language of the call');
  }

  /** @returns what ends it. */
  function watch({ understander: { name }, breaker }: LadderRung): () => void {
    metrics.providerUp('nlu', name, true);
    return breaker.onChange((state) => {
      if (state === 'half-open') return;
      metrics.providerUp('nlu', name, state === 'closed');
      if (state === 'open') log.warn('an understander is left alone', { understander: name });
      else log.info('an understander is taken back', { understander: name });
    });
  }

  /** A reply in words outlives the deadline: from its first sentence on, it is held by the call's signal alone. */
  function ask(rung: LadderRung, text: string, options: UnderstandOptions): Promise<Understanding> {
    const { understander, breaker, deadlineMs } = rung;
    return breaker.run(
      (signal) =>
        withDeadline(
          (within) =>
            understander.understand(text, { ...options, signal: AbortSignal.any([signal, within]) }),
          {
            clock,
            deadlineMs,
            signal,
            onTimeout: () => unavailable(`there was no answer within ${deadlineMs} ms`, understander.name),
          },
        ),
      options.signal,
    );
  }
}

/** A rung without its name and time. */
type Outcome = Rung extends infer R ? (R extends Rung ? Omit<R, 'name' | 'ms'> : never) : never;

/**
 * Whether an answer is taken at once. A yes, a no, a fragment and what was asked for belong to the dialogue whatever
 * else they may mean; words are an answer by themselves. That it is nothing the bot does, another rung may know better.
 */
export function settles(
  heard: Understanding,
  acceptAbove: number,
  expecting?: UnderstandOptions['expecting'],
): boolean {
  const { intent, confidence, slots, affirmation, fragment, wordless, reply } = heard;
  if (affirmation !== undefined || fragment || wordless === true || reply !== undefined) return true;
  if (expecting !== undefined && expecting !== 'confirmation' && slots[expecting] !== undefined) return true;
  return intent !== 'None' && confidence >= acceptAbove;
}

/** What was said with the most confidence, the earlier of two that are as sure; undefined when nothing was said. */
export function bestOf(said: readonly Understanding[]): Understanding | undefined {
  return said.reduce<Understanding | undefined>(
    (best, next) => (best === undefined || next.confidence > best.confidence ? next : best),
    undefined,
  );
}

function speaks({ can }: Understander, { language }: UnderstandOptions): boolean {
  return can.languages.includes(language);
}

function unavailable(reason: string, provider = 'ladder'): ParleyError {
  return new ParleyError('nlu-unavailable', { provider, reason });
}
