import type { Language } from '../speech/spec.ts';

/** The intents that Parley's own content knows; a bot's content may add others. */
export type Intent = string;

/** A place whose weather and time can be told. */
export interface City {
  readonly name: string;
  readonly country: string;
  /** State or province, '' where there is none. */
  readonly region: string;
  readonly latitude: number;
  readonly longitude: number;
  /** IANA name, such as `Asia/Tokyo`. */
  readonly timeZone: string;
  readonly population: number;
}

/** A day or a few, counted from the caller's (or the city's) today. */
export interface Day {
  /** 0 today, 1 tomorrow, -1 yesterday. */
  readonly daysFromToday: number;
  /** 2 for a weekend, 7 for a week. */
  readonly days: number;
  /**
   * Weekday of the first day, 0 Sunday to 6 Saturday, set when a weekday, weekend or date was named rather than counted:
   * it holds where the city's calendar is a day ahead of the caller's or behind.
   */
  readonly weekday?: number;
  readonly part?: 'morning' | 'afternoon' | 'evening' | 'night';
}

/** Everything that an utterance can carry besides its intent. Absent: not mentioned. */
export interface Slots {
  readonly city?: City;
  /** A place was named that is not in the list, in the caller's words. */
  readonly unknownPlace?: string;
  readonly day?: Day;
  /** How many (headlines, days). */
  readonly count?: number;
  /** Digits of a phone, such as `6002`. */
  readonly extension?: string;
  /** Whom to call, in the directory's spelling. */
  readonly name?: string;
  /** A person was named that is not in the directory, in the caller's words. */
  readonly unknownName?: string;
  /** What an entity of the bot's own content stands for, by `@` and its name: `@size` is `large`. */
  readonly [own: OwnSlot]: string | undefined;
}

/** The slot of an entity of the bot's own content. */
export type OwnSlot = `@${string}`;

export type SlotName = keyof Slots;

/** The slots that Parley's own content fills. */
export type BuiltInSlot = Exclude<SlotName, OwnSlot>;

/** One mention in the text, for showing and for measuring: `text.slice(start, end)`. */
export interface Mention {
  readonly slot: SlotName;
  readonly start: number;
  readonly end: number;
}

/** A mention of an entity of the bot's own content. */
export interface EntityValue {
  /** What it stands for: the canonical value of a list, a city's name, a date; the words themselves where nothing is listed. */
  readonly value: string;
  /** In the caller's words: `text.slice(start, end)` of the utterance. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Understanding {
  readonly text: string;
  /** `None` when it is nothing the bot does. */
  readonly intent: Intent;
  /** 0 to 1, calibrated: of the utterances with 0.8 about four in five are right. */
  readonly confidence: number;
  readonly slots: Slots;
  readonly mentions: readonly Mention[];
  /** All mentions of the bot's own entities, by the entity's name, in the order of the words. Absent: none. */
  readonly entities?: Readonly<Record<string, readonly EntityValue[]>>;
  /** All intents, best first. */
  readonly ranking: readonly { readonly intent: Intent; readonly confidence: number }[];
  /** Set when the whole utterance is a yes or a no. */
  readonly affirmation?: 'yes' | 'no';
  /**
   * True when there are slots but no words for an intent of their own ("and in Paris?", "Seattle, please"): the
   * dialogue keeps the intent it is at. `intent` is then `None`, and `confidence` says how sure the slots are.
   */
  readonly fragment: boolean;
  /** Set when there is nothing that could mean anything: no word, or no more than "um". */
  readonly wordless?: true;
  /**
   * An answer in words, where there is no skill for it: written sentences as they come. Read once, at once and to its
   * end, or ended by the signal; it throws like `understand` when it breaks off. `intent` is then `None`.
   */
  readonly reply?: AsyncIterable<string>;
  /** What each rung of the ladder said, in its order; absent where there is no ladder. */
  readonly rungs?: readonly Rung[];
}

/** What became of one rung of the ladder of understanding, and how long it took. */
export type Rung = { readonly name: string; readonly ms: number } & (
  | {
      /** Taken at once, or not sure enough for that. */
      readonly outcome: 'accepted' | 'unsure';
      readonly intent: Intent;
      readonly confidence: number;
    }
  | { readonly outcome: 'failed'; readonly code: string }
  /** Not asked: it failed several times in a row a moment ago. */
  | { readonly outcome: 'skipped' }
);

/** An earlier turn of the same call. */
export interface Exchange {
  readonly heard: string;
  readonly said: readonly string[];
}

export interface UnderstandOptions {
  readonly language: Language;
  /** Ends the understanding, and a `reply` that is still being made. */
  readonly signal: AbortSignal;
  /** The moment the caller speaks, for "on Friday". */
  readonly now: Date;
  /** What the bot has just asked for; a bare "Seattle" is then an answer. */
  readonly expecting?: SlotName | 'confirmation';
  /** What was said before in this call, oldest first; all of it may leave the house where an understander does. */
  readonly history?: readonly Exchange[];
}

/** Turns text into an intent. One instance serves every call. */
export interface Understander {
  readonly name: string;
  readonly can: { readonly languages: readonly Language[] };
  /** @throws ParleyError `nlu-unavailable`; the signal's reason when aborted. "Not understood" is intent `None`, not an error. */
  understand(text: string, options: UnderstandOptions): Promise<Understanding>;
  /**
   * Tells by one cheap request whether it can be used as it is configured (key, address); for `npm run doctor`.
   * Absent where there is nothing to ask.
   * @returns what a person reads about it, such as `3 deployments`; never a key.
   * @throws ParleyError with a remedy; the signal's reason.
   */
  probe?(options: { readonly signal: AbortSignal }): Promise<string>;
  close(): Promise<void>;
}
