import { z } from 'zod';
import { address, field, milliseconds, port, unit } from '../field.ts';

/** Who understands, and what the bot is made of. */

const languageModel = z.strictObject({
  baseUrl: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address of a server with the OpenAI chat interface, up to and without /chat/completions, such as http://127.0.0.1:11434/v1.',
  ),
  model: field(z.string().min(1).optional(), 'Name of the model there.'),
  key: field(z.string().min(1).optional(), 'Key for it, where it asks for one.', { secret: true }),
  keyFile: field(z.string().optional(), 'File that holds that key, where it is not given itself.'),
  deadlineMs: field(
    milliseconds.min(100).default(4_000),
    'How long it may take to the end of its first sentence or to its choice of a skill, and from one sentence to the next.',
  ),
  maxHistory: field(z.int().min(0).max(50).default(6), 'Earlier turns of the call that it is told.'),
  maxReplyChars: field(
    z.int().min(50).max(5_000).default(400),
    'Longest answer of its own; 400 characters are spoken in about half a minute.',
  ),
  temperature: field(
    z.number().min(0).max(2).optional(),
    'How freely it chooses, 0 the least; the server’s own default when absent.',
  ),
  confidence: field(
    unit.default(0.8),
    'How sure its choice of a skill counts; between confirmAbove and acceptAbove the bot asks back first.',
  ),
});

const names = z.record(z.string().min(1), z.string().min(1)).default({});

const luis = z.strictObject({
  endpoint: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address of a LUIS prediction resource, such as https://NAME.cognitiveservices.azure.com, or of a Parley (docs/luis.md).',
  ),
  appId: field(z.guid().optional(), 'The app’s ID there.'),
  slot: field(z.enum(['production', 'staging']).default('production'), 'Which published version is asked.'),
  key: field(z.string().min(1).optional(), 'Its key.', { secret: true }),
  keyFile: field(z.string().optional(), 'File that holds that key, where it is not given itself.'),
  intents: field(
    names,
    'Names of its intents that Parley knows by another, such as {"Weather.Query": "GetWeather"} (in the environment: JSON).',
  ),
  entities: field(
    names,
    'Entities of it that are city, day, count, extension or name, such as {"Places.Location": "city"}, beside its prebuilt ones.',
  ),
});

const clu = z.strictObject({
  endpoint: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address of an Azure language resource, such as https://NAME.cognitiveservices.azure.com.',
  ),
  project: field(z.string().min(1).optional(), 'The project there.'),
  deployment: field(z.string().min(1).default('production'), 'Its deployment.'),
  key: field(z.string().min(1).optional(), 'Its key.', { secret: true }),
  keyFile: field(z.string().optional(), 'File that holds that key, where it is not given itself.'),
  intents: field(names, 'Names of its intents that Parley knows by another, as for LUIS.'),
  entities: field(names, 'Entities of it that are city, day, count, extension or name, as for LUIS.'),
});

export const nlu = z.strictObject({
  understander: field(
    z.array(z.string().min(1)).min(1).default(['local']),
    'What turns text into intents; one is asked after the other until one is sure.',
  ),
  acceptAbove: field(unit.default(0.6), 'Confidence from which an intent is acted upon.'),
  confirmAbove: field(
    unit.default(0.35),
    'Confidence from which the bot asks whether it understood; below, it did not.',
  ),
  rungAcceptAbove: field(
    z.record(z.string().min(1), unit).default({}),
    'Confidence from which one of several understanders is taken without asking the next, where it is not acceptAbove, such as {"local": 0.8} (in the environment: JSON).',
  ),
  deadlineMs: field(
    milliseconds.min(100).default(2_000),
    'How long an understander may take that has no deadline of its own.',
  ),
  breakerFailures: field(
    z.int().min(1).default(3),
    'Failures in a row after which an understander is left alone for a while.',
  ),
  breakerOpenMs: field(milliseconds.min(100).default(30_000), 'How long, until it is tried again.'),
  model: languageModel.prefault({}),
  luis: luis.prefault({}),
  clu: clu.prefault({}),
});

export const bot = z.strictObject({
  dir: field(
    z.string().min(1).optional(),
    'Folder with intents and entities of your own, laid over those that come with Parley (docs/bot.md).',
  ),
});

export const luisEndpoint = z.strictObject({
  port: field(
    port.optional(),
    'Port on which Parley answers clients of LUIS with its own understanding (docs/luis.md). 0 takes a free one; absent, it is off.',
  ),
  bind: field(address.default('127.0.0.1'), 'Address on which it does.'),
  appId: field(
    z.guid().default('00000000-0000-0000-0000-000000000000'),
    'ID under which clients ask for this bot: the one that they have used so far.',
  ),
  key: field(
    z.string().min(8).optional(),
    'Key that clients must send; needed when it listens beyond this machine.',
    { secret: true },
  ),
  keyFile: field(z.string().optional(), 'File that holds that key, where it is not given itself.'),
});
