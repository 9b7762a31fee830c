import type { SlotName } from '../spec.ts';
import type { Sample } from './sample.ts';

/** Something that callers name, of the bot's own. */
export type OwnEntity = {
  /** A word; samples say `{name}`, slots `@name`. */
  readonly name: string;
  /** What it is called where it was imported from, when that is no plain word. */
  readonly was?: string;
} & (
  | { readonly kind: 'list'; readonly values: Readonly<Record<string, readonly string[]>> }
  | { readonly kind: 'regex'; readonly pattern: string }
  /** Known by the words around it, from labelled samples. */
  | { readonly kind: 'learned'; readonly examples: readonly string[] }
  /** A built-in placeholder or another entity in a role that the words around it tell: "from Paris", "to Rome". */
  | { readonly kind: 'is'; readonly of: string }
  /** Others together: "a large pizza with ham". */
  | { readonly kind: 'parts'; readonly parts: readonly string[] }
);

/** Something a needed slot is asked for with: variants of one sentence; none for a built-in slot, which has its own. */
export interface Need {
  readonly slot: SlotName;
  readonly ask: readonly string[];
}

/** How the bot answers an intent of its own. */
export interface OwnAnswer {
  readonly intent: string;
  readonly needs: readonly Need[];
  readonly remembers: readonly SlotName[];
  /** Variants of a question back, with `{entity}` placeholders. */
  readonly confirm: readonly string[];
  /** Variants of the answer, with `{entity}` placeholders. Empty when a webhook answers. */
  readonly say: readonly string[];
  readonly webhook?: { readonly url: string; readonly deadlineMs: number };
  /** What is said when the webhook fails. */
  readonly failed: readonly string[];
  readonly hangUp: boolean;
}

export interface OwnIntent {
  readonly intent: string;
  readonly was?: string;
  readonly common: readonly Sample[];
  readonly samples: readonly Sample[];
  /** Absent: a built-in intent that only gets more samples. */
  readonly answer?: OwnAnswer;
}

/** What an integrator's folder adds to the content that comes with Parley, and takes away. */
export interface OwnBot {
  /** Language of the content that it is laid over, such as `en`. */
  readonly language: string;
  /** What callers hear first, in place of Parley's own greeting. */
  readonly greeting?: string;
  /** Built-in intents that this bot does not have. */
  readonly without: readonly string[];
  readonly intents: readonly OwnIntent[];
  readonly entities: readonly OwnEntity[];
  /** Further phrases for the recogniser. */
  readonly phrases: readonly string[];
}
