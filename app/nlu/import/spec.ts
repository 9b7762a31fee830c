import type { Sample } from '../own/sample.ts';
import type { OwnEntity } from '../own/spec.ts';

/** One labelled utterance of an imported app. */
export interface ImportedUtterance {
  /** As Parley names it. */
  readonly intent: string;
  readonly sample: Sample;
}

export interface ImportedIntent {
  readonly intent: string;
  /** Its name in the app. */
  readonly was: string;
}

/** An app of another service, in Parley's terms. */
export interface ImportedApp {
  readonly name: string;
  /** Such as `LUIS 7.0.0`. */
  readonly format: string;
  /** Two letters. */
  readonly language: string;
  readonly intents: readonly ImportedIntent[];
  readonly entities: readonly OwnEntity[];
  /** What callers were heard to say: learned from, and measured with. */
  readonly utterances: readonly ImportedUtterance[];
  /** Written-out patterns: learned from. */
  readonly patterns: readonly ImportedUtterance[];
  /** Words of phrase lists. */
  readonly phrases: readonly string[];
  /** What has no equivalent, as it stood in the app. */
  readonly leftovers: Readonly<Record<string, unknown>>;
  /** What whoever imports it should know, a sentence each. */
  readonly notes: readonly string[];
}
