import type { Line } from '../asterisk/lines/spec.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Conversation } from './conversation.ts';
import { type CallLanguage, type Locale, localeOf } from './locales.ts';
import type { Speaker } from './speaker.ts';

export interface SwitchboardOptions {
  readonly capacity: number;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Is told of callers who hear that all lines are busy, and when they are gone. */
  readonly turnedAway?: (line: Line, locale: Locale, gone: Promise<void>) => void;
  /** Of the languages that calls may use; the default first. */
  readonly locales: readonly [Locale, ...Locale[]];
  readonly converse: (
    line: Line,
    call: { readonly resumed: boolean; readonly locale: Locale },
  ) => Conversation;
}

/** All conversations: takes calls up to its capacity, and lets them go gently when Parley stops. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #live = new Map<Conversation, Promise<void>>();
  readonly #turnedAway = new Set<Promise<void>>();
  #draining = false;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live.size;
  }

  /** Takes a call: one that is resumed always, for its caller was promised an answer already. */
  take(line: Line, call: { readonly resumed: boolean } & CallLanguage): void {
    const { capacity, log, metrics, locales, converse } = this.#options;
    const locale = localeOf(locales, call, (error) => {
      log.warn('a call asks for a language that it cannot have', { callId: line.callId, error });
    });
    if (this.#draining || (!call.resumed && this.live >= capacity)) {
      log.warn('all lines are busy', { callId: line.callId, capacity, draining: this.#draining });
      metrics.turnedAway();
      const away = this.#turnAway(line, locale.speaker);
      this.#turnedAway.add(away);
      this.#options.turnedAway?.(line, locale, away);
      void away.finally(() => this.#turnedAway.delete(away));
      return;
    }
    const conversation = converse(line, { resumed: call.resumed, locale });
    const ended = conversation.run().then(() => {
      this.#live.delete(conversation);
    });
    this.#live.set(conversation, ended);
  }

  /** Takes no more calls, says goodbye to those that run, and resolves when all have ended or `deadlineMs` is over. */
  async drain(deadlineMs: number): Promise<void> {
    this.#draining = true;
    for (const conversation of this.#live.keys()) conversation.drain();
    const deadline = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      deadline.resolve(undefined);
    }, deadlineMs);
    await Promise.race([Promise.all([...this.#live.values(), ...this.#turnedAway]), deadline.promise]);
    clearTimeout(timer);
  }

  async #turnAway(line: Line, speaker: Speaker): Promise<void> {
    try {
      await line.answer();
      await line.say(speaker.prompt('busy').speech, { signal: line.hungUp });
    } catch (error) {
      if (!line.hungUp.aborted)
        this.#options.log.warn('a caller could not be told that all lines are busy', { error });
    } finally {
      await line.close();
    }
  }
}
