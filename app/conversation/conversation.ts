import type { ConnectOutcome, Line, LineEvent } from '../asterisk/lines/spec.ts';
import { hasCode } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Language } from '../speech/spec.ts';
import { emptyMemory, expectation, type Memory } from './dialogue.ts';
import { Hearing, type HearingOptions } from './hearing.ts';
import { Mouth, type Script } from './mouth.ts';
import type { PromptName } from './prompts.ts';
import { connectedReply } from './reply.ts';
import type { Speaker } from './speaker.ts';
import { type Mind, type Reply, think, type Thinking } from './think.ts';
import { type TurnTimes, TurnTrace } from './trace.ts';
import {
  type Effect,
  initialTurn,
  step,
  type TurnEvent,
  type TurnRules,
  type TurnState,
} from './turn-machine.ts';
import { isBackChannel } from './turn-taking/back-channel.ts';
import {
  type Completeness,
  completenessOf,
  type EndOfTurnRules,
  patienceMs,
} from './turn-taking/end-of-turn.ts';
import { isComplete, textOf } from './turn-taking/keys.ts';
import type { TurnWords } from './turn-taking/words.ts';

export interface ConversationOptions {
  readonly line: Line;
  readonly speaker: Speaker;
  readonly mind: Mind;
  readonly rules: TurnRules;
  readonly endOfTurn: EndOfTurnRules;
  readonly words: TurnWords;
  readonly language: Language;
  readonly greeting: PromptName;
  readonly askAgainMs: number;
  readonly maxCallMs: number;
  readonly connectRingMs: number;
  /** Thinking for longer than this, the bot lets hear that it does. */
  readonly fillerAfterMs: number;
  /** Keys belong together when the next one comes within so long. */
  readonly interDigitMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** One turn: what was heard and what came of it. */
export interface TurnRecord {
  readonly turn: number;
  readonly heard: string;
  readonly intent: string;
  readonly said: readonly string[];
  readonly outcome: string;
  readonly times: TurnTimes;
}

/** How a call went. */
export interface CallSummary {
  readonly turns: readonly TurnRecord[];
  readonly endedBy: 'caller' | 'bot' | 'failure';
}

type Answered = Extract<Thinking, { kind: 'reply' }>;

/** One caller and the bot: greet, turns, farewell, tidy up. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #call = new AbortController();
  readonly #over = Promise.withResolvers<undefined>();
  readonly #hearing: Hearing;
  readonly #mouth: Mouth;
  readonly #turns: TurnRecord[] = [];
  #state: TurnState = initialTurn;
  #memory: Memory = emptyMemory;
  #log: Log;
  #trace: TurnTrace;
  #answeredMs = 0;
  #thinking = new AbortController();
  #waiting = new AbortController();
  #keying = new AbortController();
  #keys = '';
  #turnOver = Promise.withResolvers<undefined>();
  /** How much there is of what the caller says; undefined until it is understood. */
  #completeness: Completeness | undefined;
  /** What came of the thinking, until the turn is over. */
  #thought: Answered | undefined;
  /** The answer to the last turn is not heard yet. */
  #turnTaken = false;
  #reply: Reply = { say: [], next: { kind: 'listen' }, outcome: 'ok' };
  /** What was said last and is worth saying again. */
  #lastSaid: readonly string[] = [];

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#trace = new TurnTrace(options.clock, 0);
    this.#hearing = new Hearing(options.mind.stt, (text) => {
      this.#trace.markOnce('firstText');
      this.#log.debug('heard so far', { heard: text });
    });
    this.#mouth = new Mouth({
      line: options.line,
      log: () => this.#log,
      onSound: (moment) => {
        this.#noteSound(moment);
      },
      onSaid: () => {
        this.#feed({ kind: 'said' });
      },
    });
  }

  /** Leads the call from its first sound to its last. Never throws; nothing of it is left when it resolves. */
  async run(): Promise<CallSummary> {
    const { line, clock, maxCallMs, log } = this.#options;
    let endedBy: CallSummary['endedBy'] = 'failure';
    const hungUp = (): void => {
      this.#feed({ kind: 'hung-up' });
    };
    line.hungUp.addEventListener('abort', hungUp);
    try {
      log.info('a call', { callerNumber: line.caller.number, dialled: line.dialled });
      await line.answer();
      this.#answeredMs = clock.monotonicMs();
      line.onEvent((event) => {
        this.#heed(event);
      });
      clock.sleep(maxCallMs, this.#call.signal).then(
        () => {
          this.#feed({ kind: 'drain', why: 'too-long' });
        },
        () => undefined,
      );
      this.#feed({ kind: 'answered' });
      await this.#over.promise;
      endedBy = line.hungUp.aborted ? 'caller' : 'bot';
    } catch (error) {
      if (hasCode(error, 'line-hung-up')) endedBy = 'caller';
      else log.error('the call failed', { error });
    } finally {
      line.hungUp.removeEventListener('abort', hungUp);
      this.#state = { ...this.#state, floor: 'over' };
      this.#call.abort();
      for (const work of [this.#thinking, this.#waiting, this.#keying]) work.abort();
      this.#mouth.forget();
      this.#mouth.stop();
      this.#hearing.stop();
      await line.close();
    }
    log.info('the call is over', { endedBy, turns: this.#turns.length });
    return { turns: this.#turns, endedBy };
  }

  /** Takes leave of the caller politely. */
  drain(): void {
    this.#feed({ kind: 'drain', why: 'drain' });
  }

  #heed(event: LineEvent): void {
    switch (event.kind) {
      case 'speech-started':
        this.#feed(event);
        return;
      case 'speech':
        this.#hearing.push(event.audio);
        return;
      case 'pause':
        this.#speechEnded(event.silenceMs);
        this.#feed(event);
        return;
      case 'quiet':
        this.#judge(event.silenceMs);
        return;
      case 'digit':
        this.#keyed(event.digit);
        return;
    }
  }

  #speechEnded(silenceMs: number): void {
    this.#trace.mark('speechEnded', silenceMs);
  }

  /** Whether the silence has lasted long enough for what was said. */
  #judge(silenceMs: number): void {
    if (this.#state.floor !== 'thinking' || this.#state.turnOver) return;
    if (silenceMs >= patienceMs(this.#completeness, this.#options.endOfTurn))
      this.#feed({ kind: 'turn-over' });
  }

  #keyed(key: string): void {
    const { clock, interDigitMs, words } = this.#options;
    this.#keys += key;
    this.#keying.abort();
    this.#feed({ kind: 'digit' });
    if (isComplete(this.#keys, expectation(this.#memory), words)) {
      this.#feed({ kind: 'keyed' });
      return;
    }
    this.#keying = new AbortController();
    clock.sleep(interDigitMs, this.#keying.signal).then(
      () => {
        this.#feed({ kind: 'keyed' });
      },
      () => undefined,
    );
  }

  #feed(event: TurnEvent): void {
    const { state, effects } = step(this.#state, event, this.#options.rules);
    if (state.floor !== this.#state.floor)
      this.#log.debug('the floor changes', { event: event.kind, from: this.#state.floor, to: state.floor });
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    const { speaker, greeting, mind } = this.#options;
    const { answers } = mind;
    switch (effect.do) {
      case 'greet':
        this.#mouth.say(() => [speaker.prompt(greeting)]);
        return;
      case 'prepare-answer':
        this.#mouth.prepare(this.#script(this.#toSay(this.#thought?.reply ?? this.#reply)));
        return;
      case 'say-answer':
        this.#takeTurn();
        return;
      case 'say-rest':
        this.#log.info('no interruption');
        this.#mouth.sayRest();
        return;
      case 'ask-again':
        this.#say([
          answers.say(effect.times === 1 ? 'still-there' : 'still-there-again', this.#turns.length),
        ]);
        return;
      case 'say-goodbye':
        this.#say([answers.say(farewells[effect.why], this.#turns.length)]);
        return;
      case 'stop-saying':
        this.#mouth.stop();
        return;
      case 'wait-for-speech':
        void this.#wait();
        return;
      case 'stop-waiting':
        this.#waiting.abort();
        return;
      case 'hear':
        this.#hear(effect.joined);
        return;
      case 'think':
        void this.#think((options, signal) => this.#hearing.text(options, signal));
        return;
      case 'think-keys':
        this.#thinkKeys();
        return;
      case 'end-turn':
        this.#endTurn();
        return;
      case 'stop-thinking':
        this.#thinking.abort();
        this.#mouth.forget();
        return;
      case 'connect':
        void this.#connect();
        return;
      case 'end':
        this.#over.resolve(undefined);
        return;
    }
  }

  #script(texts: readonly string[]): Script {
    return (signal) => this.#options.speaker.sentences(texts, signal);
  }

  #say(texts: readonly string[]): void {
    this.#mouth.say(this.#script(texts));
  }

  async #wait(): Promise<void> {
    this.#waiting.abort();
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    try {
      await this.#options.clock.sleep(this.#options.askAgainMs, signal);
    } catch {
      return; // Somebody spoke, or the call is over.
    }
    this.#feed({ kind: 'silence' });
  }

  #hear(joined: boolean): void {
    const { mind, language, clock } = this.#options;
    if (!joined) {
      this.#hearing.clear();
      this.#trace = new TurnTrace(clock, this.#answeredMs);
      this.#trace.mark('speechStarted');
    }
    this.#hearing.follow({ language, phrases: mind.phrasesFor(expectation(this.#memory)) });
  }

  async #think(hear: (options: HearingOptions, signal: AbortSignal) => Promise<string>): Promise<void> {
    const { mind, language, words } = this.#options;
    this.#thinking.abort();
    this.#thinking = new AbortController();
    const { signal } = this.#thinking;
    this.#completeness = undefined;
    this.#thought = undefined;
    this.#turnOver = Promise.withResolvers();
    const turn = this.#turns.length + 1;
    const log = this.#options.log.with({ turn });
    const trace = this.#trace;
    try {
      const thinking = await think(hear, this.#memory, mind, {
        language,
        turn,
        trace,
        onUnderstood: (soFar) => {
          if (!signal.aborted) this.#completeness = completenessOf(soFar, words);
        },
        turnOver: this.#turnOver.promise,
        signal,
      });
      if (signal.aborted) return;
      const expecting = expectation(this.#memory) !== undefined;
      if (
        thinking.kind === 'no-words' ||
        (this.#state.cutIn && isBackChannel(thinking.heard, expecting, words))
      ) {
        log.info('nothing to answer', { heard: thinking.kind === 'reply' ? thinking.heard : '' });
        this.#feed({ kind: 'nothing' });
        return;
      }
      this.#thought = thinking;
    } catch (error) {
      if (signal.aborted) return;
      log.error('the bot could not think of an answer', { error });
      this.#thought = undefined;
      this.#reply = {
        say: [mind.answers.say('skill-failed', turn)],
        next: { kind: 'listen' },
        outcome: 'failed',
      };
    }
    const { kind } = (this.#thought?.reply ?? this.#reply).next;
    this.#feed({ kind: 'answer', then: kind === 'repeat' ? 'listen' : kind });
  }

  #thinkKeys(): void {
    const { clock, words } = this.#options;
    this.#keying.abort();
    const text = textOf(this.#keys, expectation(this.#memory), words) ?? '';
    this.#keys = '';
    this.#hearing.clear();
    this.#trace = new TurnTrace(clock, this.#answeredMs);
    void this.#think(() => Promise.resolve(text));
  }

  /** It is certain now that the caller has said everything. */
  #endTurn(): void {
    this.#trace.mark('turnOver');
    this.#turnOver.resolve(undefined);
    void this.#fillWhenSlow(this.#thinking.signal);
  }

  async #fillWhenSlow(signal: AbortSignal): Promise<void> {
    const { clock, fillerAfterMs, speaker } = this.#options;
    try {
      await clock.sleep(fillerAfterMs, signal);
    } catch {
      return;
    }
    if (this.#state.floor === 'thinking') this.#mouth.fill(speaker.prompt('thinking'));
  }

  #toSay(reply: Reply): readonly string[] {
    if (reply.next.kind !== 'repeat') return reply.say;
    const { answers } = this.#options.mind;
    return this.#lastSaid.length > 0
      ? this.#lastSaid
      : [answers.say('nothing-to-repeat', this.#turns.length)];
  }

  /** What was thought of becomes what is said, and is remembered. */
  #takeTurn(): void {
    this.#thinking.abort();
    const thought = this.#thought;
    if (thought !== undefined) {
      this.#thought = undefined;
      const { heard, understanding, decision, memory, reply } = thought;
      this.#memory = memory;
      this.#reply = reply;
      this.#hearing.clear();
      this.#turnTaken = true;
      this.#log = this.#options.log.with({ turn: this.#turns.length + 1 });
      this.#log.info('understood', {
        heard,
        intent: understanding.intent,
        confidence: Number(understanding.confidence.toFixed(2)),
        decision: decision.do,
        outcome: reply.outcome,
      });
      this.#turns.push({
        turn: this.#turns.length + 1,
        heard,
        intent: understanding.intent,
        said: reply.say,
        outcome: reply.outcome,
        times: this.#trace.times,
      });
    }
    this.#lastSaid = this.#toSay(this.#reply);
    if (!this.#mouth.sayPrepared()) this.#say(this.#lastSaid);
  }

  /** Of the first answer of a turn; what else is said belongs to none. */
  #noteSound(moment: 'synthesised' | 'sent' | 'started'): void {
    if (this.#turnTaken || this.#state.floor === 'thinking') this.#trace.markOnce(moment);
    if (!this.#turnTaken || moment !== 'started') return;
    this.#turnTaken = false;
    this.#log.info('a turn', { ...this.#trace.times });
  }

  async #connect(): Promise<void> {
    const { line, mind, connectRingMs } = this.#options;
    const { next } = this.#reply;
    if (next.kind !== 'connect') return;
    let outcome: ConnectOutcome = 'failed';
    try {
      outcome = await line.connect(next.extension, { signal: this.#call.signal, ringMs: connectRingMs });
    } catch (error) {
      if (this.#call.signal.aborted || line.hungUp.aborted) return;
      this.#log.error('the caller could not be connected', { error });
    }
    this.#log.info('back from the other phone', { outcome });
    this.#reply = connectedReply(outcome, next, mind.answers, this.#turns.length);
    this.#feed({ kind: 'back' });
  }
}

const farewells = { silence: 'silence-goodbye', drain: 'closing-down', 'too-long': 'time-is-up' } as const;
