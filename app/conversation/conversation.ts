import type { ConnectOutcome, Line, LineEvent } from '../asterisk/lines/spec.ts';
import { hasCode } from '../errors.ts';
import { after } from '../ops/clock.ts';
import { Mouth, type Script } from './mouth.ts';
import { type CallObserver, CallWatch, type EndedBy, noObserver } from './observer.ts';
import type { PromptName } from './prompts.ts';
import { connectedReply, type Reply } from './reply.ts';
import type { Speaker } from './speaker.ts';
import type { Sayable } from './telling.ts';
import { thinkingSound } from './thinking-sound.ts';
import {
  type Effect,
  initialTurn,
  step,
  type TurnEvent,
  type TurnRules,
  type TurnState,
} from './turn-machine.ts';
import { isComplete, textOf } from './turn-taking/keys.ts';
import type { TurnRecord } from './turn-record.ts';
import { Turns, type TurnsOptions } from './turns.ts';

export interface ConversationOptions extends Omit<TurnsOptions, 'onThought' | 'callId' | 'watch'> {
  readonly line: Line;
  readonly speaker: Speaker;
  readonly rules: TurnRules;
  readonly greeting: PromptName;
  readonly askAgainMs: number;
  readonly maxCallMs: number;
  readonly connectRingMs: number;
  /** Thinking for longer than this, the bot lets hear that it does. */
  readonly fillerAfterMs: number;
  /** Keys belong together when the next one comes within so long. */
  readonly interDigitMs: number;
  /** Is told what happens. */
  readonly observer?: CallObserver;
  /** Taken over from a process that died. */
  readonly resumed?: boolean;
}

/** How a call went. */
export interface CallSummary {
  readonly turns: readonly TurnRecord[];
  readonly endedBy: Exclude<EndedBy, 'turned-away'>;
}

/** One caller and the bot: greet, turns, farewell, tidy up. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #call = new AbortController();
  readonly #over = Promise.withResolvers<undefined>();
  readonly #mouth: Mouth;
  readonly #watch: CallWatch;
  #turns: Turns;
  #state: TurnState = initialTurn;
  #waiting = new AbortController();
  #keying = new AbortController();
  #keys = '';
  /** What was said last and is worth saying again. */
  #lastSaid: Sayable | undefined;
  /** The turn that is being answered, while what is said is an answer. */
  #answering: number | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#watch = new CallWatch(options.observer ?? noObserver, options.line, options.clock);
    this.#turns = this.#newTurns();
    this.#mouth = new Mouth({
      line: options.line,
      log: () => this.#turns.log,
      onSound: (moment, engine) => {
        this.#turns.noteSound(moment, engine);
      },
      onSentence: (text) => {
        this.#turns.noteSaid(text);
        const turn = this.#answering;
        this.#watch.happened({ kind: 'saying', text, ...(turn !== undefined && { turn }) });
      },
      onStopped: (heardMs) => {
        this.#watch.happened({ kind: 'stopped', heardMs });
      },
      onSaid: () => {
        this.#feed({ kind: 'said' });
      },
    });
  }

  /** Leads the call from its first sound to its last. Never throws; nothing of it is left when it resolves. */
  async run(): Promise<CallSummary> {
    const { line, clock, maxCallMs, log, metrics, language, resumed = false } = this.#options;
    let endedBy: CallSummary['endedBy'] = 'failure';
    const hungUp = (): void => {
      this.#feed({ kind: 'hung-up' });
    };
    line.hungUp.addEventListener('abort', hungUp);
    metrics.callBegan();
    this.#watch.began({ language, resumed });
    try {
      log.info('a call', { callerNumber: line.caller.number, dialled: line.dialled });
      await line.answer();
      this.#watch.answered();
      this.#turns = this.#newTurns();
      line.onEvent((event) => {
        this.#heed(event);
      });
      after(clock, maxCallMs, this.#call.signal, () => {
        this.#feed({ kind: 'drain', why: 'too-long' });
      });
      this.#feed({ kind: 'answered' });
      await this.#over.promise;
      endedBy = line.hungUp.aborted ? (line.hungUpBy ?? 'caller') : 'bot';
    } catch (error) {
      if (hasCode(error, 'line-hung-up')) endedBy = line.hungUpBy ?? 'caller';
      else {
        log.error('the call failed', { error });
        this.#watch.happened({ kind: 'failed', error });
      }
    } finally {
      line.hungUp.removeEventListener('abort', hungUp);
      this.#state = { ...this.#state, floor: 'over' };
      this.#call.abort();
      this.#waiting.abort();
      this.#keying.abort();
      this.#mouth.forget();
      this.#mouth.stop();
      this.#turns.close();
      await line.close();
    }
    metrics.callEnded(endedBy);
    this.#watch.ended(endedBy);
    log.info('the call is over', { endedBy, turns: this.#turns.count });
    return { turns: this.#turns.records, endedBy };
  }

  /** Takes leave of the caller politely. */
  drain(): void {
    this.#feed({ kind: 'drain', why: 'drain' });
  }

  #newTurns(): Turns {
    return new Turns({
      ...this.#options,
      callId: this.#options.line.callId,
      watch: this.#watch,
      onThought: (thought) => {
        this.#thought(thought);
      },
    });
  }

  #heed(event: LineEvent): void {
    switch (event.kind) {
      case 'speech-started':
        this.#feed(event);
        return;
      case 'speech':
        this.#turns.push(event.audio);
        return;
      case 'pause':
        this.#turns.speechEnded(event.silenceMs);
        this.#feed(event);
        return;
      case 'quiet':
        if (this.#state.floor === 'thinking' && !this.#state.turnOver && this.#turns.isOver(event.silenceMs))
          this.#feed({ kind: 'turn-over' });
        return;
      case 'digit':
        this.#watch.happened({ kind: 'digit', digit: event.digit });
        this.#keyed(event.digit);
        return;
    }
  }

  #keyed(key: string): void {
    const { clock, interDigitMs, words } = this.#options;
    this.#keys += key;
    this.#keying.abort();
    this.#feed({ kind: 'digit' });
    if (isComplete(this.#keys, this.#turns.expecting, words)) {
      this.#endKeys();
      return;
    }
    this.#keying = new AbortController();
    after(clock, interDigitMs, this.#keying.signal, () => {
      this.#endKeys();
    });
  }

  #endKeys(): void {
    this.#feed({ kind: 'keyed' });
    // Also where nobody heeded them.
    this.#keys = '';
  }

  #thought(thought: 'answer' | 'nothing'): void {
    if (thought === 'nothing' || (this.#state.cutIn && this.#turns.isBackChannel)) {
      this.#feed({ kind: 'nothing' });
      return;
    }
    const { next, bargeIn = true } = this.#turns.reply;
    this.#feed({ kind: 'answer', then: next.kind === 'repeat' ? 'listen' : next.kind, bargeIn });
  }

  #feed(event: TurnEvent): void {
    const { state, effects } = step(this.#state, event, this.#options.rules);
    if (state.floor !== this.#state.floor) {
      this.#turns.log.debug('the floor changes', {
        event: event.kind,
        from: this.#state.floor,
        to: state.floor,
      });
      this.#watch.happened({ kind: 'floor', floor: state.floor });
    }
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    const { speaker, greeting, mind, words } = this.#options;
    const { answers } = mind;
    switch (effect.do) {
      case 'greet':
        this.#mouth.say(async function* () {
          yield await Promise.resolve(speaker.prompt(greeting));
        });
        return;
      case 'prepare-answer':
        this.#mouth.prepare(this.#script(this.#toSay(this.#turns.reply)));
        return;
      case 'say-answer':
        this.#answer();
        return;
      case 'say-rest':
        this.#turns.log.info('no interruption');
        this.#options.metrics.falseInterruption();
        this.#watch.happened({ kind: 'false-interruption' });
        this.#mouth.sayRest();
        return;
      case 'ask-again':
        this.#watch.happened({ kind: 'asked-again', times: effect.times });
        this.#say([answers.say(effect.times === 1 ? 'still-there' : 'still-there-again', this.#turns.count)]);
        return;
      case 'say-goodbye':
        this.#watch.happened({ kind: 'farewell', why: effect.why });
        this.#say([answers.say(farewells[effect.why], this.#turns.count)]);
        return;
      case 'stop-saying':
        this.#mouth.stop();
        return;
      case 'wait-for-speech':
        this.#wait();
        return;
      case 'stop-waiting':
        this.#waiting.abort();
        return;
      case 'hear':
        this.#turns.hear(effect.after);
        return;
      case 'think':
        this.#turns.think();
        return;
      case 'think-keys':
        this.#keying.abort();
        this.#turns.thinkAbout(textOf(this.#keys, this.#turns.expecting, words) ?? '');
        return;
      case 'end-turn':
        this.#fillWhenSlow(this.#turns.end());
        return;
      case 'stop-thinking':
        this.#turns.stopThinking();
        this.#mouth.forget();
        return;
      case 'connect':
        void this.#connect();
        return;
      case 'end':
        void this.#end();
        return;
    }
  }

  #script(texts: Sayable): Script {
    return (signal) => this.#options.speaker.sentences(texts, signal);
  }

  #say(texts: Sayable, answering?: number): void {
    this.#answering = answering;
    this.#mouth.say(this.#script(texts));
  }

  #wait(): void {
    const { clock, askAgainMs } = this.#options;
    this.#waiting.abort();
    this.#waiting = new AbortController();
    after(clock, askAgainMs, this.#waiting.signal, () => {
      this.#feed({ kind: 'silence' });
    });
  }

  #fillWhenSlow(signal: AbortSignal): void {
    const { clock, fillerAfterMs } = this.#options;
    after(clock, fillerAfterMs, signal, () => {
      if (this.#state.floor === 'thinking') this.#mouth.fill(thinkingSound());
    });
  }

  #toSay(reply: Reply): Sayable {
    if (reply.next.kind !== 'repeat') return reply.say;
    const { answers } = this.#options.mind;
    return this.#lastSaid ?? [answers.say('nothing-to-repeat', this.#turns.count)];
  }

  #answer(): void {
    this.#lastSaid = this.#toSay(this.#turns.take());
    this.#answering = this.#turns.count;
    if (!this.#mouth.sayPrepared()) this.#say(this.#lastSaid, this.#answering);
  }

  async #end(): Promise<void> {
    // What Asterisk has played is still on its way through the network and the telephone's jitter buffer.
    await this.#options.clock.sleep(tailMs, this.#options.line.hungUp).catch(() => undefined);
    this.#over.resolve(undefined);
  }

  async #connect(): Promise<void> {
    const { line, mind, connectRingMs } = this.#options;
    const { next } = this.#turns.reply;
    if (next.kind !== 'connect') return;
    this.#watch.happened({ kind: 'connecting', extension: next.extension });
    let outcome: ConnectOutcome = 'failed';
    try {
      outcome = await line.connect(next.extension, { signal: this.#call.signal, ringMs: connectRingMs });
    } catch (error) {
      if (this.#call.signal.aborted || line.hungUp.aborted) return;
      this.#turns.log.error('the caller could not be connected', { error });
    }
    this.#turns.log.info('back from the other phone', { outcome });
    this.#watch.happened({ kind: 'connected-back', outcome });
    this.#turns.answerWith(connectedReply(outcome, next, mind.answers, this.#turns.count));
    this.#feed({ kind: 'back' });
  }
}

/** Longest way of the last word to the caller's ear. */
const tailMs = 250;

const farewells = { silence: 'silence-goodbye', drain: 'closing-down', 'too-long': 'time-is-up' } as const;
