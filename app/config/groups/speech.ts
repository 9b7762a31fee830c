import { z } from 'zod';
import { bcp47, field, milliseconds } from '../field.ts';

/** The speech engines. */

/** Providers by name, each once. */
const chain = () =>
  z
    .array(z.string().min(1))
    .min(1)
    .refine((names) => new Set(names).size === names.length, { error: 'names one twice' })
    .default(['local']);

const azureSpeech = z.strictObject({
  key: field(z.string().min(1).optional(), 'Key of the Azure speech resource.', { secret: true }),
  keyFile: field(z.string().optional(), 'File that holds that key, where it is not given itself.'),
  region: field(
    z
      .string()
      .regex(/^[a-z0-9]+$/)
      .optional(),
    'Region of that resource, such as westeurope.',
  ),
  endpoint: field(
    z.url({ protocol: /^https$/ }).optional(),
    'Address of a resource that has one of its own, such as https://NAME.cognitiveservices.azure.com; in place of the region.',
  ),
  sttUrl: field(
    z.url({ protocol: /^wss?$/ }).optional(),
    'Address of a recogniser of yours: a speech container (ws://HOST:5000), or a whole address with its path.',
  ),
  ttsUrl: field(z.url({ protocol: /^wss?$/ }).optional(), 'The same for the synthesiser.'),
  tokenUrl: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address that gives tokens of ten minutes, as https://REGION.api.cognitive.microsoft.com/sts/v1.0/issueToken does: the service is then asked with these, and the key, if there is one, is sent there alone.',
  ),
  languages: field(
    z.array(bcp47).min(1).default(['en-US', 'es-ES']),
    'Languages that it is used for; the service knows more than a hundred.',
  ),
  voices: field(
    z.record(bcp47, z.string().min(1)).default({}),
    'Voice for a language, such as {"en-US": "en-US-GuyNeural"} (in the environment: JSON); docs/azure.md lists those that need none.',
  ),
  rate: field(z.number().min(0.5).max(2).default(1), 'How fast it speaks; 1 is as the voice does by itself.'),
  prepared: field(
    z.int().min(0).max(20).default(2),
    'Connections that are made ahead for each language in use, so that nobody waits for one.',
  ),
  deadlineMs: field(
    milliseconds.min(100).default(4_000),
    'How long connecting may take, the final text after the end of what was said, and each piece of sound.',
  ),
  proxy: field(
    z.url({ protocol: /^http$/ }).optional(),
    'Address of an HTTP proxy on the way to it, such as http://USER:PASSWORD@HOST:3128.',
    { secret: true },
  ),
});

const rhvoice = z.strictObject({
  voice: field(
    z.string().min(1).optional(),
    'Voice of RHVoice, such as slt, bdl, clb or alan; the best of the language when absent.',
  ),
  workers: field(z.int().min(1).max(16).default(1), 'Threads for RHVoice; one speaks to about ten callers.'),
});

const sherpa = z.strictObject({
  sttDir: field(z.string().optional(), 'Folder with weights for hearing (docs/voices.md).'),
  ttsDir: field(z.string().optional(), 'Folder with weights for speaking.'),
  language: field(bcp47.default('en-US'), 'Language of these weights.'),
  speaker: field(z.int().min(0).default(0), 'Number of the speaker in the weights for speaking.'),
  threads: field(z.int().min(1).max(16).default(1), 'Threads for one utterance or one sentence.'),
  workers: field(
    z.int().min(1).max(16).default(1),
    'Utterances that are heard, and sentences that are made, at the same time; each has the weights in memory.',
  ),
});

export const speech = z.strictObject({
  stt: field(
    chain(),
    'Speech recognisers in the order in which they are tried; docs/providers.md tells what each can do.',
  ),
  tts: field(chain(), 'Synthesisers in the order in which they are tried.'),
  voice: field(z.string().default('slt'), 'Voice of the own synthesiser: slt, rms, awb or kal.'),
  workers: field(z.int().min(1).max(64).default(2), 'Threads for the own recogniser.'),
  queueLimit: field(z.int().min(1).default(64), 'Requests that may wait for an own speech engine.'),
  deadlineMs: field(
    milliseconds.min(100).default(8_000),
    'How long recognising may take, and how long a sound of what is synthesised may be waited for.',
  ),
  keepSpokenMB: field(
    z.int().min(0).default(16),
    'Audio of sentences said lately that is kept in memory, so that they are synthesised once for all callers; 1 MB is 31 s.',
    { env: 'PARLEY_SPEECH_KEEP_SPOKEN_MB' },
  ),
  failover: z
    .strictObject({
      connectMs: field(
        milliseconds.min(1).default(1_000),
        'In a chain: time in which a recogniser has to reach its service, or the next one takes over.',
      ),
      firstResultMs: field(
        milliseconds.min(1).default(1_500),
        'The same for its first partial text; the next one listens along from then on, and the first that is ready counts.',
      ),
      finalResultMs: field(
        milliseconds.min(1).default(800),
        'The same for the final text, counted from the end of what was said.',
      ),
      firstSoundMs: field(
        milliseconds.min(1).default(700),
        'The same for the first sound of a sentence, and for each further piece of it.',
      ),
      failures: field(
        z.int().min(1).default(2),
        'Failures in a row after which an engine is left alone and no caller waits for it.',
      ),
      retryMs: field(
        milliseconds.min(1).default(10_000),
        'How often an engine that is left alone is tried with a request of Parley’s own; when it answers, it is taken back.',
      ),
    })
    .prefault({}),
  azure: azureSpeech.prefault({}),
  rhvoice: rhvoice.prefault({}),
  sherpa: sherpa.prefault({}),
});
