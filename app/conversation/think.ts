import type { Audio, Pcm } from '../audio/pcm.ts';
import { ParleyError } from '../errors.ts';
import type { Understander, Understanding } from '../nlu/spec.ts';
import type { Clock } from '../ops/clock.ts';
import type { Answers } from '../skills/answers.ts';
import type { Next } from '../skills/spec.ts';
import type { Language, PhraseSet, SpeechToText } from '../speech/spec.ts';
import { type Decision, type DialogueRules, decide, expectation, type Memory, remember } from './dialogue.ts';
import { replyTo } from './reply.ts';

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

/** The stages of a turn and how long each took. */
export interface Stages {
  readonly hearMs: number;
  readonly understandMs: number;
  readonly doMs: number;
}

export type Thinking =
  | { readonly kind: 'no-words'; readonly stages: Stages }
  | {
      readonly kind: 'reply';
      readonly heard: string;
      readonly understanding: Understanding;
      readonly decision: Decision;
      readonly reply: Reply;
      readonly memory: Memory;
      readonly stages: Stages;
    };

/** What the bot does in answer to an utterance. */
export interface Reply {
  readonly say: readonly string[];
  readonly next: Next;
  readonly outcome: string;
}

/**
 * From what the caller said to what the bot answers: hear, understand, decide, do.
 * Changes nothing outside itself, except by skills with side effects: it can be aborted and begun again.
 * @throws ParleyError `stt-*`, `speech-overloaded`, `nlu-unavailable`; the signal's reason.
 */
export async function think(
  utterance: Audio,
  memory: Memory,
  mind: Mind,
  options: { readonly language: Language; readonly turn: number; readonly signal: AbortSignal },
): Promise<Thinking> {
  const { clock } = mind;
  const { language, turn } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(mind.deadlineMs)]);
  const began = clock.monotonicMs();
  const expecting = expectation(memory);
  const heard = await hear(utterance, mind, {
    language,
    signal,
    sampleRateHz: utterance.sampleRateHz,
    phrases: mind.phrasesFor(expecting),
  });
  const heardAt = clock.monotonicMs();
  if (heard === '')
    return { kind: 'no-words', stages: { hearMs: heardAt - began, understandMs: 0, doMs: 0 } };

  const now = clock.now();
  const understanding = await mind.understander.understand(heard, {
    language,
    signal,
    now,
    ...(expecting && { expecting }),
  });
  const thought = decide(memory, understanding, mind.rules);
  const understoodAt = clock.monotonicMs();

  const { decision } = thought;
  let reply: Reply;
  let { memory: kept } = thought;
  const skill = decision.do === 'run' ? mind.rules.skills.get(decision.intent) : undefined;
  if (decision.do === 'run' && skill !== undefined) {
    const { intent, slots } = decision;
    // A skill has a deadline of its own for each service, and a sentence for when it passes.
    const answer = await skill.run({ intent, slots, language, now }, { signal: options.signal });
    reply = answer;
    kept = remember(kept, intent, slots, skill, answer.remember);
  } else {
    reply = replyTo(decision, mind.answers, turn);
  }
  return {
    kind: 'reply',
    heard,
    understanding,
    decision,
    reply,
    memory: kept,
    stages: {
      hearMs: heardAt - began,
      understandMs: understoodAt - heardAt,
      doMs: clock.monotonicMs() - understoodAt,
    },
  };
}

async function hear(
  utterance: Audio,
  { stt }: Mind,
  options: Parameters<SpeechToText['listen']>[1],
): Promise<string> {
  if (utterance.samples.length === 0) return '';
  for await (const heard of stt.listen(once(utterance.samples), options)) {
    if (heard.kind === 'final') return heard.text.trim();
  }
  throw new ParleyError('stt-unavailable', { provider: stt.name, reason: 'it ended without a final result' });
}

// eslint wants an await in an async generator; there is nothing to wait for.
function once(samples: Pcm): AsyncIterable<Pcm> {
  return (async function* () {
    yield await Promise.resolve(samples);
  })();
}
