import type { Audio } from '../audio/pcm.ts';
import { concatPcm } from '../audio/pcm.ts';
import type { ConnectOutcome, Line, LineEvent } from '../asterisk/lines/spec.ts';
import { hasCode } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import type { Log } from '../ops/log.ts';
import type { Language } from '../speech/spec.ts';
import { emptyMemory, type Memory } from './dialogue.ts';
import type { PromptName } from './prompts.ts';
import { connectedReply } from './reply.ts';
import { prepare, type Sentence, type Speaker } from './speaker.ts';
import { type Mind, type Reply, think } from './think.ts';
import {
  type Effect,
  initialTurn,
  step,
  type TurnEvent,
  type TurnRules,
  type TurnState,
} from './turn-machine.ts';

export interface ConversationOptions {
  readonly line: Line;
  readonly speaker: Speaker;
  readonly mind: Mind;
  readonly rules: TurnRules;
  readonly language: Language;
  readonly greeting: PromptName;
  readonly askAgainMs: number;
  readonly maxCallMs: number;
  readonly connectRingMs: number;
  /** Thinking for longer than this, the bot says "one moment". */
  readonly fillerAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a call went. */
export interface CallSummary {
  readonly turns: number;
  readonly endedBy: 'caller' | 'bot' | 'failure';
}

/** One caller and the bot: greet, turns, farewell, tidy up. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #call = new AbortController();
  readonly #over = Promise.withResolvers<undefined>();
  #state: TurnState = initialTurn;
  #memory: Memory = emptyMemory;
  #turn = 0;
  #log: Log;
  #saying = new AbortController();
  #thinking = new AbortController();
  #waiting = new AbortController();
  /** What the caller said in this turn; more than one piece when the caller went on. */
  #utterances: Audio[] = [];
  #reply: Reply = { say: [], next: { kind: 'listen' }, outcome: 'ok' };
  /** What was said last and is worth saying again. */
  #lastSaid: readonly string[] = [];
  /** What the caller has not heard yet of the answer. */
  #unheard: readonly string[] = [];
  #filler: Promise<unknown> = Promise.resolve();

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#log = options.log;
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
      for (const work of [this.#saying, this.#thinking, this.#waiting]) work.abort();
      await line.close();
    }
    log.info('the call is over', { endedBy, turns: this.#turn });
    return { turns: this.#turn, endedBy };
  }

  /** Takes leave of the caller politely. */
  drain(): void {
    this.#feed({ kind: 'drain', why: 'drain' });
  }

  #heed(event: LineEvent): void {
    if (event.kind === 'utterance') {
      // Kept only where the turn machine will have it thought about.
      if (
        this.#state.floor === 'nobody' ||
        this.#state.floor === 'caller' ||
        this.#state.floor === 'thinking'
      )
        this.#utterances.push(event.audio);
      this.#feed({ kind: 'utterance' });
    } else this.#feed({ kind: event.kind });
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
        this.#say(() => [speaker.prompt(greeting)]);
        return;
      case 'say-answer':
        this.#lastSaid = this.#reply.say;
        this.#sayTexts(this.#reply.say);
        return;
      case 'say-rest':
        this.#sayTexts(this.#unheard);
        return;
      case 'ask-again':
        this.#sayTexts([answers.say(effect.times === 1 ? 'still-there' : 'still-there-again', this.#turn)]);
        return;
      case 'say-goodbye':
        this.#sayTexts([answers.say(farewells[effect.why], this.#turn)]);
        return;
      case 'stop-saying':
        this.#saying.abort();
        return;
      case 'wait-for-speech':
        void this.#wait();
        return;
      case 'stop-waiting':
        this.#waiting.abort();
        return;
      case 'think':
        if (!effect.joined) this.#utterances.splice(0, this.#utterances.length - 1);
        void this.#think();
        return;
      case 'stop-thinking':
        this.#thinking.abort();
        return;
      case 'connect':
        void this.#connect();
        return;
      case 'end':
        this.#over.resolve(undefined);
        return;
    }
  }

  #sayTexts(texts: readonly string[]): void {
    this.#say((signal) => this.#options.speaker.sentences(texts, signal));
  }

  #say(make: (signal: AbortSignal) => readonly Sentence[]): void {
    this.#saying.abort();
    this.#saying = new AbortController();
    const { signal } = this.#saying;
    void this.#speak(make(signal), signal);
  }

  async #speak(sentences: readonly Sentence[], signal: AbortSignal): Promise<void> {
    const { line } = this.#options;
    const log = this.#log;
    this.#unheard = sentences.map(({ text }) => text);
    try {
      prepare(sentences[0]);
      await this.#filler;
      for (const [at, { text, speech }] of sentences.entries()) {
        prepare(sentences[at + 1]);
        if (signal.aborted) break;
        log.info('say', { said: text });
        const { completed, heardMs } = await line.say(speech, { signal });
        if (!completed) {
          log.info('stopped by the caller', { heardMs });
          break;
        }
        this.#unheard = this.#unheard.slice(1);
      }
    } catch (error) {
      if (line.hungUp.aborted || signal.aborted) return;
      log.error('this could not be said', { error });
    }
    // A newer thing that the bot says reports for itself.
    if (signal === this.#saying.signal) this.#feed({ kind: 'said' });
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

  async #think(): Promise<void> {
    const { mind, language, clock } = this.#options;
    this.#thinking.abort();
    this.#thinking = new AbortController();
    const { signal } = this.#thinking;
    const turn = this.#turn + 1;
    const log = this.#options.log.with({ turn });
    const began = clock.monotonicMs();
    void this.#sayFillerWhenSlow(signal);
    try {
      const thinking = await think(joined(this.#utterances), this.#memory, mind, { language, turn, signal });
      if (signal.aborted) return;
      this.#utterances = [];
      this.#thinking.abort();
      const stages = rounded({ ...thinking.stages, thinkMs: clock.monotonicMs() - began });
      if (thinking.kind === 'no-words') {
        log.info('no words', stages);
        this.#feed({ kind: 'no-words' });
        return;
      }
      this.#turn = turn;
      this.#log = log;
      this.#memory = thinking.memory;
      log.info('understood', {
        heard: thinking.heard,
        intent: thinking.understanding.intent,
        confidence: Number(thinking.understanding.confidence.toFixed(2)),
        decision: thinking.decision.do,
        outcome: thinking.reply.outcome,
        ...stages,
      });
      this.#answer(thinking.reply);
    } catch (error) {
      if (signal.aborted) return;
      this.#utterances = [];
      this.#thinking.abort();
      log.error('the bot could not think of an answer', { error });
      this.#answer({
        say: [mind.answers.say('skill-failed', turn)],
        next: { kind: 'listen' },
        outcome: 'failed',
      });
    }
  }

  #answer(reply: Reply): void {
    const { mind } = this.#options;
    if (reply.next.kind === 'repeat') {
      const say =
        this.#lastSaid.length > 0 ? this.#lastSaid : [mind.answers.say('nothing-to-repeat', this.#turn)];
      this.#reply = { ...reply, say, next: { kind: 'listen' } };
    } else this.#reply = reply;
    const { kind } = this.#reply.next;
    this.#feed({ kind: 'answer', then: kind === 'repeat' ? 'listen' : kind });
  }

  async #sayFillerWhenSlow(signal: AbortSignal): Promise<void> {
    const { clock, fillerAfterMs, speaker, line } = this.#options;
    try {
      await clock.sleep(fillerAfterMs, signal);
    } catch {
      return;
    }
    const { speech } = speaker.prompt('thinking');
    // Short, so it is heard to its end, and what the bot says next waits for it.
    this.#filler = line.say(speech, { signal: this.#call.signal }).catch(() => undefined);
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
    this.#reply = connectedReply(outcome, next, mind.answers, this.#turn);
    this.#feed({ kind: 'back' });
  }
}

const farewells = { silence: 'silence-goodbye', drain: 'closing-down', 'too-long': 'time-is-up' } as const;

function joined(utterances: readonly Audio[]): Audio {
  const [first] = utterances;
  if (first === undefined) return { samples: new Int16Array(0), sampleRateHz: 16_000 };
  return { samples: concatPcm(utterances.map(({ samples }) => samples)), sampleRateHz: first.sampleRateHz };
}

function rounded(stages: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(stages).map(([name, ms]) => [name, Math.round(ms)]));
}
