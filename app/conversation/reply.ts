import type { ConnectOutcome } from '../asterisk/lines/spec.ts';
import type { Intent, SlotName, Slots } from '../nlu/spec.ts';
import type { AnswerKey } from '../skills/answer-table.ts';
import type { Answers } from '../skills/answers.ts';
import type { Next, Skill } from '../skills/spec.ts';
import type { Decision } from './dialogue.ts';
import { type Sayable, Telling, type TellingOptions } from './telling.ts';

/** What the bot does in answer to an utterance. */
export interface Reply {
  readonly say: Sayable;
  readonly next: Next;
  readonly bargeIn?: boolean;
  readonly outcome: string;
}

const listen: Next = { kind: 'listen' };

/** What the dialogue itself says, where no skill answers. `turn` varies the words. */
export function replyTo(
  decision: Decision,
  answers: Answers,
  turn: number,
  options: Omit<TellingOptions, 'whenBroken'> & { readonly skill?: Skill | undefined },
): Reply {
  const { skill, ...telling } = options;
  const say = (key: PlainKey): Reply => ({ say: [answers.say(key, turn)], next: listen, outcome: 'ok' });
  switch (decision.do) {
    case 'ask':
      return { say: ask(decision, answers, turn, skill), next: listen, outcome: 'asked' };
    case 'confirm':
      return {
        say: [
          skill?.confirm?.(decision.slots, turn) ?? confirm(decision.intent, decision.slots, answers, turn),
        ],
        next: listen,
        outcome: 'confirming',
      };
    case 'tell': {
      const whenBroken = answers.say('skill-failed', turn);
      const told = new Telling(decision.sentences, { ...telling, whenBroken });
      return { say: told, next: listen, outcome: 'told' };
    }
    case 'drop':
      return say('confirm-denied');
    case 'encourage':
      return say('anything-else');
    case 'run':
    case 'not-understood':
      return {
        say: [
          answers.say(
            decision.do === 'not-understood' && decision.times > 1
              ? 'not-understood-again'
              : 'not-understood',
            turn,
          ),
        ],
        next: listen,
        outcome: 'not-understood',
      };
  }
}

/** What the bot says when the caller is back from talking, or not talking, with another phone. */
export function connectedReply(
  outcome: ConnectOutcome,
  { extension, name }: { readonly extension: string; readonly name?: string },
  answers: Answers,
  turn: number,
): Reply {
  if (outcome === 'talked') return { say: [answers.say('call-back', turn)], next: listen, outcome };
  const whom = name ?? answers.word('extension', { digits: extension });
  return { say: [answers.say(`call-${outcome}`, turn, { whom })], next: listen, outcome };
}

/** The keys without placeholders that are said as they are. */
type PlainKey = 'confirm-denied' | 'anything-else';

const questions: Partial<Record<SlotName, AnswerKey & `ask-${string}`>> = {
  city: 'ask-city',
  extension: 'ask-whom',
  name: 'ask-whom',
  day: 'ask-day',
  count: 'ask-count',
};

function ask(
  { slot, unknown }: Extract<Decision, { do: 'ask' }>,
  answers: Answers,
  turn: number,
  skill: Skill | undefined,
): readonly string[] {
  const question = skill?.ask?.(slot, turn) ?? answers.say(questions[slot] ?? 'ask-whom', turn);
  if (unknown === undefined) return [question];
  // The sentence for an unknown place asks for a bigger one near it.
  if (slot === 'city') return [answers.say('unknown-place', turn, { place: unknown })];
  return [answers.say('unknown-name', turn, { name: unknown }), question];
}

function confirm(intent: Intent, slots: Slots, answers: Answers, turn: number): string {
  const place = slots.city?.name;
  const whom = slots.name ?? (slots.extension && answers.word('extension', { digits: slots.extension }));
  switch (intent) {
    case 'GetWeather':
      return place === undefined
        ? answers.say('confirm-weather', turn)
        : answers.say('confirm-weather-in', turn, { place });
    case 'GetTime':
      return place === undefined
        ? answers.say('confirm-time', turn)
        : answers.say('confirm-time-in', turn, { place });
    case 'Call':
      return whom === undefined
        ? answers.say('confirm-call', turn)
        : answers.say('confirm-call-to', turn, { whom });
    case 'GetNews':
      return answers.say('confirm-news', turn);
    case 'Help':
      return answers.say('confirm-help', turn);
    case 'Repeat':
      return answers.say('confirm-repeat', turn);
    case 'Goodbye':
      return answers.say('confirm-goodbye', turn);
    case 'Stop':
      return answers.say('confirm-stop', turn);
    default:
      return answers.say('confirm-other', turn);
  }
}
