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
  | { readonly kind: 'utterance' }
  | { readonly kind: 'digit' }
  /** Nobody has spoken for the time after which the bot asks again. */
  | { readonly kind: 'silence' }
  /** The bot has made up its mind. */
  | { readonly kind: 'answer'; readonly then: Then }
  /** The utterance held no words. */
  | { readonly kind: 'no-words' }
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
  /** Says again what the caller has not heard of the answer. */
  | { readonly do: 'say-rest' }
  | { readonly do: 'ask-again'; readonly times: number }
  | { readonly do: 'say-goodbye'; readonly why: Farewell }
  | { readonly do: 'stop-saying' }
  | { readonly do: 'wait-for-speech' }
  | { readonly do: 'stop-waiting' }
  /** Hears, understands and does; `joined` when the caller only went on with the utterance before. */
  | { readonly do: 'think'; readonly joined: boolean }
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
  /** The caller spoke into the answer: what was not heard of it is not yet lost. */
  readonly cutIn: boolean;
  /** The caller spoke on while the bot was thinking. */
  readonly wentOn: boolean;
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
  cutIn: false,
  wentOn: false,
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
  state: { ...state, floor: 'nobody', then: 'listen', cutIn: false, wentOn: false },
  effects: [{ do: 'wait-for-speech' }],
});

const speak = (state: TurnState, then: Then, effects: readonly Effect[]): Step => ({
  state: { ...state, floor: 'bot', then, cutIn: false, wentOn: false },
  effects,
});

const takeLeave = (state: TurnState, why: Farewell, first: readonly Effect[]): Step =>
  speak(state, 'hang-up', [...first, { do: 'say-goodbye', why }]);

/** What every floor has in common. */
const everywhere = {
  'hung-up': (state: TurnState) => end(state),
  answered: stay,
  back: stay,
};

const floors: Readonly<Record<Floor, Row>> = {
  arriving: {
    ...everywhere,
    answered: (state) => speak(state, 'listen', [{ do: 'greet' }]),
    said: stay,
    'speech-started': stay,
    utterance: stay,
    digit: stay,
    silence: stay,
    answer: stay,
    'no-words': stay,
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
      rules.bargeIn && state.then === 'listen'
        ? { state: { ...state, floor: 'caller', cutIn: true }, effects: [{ do: 'stop-saying' }] }
        : stay(state),
    // Its beginning was not worth an interruption, so neither is its end.
    utterance: stay,
    digit: (state) => (state.then === 'listen' ? { state, effects: [{ do: 'stop-saying' }] } : stay(state)),
    silence: stay,
    answer: stay,
    'no-words': stay,
    drain: (state, { why }) =>
      state.then === 'hang-up' ? stay(state) : takeLeave(state, why, [{ do: 'stop-saying' }]),
  },

  nobody: {
    ...everywhere,
    said: stay,
    'speech-started': (state) => ({
      state: { ...state, floor: 'caller' },
      effects: [{ do: 'stop-waiting' }],
    }),
    utterance: (state) => ({
      state: { ...state, floor: 'thinking' },
      effects: [{ do: 'stop-waiting' }, { do: 'think', joined: false }],
    }),
    digit: (state) => ({ state, effects: [{ do: 'wait-for-speech' }] }),
    silence: (state, _event, rules) => {
      if (state.askedAgain >= rules.askAgainTimes) return takeLeave(state, 'silence', []);
      const askedAgain = state.askedAgain + 1;
      return speak({ ...state, askedAgain }, 'listen', [{ do: 'ask-again', times: askedAgain }]);
    },
    answer: stay,
    'no-words': stay,
    drain: (state, { why }) => takeLeave(state, why, [{ do: 'stop-waiting' }]),
  },

  caller: {
    ...everywhere,
    // The prompt that the caller interrupted has come to its end.
    said: stay,
    'speech-started': stay,
    utterance: (state) => ({
      state: { ...state, floor: 'thinking', wentOn: false },
      effects: [{ do: 'think', joined: state.wentOn }],
    }),
    digit: stay,
    silence: stay,
    answer: stay,
    'no-words': stay,
    drain: (state, { why }) => takeLeave(state, why, []),
  },

  thinking: {
    ...everywhere,
    said: stay,
    'speech-started': (state) => ({
      state: { ...state, floor: 'caller', wentOn: true },
      effects: [{ do: 'stop-thinking' }],
    }),
    utterance: (state) => ({
      state,
      effects: [{ do: 'stop-thinking' }, { do: 'think', joined: true }],
    }),
    digit: stay,
    silence: stay,
    answer: (state, event) => speak({ ...state, askedAgain: 0 }, event.then, [{ do: 'say-answer' }]),
    // A cough or noise: go on where the answer was cut, or wait on.
    'no-words': (state) => (state.cutIn ? speak(state, 'listen', [{ do: 'say-rest' }]) : listen(state)),
    drain: (state, { why }) => takeLeave(state, why, [{ do: 'stop-thinking' }]),
  },

  away: {
    ...everywhere,
    back: (state) => speak(state, 'listen', [{ do: 'say-answer' }]),
    said: stay,
    'speech-started': stay,
    utterance: stay,
    digit: stay,
    silence: stay,
    answer: stay,
    'no-words': stay,
    // Two people talk with each other: they are left alone, and the bot does not come back.
    drain: stay,
  },

  over: {
    'hung-up': stay,
    answered: stay,
    back: stay,
    said: stay,
    'speech-started': stay,
    utterance: stay,
    digit: stay,
    silence: stay,
    answer: stay,
    'no-words': stay,
    drain: stay,
  },
};

/** The next state, and what is to be done on the way to it. */
export function step(state: TurnState, event: TurnEvent, rules: TurnRules): Step {
  // The table is total, so the handler of this event's kind is the one that takes it.
  const handler = floors[state.floor][event.kind] as Handler<EventKind>;
  return handler(state, event, rules);
}
