import type { Skill } from '../../skills/spec.ts';
import type { Decision } from '../dialogue.ts';
import { bare, type TurnWords } from './words.ts';

/** How long the caller must be silent before the turn is over, by what was said so far. */
export interface EndOfTurnRules {
  /** Nothing is missing. */
  readonly completeMs: number;
  /** It could end here, and could just as well go on: "what time is it" ... "in Tokyo". */
  readonly openMs: number;
  /** Something is missing, or it was not understood, or it is not known yet what was said. */
  readonly missingMs: number;
  /** It ends in the middle of a sentence or of a number: "what's the weather in". */
  readonly trailingMs: number;
}

export type Completeness = 'complete' | 'open' | 'missing' | 'trailing';

/** What is known of an utterance when it was understood. */
export interface SoFar {
  readonly heard: string;
  /** How sure it is what was meant, 0 to 1. */
  readonly confidence: number;
  readonly decision: Decision;
  readonly skill: Skill | undefined;
}

/** Numbers are read in groups, with pauses between them, and half a number sounds like another one; shorter ones are not over yet. */
const usualDigits = 4;

/** Of what is meant with less certainty there is often more to come: half a sentence sounds a little like some whole ones. */
const sureFrom = 0.8;

export function completenessOf(
  { heard, confidence, decision, skill }: SoFar,
  words: TurnWords,
): Completeness {
  const text = bare(heard);
  if (words.unfinished.some((end) => text === end || text.endsWith(` ${end}`))) return 'trailing';
  const extension = 'slots' in decision ? decision.slots.extension : undefined;
  if (extension !== undefined) return extension.length < usualDigits ? 'trailing' : 'missing';
  switch (decision.do) {
    case 'ask':
    case 'not-understood':
      return 'missing';
    case 'confirm':
      return confidence < sureFrom ? 'missing' : 'open';
    case 'tell':
      return 'open';
    case 'drop':
    case 'encourage':
      return 'complete';
    case 'run': {
      if (confidence < sureFrom) return 'missing';
      // What a skill remembers first is what callers tend to add after a breath.
      const main = skill?.remembers[0];
      return main !== undefined && decision.slots[main] === undefined ? 'open' : 'complete';
    }
  }
}

export function patienceMs(completeness: Completeness | undefined, rules: EndOfTurnRules): number {
  return rules[`${completeness ?? 'missing'}Ms`];
}
