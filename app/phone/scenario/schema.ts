import { z } from 'zod';
import { soundNames } from '../acoustics/sounds.ts';

/**
 * A scenario: one conversation over a real call, as data. What the caller does and when, what must be heard, within which
 * time. docs/scenarios.md shows how to write one.
 */

const text = z.string({ error: 'a text, in quotes where it looks like a number' }).trim().min(1);
const milliseconds = z.int().min(0).max(120_000);
const words = text.regex(/[\p{L}\p{N}]/u, { error: 'there is nothing to say in it' });
const pattern = text.refine(isRegex, { error: 'not a regular expression' });
const seed = z.int().min(0).default(1);
const lineKinds = ['streamed', 'recorded'] as const;

export type LineKind = (typeof lineKinds)[number];

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'i');
    return true;
  } catch {
    return false;
  }
}

/** When the caller begins; without any of them, when the bot has finished. */
const moment = {
  /** So long after the caller's own last turn (or the answer of the call), whatever the bot does. */
  afterMs: milliseconds.optional(),
  /** When the bot has been speaking for so long. */
  interruptAfterMs: milliseconds.optional(),
};

/** What the bot must do meanwhile. */
const meanwhile = {
  /** Barge-in: it falls silent so long after the caller's first sound. */
  botSilentWithinMs: milliseconds.optional(),
  /** It goes on speaking, without a gap that is longer. */
  botGapBelowMs: milliseconds.optional(),
  /** It does not begin to speak before the caller has finished. */
  botWaits: z.boolean().optional(),
};

const loudness = {
  /** Louder or softer than usual. */
  levelDb: z.number().min(-40).max(20).default(0),
};

const say = z.strictObject({
  /** `[1500 ms]` inside it is a pause. */
  say: words,
  voice: text.optional(),
  speed: z.number().min(0.5).max(2).default(1),
  ...loudness,
  ...moment,
  ...meanwhile,
});

const play = z.strictObject({
  play: z.enum(soundNames),
  durationMs: milliseconds.min(1).default(2_000),
  seed,
  ...loudness,
  ...moment,
  ...meanwhile,
});

const press = z.strictObject({
  press: text.regex(/^[0-9*#A-D]+$/, { error: 'keys are 0-9 * # A-D' }),
  pauseMs: milliseconds.optional(),
  ...moment,
  ...meanwhile,
});

const hear = z.strictObject({
  /** What the bot must have said since the caller's last turn. */
  hear: pattern,
  /** How long the caller waits for it. */
  timeoutMs: milliseconds.default(20_000),
  /** The bot's first sound comes so long after the caller's last (or after the call was answered). */
  withinMs: milliseconds.optional(),
  /** Longest silence inside what the bot says. */
  gapBelowMs: milliseconds.optional(),
  firstWordWhole: z.boolean().optional(),
  lastWordWhole: z.boolean().optional(),
});

const wait = z.strictObject({ wait: milliseconds });
const hangUp = z.strictObject({ hangUp: z.literal(true) });

const stepSchemas = { say, play, press, hear, wait, hangUp };

/** A step is told by its first word, so that what is wrong in it can be said. */
const step = z.unknown().transform((value, context) => {
  const kinds = Object.entries(stepSchemas).filter(
    ([kind]) => typeof value === 'object' && value !== null && kind in value,
  );
  const [found] = kinds;
  if (found === undefined || kinds.length > 1) {
    const message = `a step is one of: ${Object.keys(stepSchemas).join(', ')}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  const result = found[1].safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues)
    context.addIssue({ code: 'custom', path: [...path], message });
  return z.NEVER;
});

const background = z.strictObject({
  sound: z.enum(['music', 'street']),
  /** How far it lies below speech. */
  snrDb: z.number().min(-20).max(60),
  fromMs: milliseconds.default(0),
  toMs: milliseconds.optional(),
  seed,
});

const echo = z.strictObject({
  downDb: z.number().min(0).max(60),
  /** The road through the phone takes 80 ms of it. */
  lateMs: z.int().min(80).max(1_000),
});

const network = z.strictObject({
  lossPercent: z.number().min(0).max(100).default(0),
  jitterMs: milliseconds.max(1_000).default(0),
  seed,
});

export const scenarioSchema = z
  .strictObject({
    title: text,
    /** The lines that can do it. */
    lines: z
      .array(z.enum(lineKinds))
      .min(1)
      .default([...lineKinds]),
    /** Why the others cannot. */
    because: text.optional(),
    to: text.regex(/^[\w.+*#-]+$/).default('1000'),
    voice: text.default('rms'),
    background: background.optional(),
    echo: echo.optional(),
    network: network.optional(),
    steps: z.array(step).min(1),
    /** Who hangs up; the caller waits for a bot that does. */
    endedBy: z.enum(['bot', 'caller']).default('caller'),
  })
  .superRefine(({ lines, because }, context) => {
    if (lines.length < lineKinds.length && because === undefined)
      context.addIssue({
        code: 'custom',
        path: ['lines'],
        message: 'say why (because) the other line cannot do it',
      });
  });

export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioStep = Scenario['steps'][number];
