import { ParleyError } from '../errors.ts';
import type { Exchange, Understander, Understanding } from '../nlu/spec.ts';
import type { Clock } from '../ops/clock.ts';
import { withDeadline } from '../ops/deadline.ts';
import type { Answers } from '../skills/answers.ts';
import type { Language, PhraseSet, SpeechToText } from '../speech/spec.ts';
import {
  type Decision,
  type DialogueRules,
  askedBy,
  decide,
  expectation,
  type Memory,
  remember,
} from './dialogue.ts';
import type { HearingOptions } from './hearing.ts';
import { type Reply, replyTo } from './reply.ts';
import type { TurnTrace } from './trace.ts';
import type { SoFar } from './turn-taking/end-of-turn.ts';

export interface Mind {
  readonly stt: SpeechToText;
  readonly understander: Understander;
  readonly rules: DialogueRules;
  readonly answers: Answers;
  /** What callers are likely to say, given what the bot has just asked for. */
  readonly phrasesFor: (expecting: ReturnType<typeof expectation>) => PhraseSet;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

export type Thinking =
  | { readonly kind: 'no-words' }
  | {
      readonly kind: 'reply';
      readonly heard: string;
      readonly understanding: Understanding;
      readonly decision: Decision;
      readonly reply: Reply;
      readonly memory: Memory;
    };

export interface ThinkOptions {
  readonly language: Language;
  readonly turn: number;
  /** For whoever answers outside this process. */
  readonly callId?: string;
  /** The turns before, oldest first. */
  readonly history: readonly Exchange[];
  readonly trace: TurnTrace;
  /** Told as soon as it is known what was said, before it is done. */
  readonly onUnderstood: (soFar: SoFar) => void;
  /** Resolves when it is certain that the turn is over: what cannot be taken back waits for that. */
  readonly turnOver: Promise<void>;
  /** Told when an answer breaks off that is still being made while it is said. */
  readonly onBroken: (error: unknown) => void;
  /** Ends the thinking, and what is still to come of its answer. */
  readonly signal: AbortSignal;
}

/**
 * From what the caller said to what the bot answers: hear, understand, decide, do.
 * Changes nothing outside itself before the turn is over: it can be aborted and begun again.
 * @param hear gives the text of what was said; '' for no words.
 * @throws ParleyError `stt-*`, `speech-overloaded`, `nlu-unavailable`; the signal's reason.
 */
export async function think(
  hear: (options: HearingOptions, signal: AbortSignal) => Promise<string>,
  memory: Memory,
  mind: Mind,
  options: ThinkOptions,
): Promise<Thinking> {
  const { language, turn, history, trace, signal } = options;
  const expecting = expectation(memory);
  const { clock, deadlineMs, stt } = mind;
  const heard = await withDeadline(
    (until) => hear({ language, phrases: mind.phrasesFor(expecting) }, until),
    {
      clock,
      deadlineMs,
      signal,
      onTimeout: () =>
        new ParleyError('stt-unavailable', {
          provider: stt.name,
          reason: `no text came within ${deadlineMs} ms`,
        }),
    },
  );
  trace.mark('finalText');
  if (heard === '') return { kind: 'no-words' };

  const now = mind.clock.now();
  const understanding = await mind.understander.understand(heard, {
    language,
    signal,
    now,
    history,
    ...(expecting && { expecting }),
  });
  const { decision, memory: next } = decide(memory, understanding, mind.rules);
  trace.understood(understanding.rungs);
  const skill = 'intent' in decision ? mind.rules.skills.get(decision.intent) : undefined;
  options.onUnderstood({ heard, confidence: understanding.confidence, decision, skill });

  const done = (reply: Reply, kept: Memory): Thinking => {
    trace.mark('done');
    return { kind: 'reply', heard, understanding, decision, reply, memory: kept };
  };
  if (decision.do !== 'run' || skill === undefined)
    return done(replyTo(decision, mind.answers, turn, { ...options, skill }), next);
  const { intent, slots } = decision;
  if (skill.sideEffects) await options.turnOver;
  // A skill has a deadline of its own for each service, and a sentence for when it passes.
  const { callId } = options;
  const request = { intent, slots, language, now, text: heard, ...(callId !== undefined && { callId }) };
  const answer = await skill.run(request, { signal });
  const kept = remember(next, intent, slots, skill, answer.remember);
  return done(answer, answer.expect === undefined ? kept : askedBy(kept, intent, slots, answer.expect));
}
