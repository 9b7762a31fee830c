import type { Intent, SlotName, Slots } from '../nlu/spec.ts';
import type { Answers } from './answers.ts';
import type { AnswerKey } from './answer-table.ts';
import type { SayPlace } from './place.ts';

/** How a call to another phone ended, or that it begins. */
export type CallOutcome = 'connecting' | 'talked' | 'busy' | 'no-answer' | 'unknown' | 'failed';

/** The questions and remarks of the dialogue itself, each as the sentences to be spoken. `turn` picks the variant. */
export interface Talk {
  /** Asks for what is missing: a city, whom to call, … */
  ask(slot: SlotName, turn: number): readonly string[];
  /** "You'd like the weather in Seattle, right?" */
  confirm(intent: Intent, slots: Slots, turn: number): readonly string[];
  /** The caller said no to that. */
  denied(turn: number): readonly string[];
  /** @param times how often in a row; from the second time on, help is offered. */
  notUnderstood(times: number, turn: number): readonly string[];
  anythingElse(turn: number): readonly string[];
  nothingToRepeat(turn: number): readonly string[];
  /** After silence. @param times 1 for the first. */
  stillThere(times: number, turn: number): readonly string[];
  /** The goodbye to a caller who says nothing any more. */
  silenceGoodbye(turn: number): readonly string[];
  /** The goodbye at the longest call's end. */
  timeIsUp(turn: number): readonly string[];
  /** The goodbye when Parley is being stopped. */
  closingDown(turn: number): readonly string[];
  /** Something failed that the caller cannot help. */
  trouble(turn: number): readonly string[];
  callOutcome(
    outcome: CallOutcome,
    called: { readonly extension: string; readonly name?: string },
    turn: number,
  ): readonly string[];
}

export function createTalk(answers: Answers, sayPlace: SayPlace = (city) => city.name): Talk {
  const plain =
    <K extends PlainKey>(key: K) =>
    (turn: number) =>
      answers.sentences<PlainKey>(key, {}, turn);
  return {
    ask: (slot, turn) => answers.sentences(questionFor[slot], {}, turn),
    confirm(intent, slots, turn) {
      const place = slots.city === undefined ? undefined : sayPlace(slots.city);
      const whom = slots.name ?? (slots.extension && sayExtension(answers, slots.extension));
      if (intent === 'GetWeather' && place !== undefined)
        return answers.sentences('confirm-weather-in', { place }, turn);
      if (intent === 'GetTime' && place !== undefined)
        return answers.sentences('confirm-time-in', { place }, turn);
      if (intent === 'Call' && whom !== undefined)
        return answers.sentences('confirm-call-to', { whom }, turn);
      return answers.sentences<PlainKey>(confirmationOf.get(intent) ?? 'confirm-other', {}, turn);
    },
    denied: plain('confirm-denied'),
    notUnderstood: (times, turn) =>
      answers.sentences(times > 1 ? 'not-understood-again' : 'not-understood', {}, turn),
    anythingElse: plain('anything-else'),
    nothingToRepeat: plain('nothing-to-repeat'),
    stillThere: (times, turn) => answers.sentences(times > 1 ? 'still-there-again' : 'still-there', {}, turn),
    silenceGoodbye: plain('silence-goodbye'),
    timeIsUp: plain('time-is-up'),
    closingDown: plain('closing-down'),
    trouble: plain('trouble'),
    callOutcome(outcome, { extension, name }, turn) {
      if (outcome === 'talked') return answers.sentences('call-back', {}, turn);
      const whom = name ?? sayExtension(answers, extension);
      return answers.sentences(`call-${outcome}`, { whom }, turn);
    },
  };
}

/** "extension 6 0 0 2": the digits apart, so that nobody hears six thousand and two. */
export function sayExtension(answers: Answers, extension: string): string {
  return answers.word('extension', { digits: [...extension].join(' ') });
}

type PlainKey = Extract<
  AnswerKey,
  | `confirm-${'weather' | 'news' | 'time' | 'call' | 'help' | 'repeat' | 'goodbye' | 'stop' | 'other' | 'denied'}`
  | 'anything-else'
  | 'nothing-to-repeat'
  | 'silence-goodbye'
  | 'time-is-up'
  | 'closing-down'
  | 'trouble'
>;

const confirmationOf: ReadonlyMap<Intent, PlainKey> = new Map<Intent, PlainKey>([
  ['GetWeather', 'confirm-weather'],
  ['GetNews', 'confirm-news'],
  ['GetTime', 'confirm-time'],
  ['Call', 'confirm-call'],
  ['Help', 'confirm-help'],
  ['Repeat', 'confirm-repeat'],
  ['Goodbye', 'confirm-goodbye'],
  ['Stop', 'confirm-stop'],
]);

const questionFor = {
  city: 'ask-city',
  unknownPlace: 'ask-city',
  day: 'ask-day',
  count: 'ask-count',
  extension: 'ask-whom',
  name: 'ask-whom',
  unknownName: 'ask-whom',
} as const satisfies Record<SlotName, AnswerKey>;
