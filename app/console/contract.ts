import { z } from 'zod';

/**
 * All that goes over the wire between the console's server and its page (or anybody else). Moments named `...AtMs` on a
 * call are milliseconds since 1970 (UTC); `atMs` of an event or a sentence, and a turn's `times`, are milliseconds since
 * the call was answered. The page imports types from here, with `import type` alone; /api/openapi.json is made of it.
 *
 * What a caller says, and the number and name of one, are to be shown as text, never as markup.
 */

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
/** Milliseconds since 1970, UTC. */
const moment = z.int();
const count = z.int().min(0);

// --- what stands in every answer that is an error ---

const problemSchema = z.object({
  /** From the table in docs/errors.md. */
  code: z.string(),
  message: z.string(),
  /** What the reader can do about it. */
  remedy: z.string(),
});

export const errorSchema = z.object({
  error: problemSchema.extend({
    /** Of a request that is not valid: the field's name, and what is wrong with it. */
    fields: list(z.object({ name: z.string(), problem: z.string() })).optional(),
  }),
});
export type ErrorBody = z.infer<typeof errorSchema>;

// --- session ---

export const sessionSchema = z.object({
  authenticated: z.boolean(),
  /** To be sent as `x-csrf-token` with everything that changes something; '' while not authenticated. */
  csrf: z.string(),
  /** Whether the console asks for a token at all. */
  needsToken: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;

export const loginSchema = z.strictObject({ token: z.string().max(500) });
export type Login = z.infer<typeof loginSchema>;

// --- calls ---

const callerSchema = z.object({
  /** As the network gave them: not to be trusted, may be ''. */
  number: z.string(),
  name: z.string(),
});
export type Caller = z.infer<typeof callerSchema>;

const lineKindSchema = z.enum(['streamed', 'recorded']);
/** `lost`: the process that led it died. `turned-away`: all lines were busy. */
const endedBySchema = z.enum(['caller', 'bot', 'operator', 'failure', 'turned-away', 'lost']);
export type EndedBy = z.infer<typeof endedBySchema>;
/** `arriving`: not answered yet. `away`: connected to another phone. `nobody`: the bot waits for the caller. */
const floorSchema = z.enum(['arriving', 'bot', 'nobody', 'caller', 'thinking', 'away', 'over']);
export type Floor = z.infer<typeof floorSchema>;

const rungSchema = z.object({
  name: z.string(),
  ms: z.number(),
  outcome: z.enum(['accepted', 'unsure', 'failed', 'skipped']),
  /** Of `accepted` and `unsure`. */
  intent: z.string().optional(),
  /** 0 to 1. */
  confidence: z.number().optional(),
  /** Of `failed`: the error's code. */
  code: z.string().optional(),
});
export type Rung = z.infer<typeof rungSchema>;

const since = z.number().optional();
/** When each moment of a turn was. What did not happen is missing. */
const turnTimesSchema = z.object({
  /** The caller began, and stopped, to speak. */
  speechStarted: since,
  speechEnded: since,
  /** The first partial text. */
  firstText: since,
  /** The text that was answered. */
  finalText: since,
  understood: since,
  /** The skill has its answer. */
  done: since,
  /** It was decided that the turn is over. */
  turnOver: since,
  /** The answer's first sound was made, was sent to Asterisk, and was begun to be played there. */
  synthesised: since,
  sent: since,
  started: since,
});
export type TurnTimes = z.infer<typeof turnTimesSchema>;

const turnSchema = z.object({
  /** From 1. */
  number: z.int().min(1),
  heard: z.string(),
  intent: z.string(),
  /** 0 to 1. */
  confidence: z.number(),
  /** What was mentioned or is still meant: `city`, `day`, `count`, `extension`, `name`, `@entity`. */
  slots: z.record(z.string(), z.unknown()),
  /** What each rung of the ladder of understanding said, in the order in which they were asked. */
  rungs: list(rungSchema),
  /** What was decided (`run`, `ask`, `confirm`, `not-understood`...) and what came of it (`ok`, or an error's code). */
  decision: z.string(),
  outcome: z.string(),
  /** Entered by keys, not spoken. */
  keyed: z.boolean(),
  said: list(z.string()),
  times: turnTimesSchema,
  engines: z.object({ heardBy: z.string().optional(), spokenBy: z.string().optional() }),
});
export type Turn = z.infer<typeof turnSchema>;

/** Something that happened in a call; `details` holds the event's own fields. */
const callEventSchema = z.object({
  atMs: z.number(),
  /**
   * `answered` {lineKind}, `floor` {floor}, `hearing` {text}, `saying` {text, turn?}, `stopped` {heardMs}, `barge-in`,
   * `false-interruption`, `taken-back` {turn}, `digit` {digit}, `asked-again` {times}, `connecting` {extension},
   * `connected-back` {outcome}, `farewell` {why}, `failed` {code}. `answered`, `floor` and `hearing` are not kept.
   */
  kind: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type CallEvent = z.infer<typeof callEventSchema>;

/** A sentence of the bot, in the order in which they were begun. `turn`: that it answers; null for a greeting. */
const sentenceSchema = z.object({
  atMs: z.number(),
  text: z.string(),
  turn: z.int().nullable(),
});
export type Sentence = z.infer<typeof sentenceSchema>;

export const liveCallSchema = z.object({
  id: z.string(),
  caller: callerSchema,
  /** The extension that was dialled. */
  dialled: z.string(),
  /** A BCP 47 tag. */
  language: z.string(),
  /** Taken over from a process that died. */
  resumed: z.boolean(),
  startedAtMs: moment,
  /** Null: not answered yet. */
  answeredAtMs: moment.nullable(),
  lineKind: lineKindSchema.nullable(),
  floor: floorSchema,
  /** What the caller is saying just now, as far as it is recognised; '' for nothing. */
  hearing: z.string(),
  /** The sentence that the bot is saying just now; '' for none. */
  saying: z.string(),
  /** The latest 200. */
  turns: list(turnSchema),
  sentences: list(sentenceSchema),
});
export type LiveCall = z.infer<typeof liveCallSchema>;

const recordingSchema = z.object({
  /** Of its first sample, as all moments inside a call; may be negative. */
  startsAtMs: z.number(),
  ms: z.number(),
  bytes: count,
  sampleRateHz: z.int(),
});

const callSchema = z.object({
  id: z.string(),
  startedAtMs: moment,
  answeredAtMs: moment.nullable(),
  /** This, `durationMs` (from beginning to end) and `endedBy` are null while the call runs. */
  endedAtMs: moment.nullable(),
  durationMs: z.number().nullable(),
  endedBy: endedBySchema.nullable(),
  caller: callerSchema,
  dialled: z.string(),
  language: z.string(),
  lineKind: lineKindSchema.nullable(),
  resumed: z.boolean(),
  turns: count,
  /** Those of its turns, each once, in their order. */
  intents: list(z.string()),
  /** From the end of what the caller said to the answer's first sound. Null where nothing was answered. */
  answerP50Ms: z.number().nullable(),
  answerWorstMs: z.number().nullable(),
  /** Null: both voices were not kept. */
  recording: recordingSchema.nullable(),
});
export type Call = z.infer<typeof callSchema>;

const wholeNumber = z.coerce.number().int().min(0).max(8_640_000_000_000_000);
const words = z.string().max(200);

/** What `GET /api/calls` may be asked for; all that is given must hold. Newest first. */
export const callQuerySchema = z.strictObject({
  /** Calls that began at this moment or later, and before that one. */
  fromMs: wholeNumber.optional(),
  toMs: wholeNumber.optional(),
  /** Part of the caller's number or name. */
  caller: words.optional(),
  /** Of one of its turns. */
  intent: words.optional(),
  endedBy: endedBySchema.optional(),
  /** Part of what was heard or said, whatever the case and accents. */
  text: words.optional(),
  /** `next` of the page before. */
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type CallQuery = z.input<typeof callQuerySchema>;

export const callPageSchema = z.object({
  calls: list(callSchema),
  /** `cursor` of the next page; null when this was the last. */
  next: z.string().nullable(),
});
export type CallPage = z.infer<typeof callPageSchema>;

export const wholeCallSchema = z.object({
  call: callSchema,
  turns: list(turnSchema),
  events: list(callEventSchema),
});
export type WholeCall = z.infer<typeof wholeCallSchema>;

export const peaksQuerySchema = z.strictObject({
  count: z.coerce.number().int().min(1).max(4_000).default(800),
});

/** The waveform of both voices: how loud each of equally long pieces gets, 0 to 1. */
export const peaksSchema = z.object({
  startsAtMs: z.number(),
  ms: z.number(),
  caller: list(z.number()),
  bot: list(z.number()),
});
export type Peaks = z.infer<typeof peaksSchema>;

// --- figures ---

export const figuresQuerySchema = z.strictObject({
  fromMs: wholeNumber,
  toMs: wholeNumber,
  /** Length of one stretch; at most 2,000 of them. */
  bucketMs: wholeNumber.min(1_000),
});
export type FiguresQuery = z.infer<typeof figuresQuerySchema>;

/** What happened in a stretch of time; calls count where they began. */
const bucketSchema = z.object({
  atMs: moment,
  calls: count,
  endedBy: z.partialRecord(endedBySchema, count),
  turns: count,
  notUnderstood: count,
  /** From the end of what callers said to the answer's first sound; null where nothing was answered. */
  answerMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  bargeIns: count,
  falseInterruptions: count,
  /** Turns that were answered too soon. */
  takenBack: count,
  /** Failed requests by engine. */
  failures: z.record(z.string(), count),
  failovers: count,
});
export type Bucket = z.infer<typeof bucketSchema>;

export const figuresSchema = z.object({ buckets: list(bucketSchema), total: bucketSchema });
export type Figures = z.infer<typeof figuresSchema>;

// --- state ---

const engineSchema = z.object({
  kind: z.enum(['stt', 'tts', 'nlu']),
  name: z.string(),
  /** Where it stands in the order in which those of its kind are asked; from 0. */
  place: count,
  /** `failing`: its latest failure is less than a minute old. `resting`: left alone after several in a row. */
  state: z.enum(['ok', 'failing', 'resting']),
  /** Since Parley was started. */
  failures: count,
  lastFailure: z.object({ atMs: moment, code: z.string() }).nullable(),
  /** How often another did its work. */
  failovers: count,
});
export type Engine = z.infer<typeof engineSchema>;

export const statusSchema = z.object({
  version: z.string(),
  /** Of the process. */
  startedAtMs: moment,
  calls: z.object({
    live: count,
    capacity: count,
    /** Takes no more calls, and says goodbye to those that run. */
    draining: z.boolean(),
  }),
  asterisk: z.object({ connected: z.boolean() }),
  engines: list(engineSchema),
  /** That calls may use, the default first. */
  languages: list(z.string()),
  keeps: z.object({ calls: z.boolean(), recordings: z.boolean(), days: count }),
  /** What waits to be written, and what was lost because the database did not answer. */
  store: z.object({ kind: z.string(), waiting: count, dropped: count }),
  /** Whether the page can be a telephone (`POST /api/telephone`), and what it lacks where it can't. */
  telephone: z.object({ ready: z.boolean(), problem: problemSchema.optional() }),
});
export type Status = z.infer<typeof statusSchema>;

export const readySchema = z.object({
  ready: z.boolean(),
  /** Each must hold for a call to be answered. */
  checks: z.object({ asterisk: z.boolean(), engines: z.boolean(), capacity: z.boolean() }),
});
export type Ready = z.infer<typeof readySchema>;

// --- the bot's content ---

export const contentSchema = z.object({
  languages: list(
    z.object({
      language: z.string(),
      intents: list(
        z.object({
          intent: z.string(),
          slots: list(z.string()),
          /** What callers say, with `{city}` and the like; those that are said most first. */
          samples: list(z.string()),
          /** Comes from the folder of the operator's own (`bot.dir`). */
          own: z.boolean(),
        }),
      ),
      /** Of the bot's own: what they may stand for, by an example of each. */
      entities: list(z.object({ name: z.string(), kind: z.string(), values: list(z.string()) })),
      /** What is always said in the same words. */
      prompts: list(z.object({ name: z.string(), text: z.string() })),
    }),
  ),
  /** Names that callers may ask for, and the phone of each. */
  directory: z.record(z.string(), z.string()),
});
export type Content = z.infer<typeof contentSchema>;

// --- the telephone in the page ---

/** A SIP account for one visit. Its socket is on the console itself, subprotocol `sip`. */
export const visitSchema = z.object({
  user: z.string(),
  password: z.string(),
  /** Such as `sip:USER@HOST`. */
  uri: z.string(),
  /** What can be called. */
  extensions: list(z.object({ extension: z.string(), language: z.string() })),
  /** `/api/telephone/ws`. */
  socketPath: z.string(),
  expiresAtMs: moment,
});
export type Visit = z.infer<typeof visitSchema>;

// --- what happens, as it happens: GET /api/events (server-sent events) ---

/**
 * By the name of the event, its `data`. The first is always `snapshot`; so is the next one after this listener was too
 * slow to be told everything: it takes the place of all that is known.
 */
export const eventSchemas = {
  snapshot: z.object({ calls: list(liveCallSchema), status: statusSchema }),
  'call-began': liveCallSchema,
  'call-event': z.object({ callId: z.string(), event: callEventSchema }),
  /** Told again, with the same number, as more of it is known. Arrives after a `taken-back` of the same number, too. */
  turn: z.object({ callId: z.string(), turn: turnSchema }),
  'call-ended': z.object({
    callId: z.string(),
    endedAtMs: moment,
    endedBy: endedBySchema,
    recorded: z.boolean(),
  }),
  status: statusSchema,
};
export type Events = { readonly [Name in keyof typeof eventSchemas]: z.infer<(typeof eventSchemas)[Name]> };
/** One of them: `{name, data}`. */
export type ConsoleEvent = {
  [Name in keyof Events]: { readonly name: Name; readonly data: Events[Name] };
}[keyof Events];
