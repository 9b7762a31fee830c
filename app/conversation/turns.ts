import type { Audio } from '../audio/pcm.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import type { Language } from '../speech/spec.ts';
import { emptyMemory, expectation, type Memory } from './dialogue.ts';
import { Hearing, type HearingOptions } from './hearing.ts';
import type { CallWatch } from './observer.ts';
import type { Reply } from './reply.ts';
import { Telling } from './telling.ts';
import { type Mind, think, type Thinking } from './think.ts';
import { stagesOf, TurnTrace } from './trace.ts';
import { recordOf, type TurnRecord } from './turn-record.ts';
import { isBackChannel } from './turn-taking/back-channel.ts';
import {
  type Completeness,
  completenessOf,
  type EndOfTurnRules,
  patienceMs,
} from './turn-taking/end-of-turn.ts';
import type { TurnWords } from './turn-taking/words.ts';

export interface TurnsOptions {
  readonly mind: Mind;
  readonly endOfTurn: EndOfTurnRules;
  readonly words: TurnWords;
  readonly language: Language;
  readonly callId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Is told of each turn. */
  readonly watch: CallWatch;
  /** What came of the thinking, unless it was stopped: `reply` has the answer, or there is nothing to answer. */
  readonly onThought: (thought: 'answer' | 'nothing') => void;
}

/** An answer that was interrupted sooner than this came too soon. */
const tooSoonMs = 700;

/** Earlier turns that understanding is told at most. */
const mostHistory = 50;

/**
 * The turns of one call: what the caller says in each, what is thought of it while the caller may still go on, and
 * what becomes of it when the turn is over. Only then anything is remembered.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #hearing: Hearing;
  readonly #records: TurnRecord[] = [];
  readonly #beganMs: number;
  #memory: Memory = emptyMemory;
  #log: Log;
  #trace: TurnTrace;
  /** Ends what is thought of the turn that runs, and what is still to come of its answer. */
  #thinking = new AbortController();
  /** Ends what is still to come of the answer that is said, or was said last. */
  #telling = new AbortController();
  /** Ended when the answer is taken: nobody waits for it any more. */
  #pending = new AbortController();
  #over = Promise.withResolvers<undefined>();
  /** How much there is of what the caller says; undefined until it is understood. */
  #completeness: Completeness | undefined;
  #thought: Extract<Thinking, { kind: 'reply' }> | undefined;
  #reply: Reply = { say: [], next: { kind: 'listen' }, outcome: 'ok' };
  /** The last turn while its answer may still have come too soon: when it was taken, and the memory before it. */
  #taken: { readonly atMs: number; readonly memory: Memory } | undefined;
  /** The answer is not on its way yet. */
  #silent = false;
  /** The turn that runs was entered by keys. */
  #keyed = false;

  /** To be made when the call is answered: times are counted from there. */
  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#beganMs = options.clock.monotonicMs();
    this.#trace = new TurnTrace(options.clock, this.#beganMs);
    this.#hearing = new Hearing(
      options.mind.stt,
      (text) => {
        this.#trace.markOnce('firstText');
        this.#log.debug('heard so far', { heard: text });
        options.watch.happened({ kind: 'hearing', text });
      },
      (engine) => {
        this.#trace.heardBy(engine);
      },
    );
  }

  get records(): readonly TurnRecord[] {
    return this.#records;
  }

  get count(): number {
    return this.#records.length;
  }

  /** That of the turn that runs, or of the last. */
  get log(): Log {
    return this.#log;
  }

  /** What was thought of, or said last. */
  get reply(): Reply {
    return this.#thought?.reply ?? this.#reply;
  }

  /** What the bot has asked for. */
  get expecting(): ReturnType<typeof expectation> {
    return expectation(this.#memory);
  }

  /** The caller begins to speak, goes on after a pause, or speaks into what the bot says. */
  hear(after: 'silence' | 'pause' | 'barge-in'): void {
    const { mind, language, metrics, watch } = this.#options;
    if (after === 'barge-in') {
      metrics.bargeIn();
      watch.happened({ kind: 'barge-in' });
    }
    this.#silent = false;
    const goesOn = after === 'pause' || (after === 'barge-in' && this.#takeBack());
    if (!goesOn) {
      this.#hearing.clear();
      this.#begin();
      this.#trace.mark('speechStarted');
    }
    this.#hearing.follow({ language, phrases: mind.phrasesFor(this.expecting) });
  }

  push(audio: Audio): void {
    this.#hearing.push(audio);
  }

  speechEnded(silenceMs: number): void {
    this.#trace.mark('speechEnded', silenceMs);
  }

  /** Thinks about what the caller has said so far. */
  think(): void {
    void this.#think((options, signal) => this.#hearing.text(options, signal));
  }

  /** Thinks about words that the caller has not spoken. */
  thinkAbout(text: string): void {
    this.#hearing.clear();
    this.#begin();
    this.#keyed = true;
    void this.#think(() => Promise.resolve(text));
  }

  stopThinking(): void {
    this.#thinking.abort();
  }

  /** Whether the silence has lasted long enough for what was said. */
  isOver(silenceMs: number): boolean {
    return silenceMs >= patienceMs(this.#completeness, this.#options.endOfTurn);
  }

  /** The caller has said everything. @returns a signal that is aborted when there is nothing to think about any more. */
  end(): AbortSignal {
    this.#trace.mark('turnOver');
    this.#over.resolve(undefined);
    this.#pending = new AbortController();
    return AbortSignal.any([this.#pending.signal, this.#thinking.signal]);
  }

  /** What was thought of becomes the answer, and is remembered. */
  take(): Reply {
    this.#pending.abort();
    const thought = this.#thought;
    if (thought === undefined) return this.#reply;
    this.#thought = undefined;
    const { heard, understanding, decision, memory, reply } = thought;
    this.#taken = { atMs: this.#options.clock.monotonicMs(), memory: this.#memory };
    this.#memory = memory;
    this.#reply = reply;
    this.#silent = true;
    // What is to be said again may still be coming.
    if (reply.next.kind !== 'repeat') this.#telling.abort();
    this.#telling = this.#thinking;
    this.#thinking = new AbortController();
    const turn = this.count + 1;
    this.#log = this.#options.log.with({ turn });
    this.#log.info('understood', {
      heard,
      intent: understanding.intent,
      confidence: Number(understanding.confidence.toFixed(2)),
      decision: decision.do,
      outcome: reply.outcome,
    });
    const record = recordOf(turn, thought, this.#trace, this.#keyed);
    this.#records.push(record);
    this.#options.watch.turn(record);
    return reply;
  }

  /** Notes a sentence that begins to be said: of an answer that is still coming it is not known before. */
  noteSaid(sentence: string): void {
    const { say } = this.#reply;
    if (!(say instanceof Telling)) return;
    say.noteSaid(sentence);
    this.#tellTurn();
  }

  /** Something else follows than what was thought of, as when the caller is back from another phone. */
  answerWith(reply: Reply): void {
    this.#reply = reply;
  }

  /** Notes the first sound of the answer; what else is said belongs to no turn. */
  noteSound(moment: 'synthesised' | 'sent' | 'started', engine?: string): void {
    if (!this.#silent && this.#thought === undefined) return;
    // The last time counts: an answer that was thrown away had a first sound, too.
    this.#trace.mark(moment);
    if (engine !== undefined) this.#trace.spokenBy(engine);
    if (!this.#silent || moment !== 'started') return;
    this.#silent = false;
    // A field called name would be redacted.
    const rungs = this.#trace.rungs.map(({ name, ...rung }) => ({ understander: name, ...rung }));
    this.#log.info('a turn', { ...this.#trace.times, ...this.#trace.engines, rungs });
    this.#options.metrics.turn(this.#records.at(-1)?.intent ?? 'None', stagesOf(this.#trace.times));
    this.#tellTurn();
  }

  /** Ends all that runs. Idempotent. */
  close(): void {
    this.#thinking.abort();
    this.#telling.abort();
    this.#hearing.stop();
  }

  /**
   * Who speaks at the first word of the answer had not finished the sentence: then the last turn never was.
   * @returns whether it is so.
   */
  #takeBack(): boolean {
    const taken = this.#taken;
    this.#taken = undefined;
    if (taken === undefined || this.#options.clock.monotonicMs() - taken.atMs >= tooSoonMs) return false;
    this.#memory = taken.memory;
    this.#telling.abort();
    this.#records.pop();
    this.#options.watch.happened({ kind: 'taken-back', turn: this.count + 1 });
    this.#log.info('answered too soon');
    this.#options.metrics.answeredTooSoon();
    return true;
  }

  /** The last turn, of which more is known now. */
  #tellTurn(): void {
    const turn = this.#records.at(-1);
    if (turn !== undefined) this.#options.watch.turn(turn);
  }

  #begin(): void {
    this.#keyed = false;
    this.#trace = new TurnTrace(this.#options.clock, this.#beganMs);
  }

  async #think(hear: (options: HearingOptions, signal: AbortSignal) => Promise<string>): Promise<void> {
    const { mind, language, callId, words, onThought } = this.#options;
    this.#thinking.abort();
    this.#thinking = new AbortController();
    const { signal } = this.#thinking;
    this.#completeness = undefined;
    this.#thought = undefined;
    this.#over = Promise.withResolvers();
    const turn = this.count + 1;
    const log = this.#options.log.with({ turn });
    try {
      const thinking = await think(hear, this.#memory, mind, {
        language,
        turn,
        callId,
        history: this.#records.slice(-mostHistory),
        trace: this.#trace,
        onUnderstood: (soFar) => {
          if (!signal.aborted) this.#completeness = completenessOf(soFar, words);
        },
        turnOver: this.#over.promise,
        onBroken: (error) => {
          log.warn('the answer broke off', { error });
        },
        signal,
      });
      if (signal.aborted) return;
      if (thinking.kind === 'no-words') {
        log.info('no words');
        onThought('nothing');
        return;
      }
      this.#thought = thinking;
    } catch (error) {
      if (signal.aborted) return;
      log.error('the bot could not think of an answer', { error });
      this.#options.watch.happened({ kind: 'failed', error });
      this.#reply = {
        say: [mind.answers.say('skill-failed', turn)],
        next: { kind: 'listen' },
        outcome: 'failed',
      };
    }
    onThought('answer');
  }

  /** Whether what was thought of answers a mere "mhm". */
  get isBackChannel(): boolean {
    const heard = this.#thought?.heard;
    return heard !== undefined && isBackChannel(heard, this.expecting !== undefined, this.#options.words);
  }
}
