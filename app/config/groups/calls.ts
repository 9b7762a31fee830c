import { z } from 'zod';
import { bcp47, field, milliseconds } from '../field.ts';

/** How callers are heard and answered. */

export const line = z.strictObject({
  kind: field(
    z.enum(['auto', 'streamed', 'recorded']).default('auto'),
    'How a caller’s audio is carried: streamed over a WebSocket, recorded in files, or streamed wherever Asterisk can (auto).',
  ),
  ringMs: field(milliseconds.max(60_000).default(0), 'How long a call rings before it is answered.'),
  silenceMs: field(
    milliseconds.min(200).default(600),
    'Silence after which the turn of a recorded caller is over.',
  ),
  talkThreshold: field(
    z.int().min(1).max(32_767).default(256),
    'Mean magnitude of 16-bit samples above which Asterisk takes a frame for talking.',
  ),
  maxUtteranceMs: field(milliseconds.min(1_000).default(20_000), 'Longest turn of a caller.'),
  trimThresholdDbfs: field(
    z.number().min(-90).max(0).default(-50),
    'Level below which audio at the ends is trimmed.',
  ),
  trimWindowMs: field(z.int().min(1).max(100).default(10), 'Window in which that level is measured.'),
  noAudioMs: field(
    milliseconds.min(500).default(3_000),
    'How long no audio may come from a streamed caller before the operator is told (one-way audio).',
  ),
  bargeIn: field(z.boolean().default(true), 'Whether a caller who speaks stops what the bot says.'),
});

export const turns = z.strictObject({
  completeMs: field(
    milliseconds.default(240),
    'Silence after which the turn of a streamed caller is over when nothing is missing in what was said.',
  ),
  openMs: field(
    milliseconds.default(480),
    'The same when it could end here and could as well go on: "what time is it" ... "in Tokyo".',
  ),
  missingMs: field(
    milliseconds.default(1_200),
    'The same when something is missing, or it was not understood.',
  ),
  trailingMs: field(
    milliseconds.default(1_800),
    'The same when it ends in the middle of a sentence or of a number: "what is the weather in".',
  ),
  thinkingSoundMs: field(
    milliseconds.default(900),
    'Thinking for longer than this, the bot lets hear that it does.',
  ),
  interDigitMs: field(
    milliseconds.default(2_000),
    'Keys belong together when the next one comes within so long.',
  ),
});

export const calls = z.strictObject({
  capacity: field(z.int().min(1).default(20), 'Calls at once; the next one hears that all lines are busy.'),
  language: field(bcp47.default('en-US'), 'Language of a call whose dialplan names none.'),
  languages: field(
    z.array(bcp47).default([]),
    'Further languages that the dialplan may ask for, such as es-ES with Stasis(parley,lang=es-ES).',
  ),
  askAgainMs: field(milliseconds.min(500).default(7_000), 'Silence after which the caller is asked again.'),
  askAgainTimes: field(z.int().min(0).default(2), 'How often, before a polite goodbye.'),
  maxCallMs: field(milliseconds.min(1_000).default(1_800_000), 'Longest call.'),
  drainMs: field(
    milliseconds.default(10_000),
    'How long running calls may go on when Parley is asked to stop.',
  ),
});
