/**
 * Who has the floor: pure data, (state, event) -> (state, effects). No clock, no audio, no I/O.
 * Every pair of floor and event is written down; TypeScript sees that none is missing, a test walks them all.
 */

/** What happens in a call, from wherever it comes. */
export type TurnEvent =
  | { readonly kind: 'answered' }
  /** Everything that was to be said was heard, or was stopped. */
  | { readonly kind: 'said' }
  | { readonly kind: 'speech-started' }
  /** The caller has stopped speaking; `over` when it is certain already that the turn is over. */
  | { readonly kind: 'pause'; readonly over: boolean }
  /** The caller has been silent for long enough. */
  | { readonly kind: 'turn-over' }
  /** A key was pressed: it stops what is said, as speech does. */
  | { readonly kind: 'digit' }
  /** The keys that belong together are complete; they are a turn, too. */
  | { readonly kind: 'keyed' }
  /** Nobody has spoken for the time after which the bot asks again. */
  | { readonly kind: 'silence' }
  /** The bot has made up its mind. */
  | { readonly kind: 'answer'; readonly then: Then; readonly bargeIn?: boolean }
  /** Nothing to answer: a cough, noise, or a mere "mhm" while the bot spoke. */
  | { readonly kind: 'nothing' }
  /** The talk with another phone is over. */
  | { readonly kind: 'back' }
  /** Parley is being stopped, or the call has reached its longest time. */
  | { readonly kind: 'drain'; readonly why: 'drain' | 'too-long' }
  | { readonly kind: 'hung-up' };

/** What follows when the bot has finished speaking. */
export type Then = 'listen' | 'hang-up' | 'connect';

export type Farewell = 'silence' | 'drain' | 'too-long';

export type Effect =
  | { readonly do: 'greet' }
  | { readonly do: 'say-answer' }
  /** Makes the answer's first sound ready while it is not certain yet that the turn is over. */
  | { readonly do: 'prepare-answer' }
  /** Goes on with what the caller has not heard of the answer, from the word where it was cut. */
  | { readonly do: 'say-rest' }
  | { readonly do: 'ask-again'; readonly times: number }
  | { readonly do: 'say-goodbye'; readonly why: Farewell }
  | { readonly do: 'stop-saying' }
  | { readonly do: 'wait-for-speech' }
  | { readonly do: 'stop-waiting' }
  /** Listens to the caller, who begins, goes on after a pause, or speaks into what the bot says. */
  | { readonly do: 'hear'; readonly after: 'silence' | 'pause' | 'barge-in' }
  /** Understands what was said so far and finds the answer, which is thrown away without trace by `stop-thinking`. */
  | { readonly do: 'think' }
  /** The same for keys. */
  | { readonly do: 'think-keys' }
  /** It is certain that the turn is over: what waits for that may go on. */
  | { readonly do: 'end-turn' }
  | { readonly do: 'stop-thinking' }
  | { readonly do: 'connect' }
  | { readonly do: 'end' };

export type Floor = 'arriving' | 'bot' | 'nobody' | 'caller' | 'thinking' | 'away' | 'over';

export interface TurnState {
  readonly floor: Floor;
  /** What follows when the bot has spoken. */
  readonly then: Then;
  /** How often the caller was asked again in a row. */
  readonly askedAgain: number;
  /** Whether what the bot says may be interrupted. */
  readonly bargeIn: boolean;
  /** The caller spoke into the answer: what was not heard of it is not yet lost. */
  readonly cutIn: boolean;
  /** While the bot thinks: whether the turn is over for certain. */
  readonly turnOver: boolean;
  /** While the bot thinks: what came of it, kept until the turn is over. */
  readonly thought: 'none' | 'answer' | 'nothing';
}

export interface TurnRules {
  readonly bargeIn: boolean;
  readonly askAgainTimes: number;
}

export interface Step {
  readonly state: TurnState;
  readonly effects: readonly Effect[];
}

export const initialTurn: TurnState = {
  floor: 'arriving',
  then: 'listen',
  askedAgain: 0,
  bargeIn: true,
  cutIn: false,
  turnOver: false,
  thought: 'none',
};

type EventKind = TurnEvent['kind'];
type Handler<K extends EventKind> = (
  state: TurnState,
  event: Extract<TurnEvent, { kind: K }>,
  rules: TurnRules,
) => Step;
type Row = { readonly [K in EventKind]: Handler<K> };

const stay = (state: TurnState): Step => ({ state, effects: [] });
const end = (state: TurnState): Step => ({ state: { ...state, floor: 'over' }, effects: [{ do: 'end' }] });

const listen = (state: TurnState): Step => ({
  state: { ...state, floor: 'nobody', then: 'listen', cutIn: false },
  effects: [{ do: 'wait-for-speech' }],
});

const speak = (state: TurnState, then: Then, effects: readonly Effect[], bargeIn = true): Step => ({
  state: { ...state, floor: 'bot', then, bargeIn, cutIn: false },
  effects,
});

const takeLeave = (state: TurnState, why: Farewell, first: readonly Effect[]): Step =>
  speak(state, 'hang-up', [...first, { do: 'say-goodbye', why }]);

const hear = (state: TurnState, after: 'silence' | 'pause' | 'barge-in', first: readonly Effect[]): Step => ({
  state: { ...state, floor: 'caller' },
  effects: [...first, { do: 'hear', after }],
});

const think = (state: TurnState, over: boolean, effects: readonly Effect[]): Step => ({
  state: { ...state, floor: 'thinking', turnOver: over, thought: 'none' },
  effects: over ? [...effects, { do: 'end-turn' }] : effects,
});

const thinkKeys = (state: TurnState, first: readonly Effect[]): Step =>
  think(state, true, [...first, { do: 'think-keys' }]);

const answer = (state: TurnState, then: Then, bargeIn: boolean): Step =>
  speak({ ...state, askedAgain: 0 }, then, [{ do: 'say-answer' }], bargeIn);

/** A goodbye is heard to its end, and so is an answer that asks for it. */
const mayInterrupt = (state: TurnState, rules: TurnRules): boolean =>
  rules.bargeIn && state.bargeIn && state.then === 'listen';

/** A cough or noise: go on where the answer was cut, or wait on. */
const passOver = (state: TurnState): Step =>
  state.cutIn ? speak(state, 'listen', [{ do: 'say-rest' }]) : listen(state);

/** What every floor has in common. */
const everywhere = {
  'hung-up': (state: TurnState) => end(state),
  answered: stay,
  back: stay,
};

/** Where what the caller does is not heard. */
const deaf = {
  'speech-started': stay,
  pause: stay,
  'turn-over': stay,
  digit: stay,
  keyed: stay,
  silence: stay,
  answer: stay,
  nothing: stay,
};

const floors: Readonly<Record<Floor, Row>> = {
  arriving: {
    ...everywhere,
    ...deaf,
    answered: (state) => speak(state, 'listen', [{ do: 'greet' }]),
    said: stay,
    drain: end,
  },

  bot: {
    ...everywhere,
    said: (state) => {
      if (state.then === 'hang-up') return end(state);
      if (state.then === 'connect')
        return { state: { ...state, floor: 'away' }, effects: [{ do: 'connect' }] };
      return listen(state);
    },
    'speech-started': (state, _event, rules) =>
      mayInterrupt(state, rules)
        ? hear({ ...state, cutIn: true }, 'barge-in', [{ do: 'stop-saying' }])
        : stay(state),
    // Its beginning was not worth an interruption, so neither is its end.
    pause: stay,
    'turn-over': stay,
    digit: (state, _event, rules) =>
      mayInterrupt(state, rules) ? { state, effects: [{ do: 'stop-saying' }] } : stay(state),
    keyed: (state, _event, rules) =>
      mayInterrupt(state, rules) ? thinkKeys(state, [{ do: 'stop-saying' }]) : stay(state),
    silence: stay,
    answer: stay,
    nothing: stay,
    drain: (state, { why }) =>
      state.then === 'hang-up' ? stay(state) : takeLeave(state, why, [{ do: 'stop-saying' }]),
  },

  nobody: {
    ...everywhere,
    said: stay,
    'speech-started': (state) => hear(state, 'silence', [{ do: 'stop-waiting' }]),
    // Begun while the bot was speaking, where that was no interruption.
    pause: (state, { over }) => think(state, over, [{ do: 'stop-waiting' }, { do: 'think' }]),
    'turn-over': stay,
    digit: (state) => ({ state, effects: [{ do: 'wait-for-speech' }] }),
    keyed: (state) => thinkKeys(state, [{ do: 'stop-waiting' }]),
    silence: (state, _event, rules) => {
      if (state.askedAgain >= rules.askAgainTimes) return takeLeave(state, 'silence', []);
      const askedAgain = state.askedAgain + 1;
      return speak({ ...state, askedAgain }, 'listen', [{ do: 'ask-again', times: askedAgain }]);
    },
    answer: stay,
    nothing: stay,
    drain: (state, { why }) => takeLeave(state, why, [{ do: 'stop-waiting' }]),
  },

  caller: {
    ...everywhere,
    // The prompt that the caller interrupted has come to its end.
    said: stay,
    'speech-started': stay,
    pause: (state, { over }) => think(state, over, [{ do: 'think' }]),
    'turn-over': stay,
    digit: stay,
    keyed: (state) => thinkKeys(state, []),
    silence: stay,
    answer: stay,
    nothing: stay,
    drain: (state, { why }) => takeLeave(state, why, []),
  },

  thinking: {
    ...everywhere,
    said: stay,
    'speech-started': (state) => hear(state, 'pause', [{ do: 'stop-thinking' }]),
    pause: (state, { over }) => think(state, over, [{ do: 'stop-thinking' }, { do: 'think' }]),
    'turn-over': (state) => {
      if (state.turnOver) return stay(state);
      const ended: Step = { state: { ...state, turnOver: true }, effects: [{ do: 'end-turn' }] };
      const next =
        state.thought === 'answer' ? answer(ended.state, state.then, state.bargeIn) : passOver(ended.state);
      return state.thought === 'none'
        ? ended
        : { state: next.state, effects: [...ended.effects, ...next.effects] };
    },
    digit: stay,
    keyed: (state) => thinkKeys(state, [{ do: 'stop-thinking' }]),
    silence: stay,
    answer: (state, { then, bargeIn = true }) =>
      state.turnOver
        ? answer(state, then, bargeIn)
        : { state: { ...state, thought: 'answer', then, bargeIn }, effects: [{ do: 'prepare-answer' }] },
    // Who was cut off by a cough goes on at once; a caller may still be about to say something.
    nothing: (state) =>
      state.turnOver || state.cutIn ? passOver(state) : stay({ ...state, thought: 'nothing' }),
    drain: (state, { why }) => takeLeave(state, why, [{ do: 'stop-thinking' }]),
  },

  away: {
    ...everywhere,
    ...deaf,
    back: (state) => speak(state, 'listen', [{ do: 'say-answer' }]),
    said: stay,
    // Two people talk with each other: they are left alone, and the bot does not come back.
    drain: stay,
  },

  over: {
    ...deaf,
    'hung-up': stay,
    answered: stay,
    back: stay,
    said: stay,
    drain: stay,
  },
};

/** The next state, and what is to be done on the way to it. */
export function step(state: TurnState, event: TurnEvent, rules: TurnRules): Step {
  // The table is total, so the handler of this event's kind is the one that takes it.
  const handler = floors[state.floor][event.kind] as Handler<EventKind>;
  return handler(state, event, rules);
}
