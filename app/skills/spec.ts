import type { Intent, SlotName, Slots } from '../nlu/spec.ts';
import type { Language } from '../speech/spec.ts';

export interface SkillRequest {
  readonly intent: Intent;
  /** What the caller said in this turn, completed from the call's memory. */
  readonly slots: Slots;
  readonly language: Language;
  readonly now: Date;
  /** The words of this turn. */
  readonly text?: string;
  readonly callId?: string;
}

/** What the bot does next, besides speaking. */
export type Next =
  | { readonly kind: 'listen' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'connect'; readonly extension: string; readonly name?: string };

export interface Answer {
  /** Sentences as written text; spoken one by one. They may hold numbers, units and dates: the speaker writes them out. */
  readonly say: readonly string[];
  readonly next: Next;
  /** False when it has to be heard to its end, whatever the caller says meanwhile. */
  readonly bargeIn?: boolean;
  /** What later turns may refer to ("and tomorrow?"). Replaces the slots of the same name. */
  readonly remember?: Slots;
  /** What the answer asks for: a bare value is then meant for this intent. */
  readonly expect?: SlotName;
  /** For the trace: `ok`, or the code of the error that the caller was told about in words. */
  readonly outcome: string;
}

/** Turns one intent into an answer. Never throws for a service that fails: it says so honestly and names the code in `outcome`. */
export interface Skill {
  readonly intent: Intent;
  /** Asked for when missing, in this order; one of the alternatives in a group is enough. */
  readonly needs: readonly (readonly SlotName[])[];
  /** Kept from one turn to the next, so that "and tomorrow?" works. */
  readonly remembers: readonly SlotName[];
  /** Does something in the world that cannot be taken back; waits until the turn is surely over. */
  readonly sideEffects: boolean;
  /** The question for a slot, where the skill has one of its own. `seed` varies the words. */
  ask?(slot: SlotName, seed: number): string | undefined;
  /** The question whether this is what the caller wants, where the skill has one of its own. */
  confirm?(slots: Slots, seed: number): string | undefined;
  run(request: SkillRequest, options: { readonly signal: AbortSignal }): Promise<Answer>;
}
