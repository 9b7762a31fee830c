import { z } from 'zod';

/**
 * The whole configuration, as one strict schema. Each field has a unit in its name, a default and one sentence.
 * docs/configuration.md and .env.example are generated from it (`npm run docs`).
 */

interface FieldMeta {
  readonly says: string;
  /** The environment variable, where it is not PARLEY_ and the path in capitals. */
  readonly env?: string;
  /** Never printed. */
  readonly secret?: boolean;
}

const metaOf = z.registry<FieldMeta>();

/** What is said about a field, undefined for a group of fields. */
export function fieldMeta(schema: z.core.$ZodType): FieldMeta | undefined {
  return metaOf.get(schema);
}

function field<T extends z.ZodType>(schema: T, says: string, more: Omit<FieldMeta, 'says'> = {}): T {
  metaOf.add(schema, { says, ...more });
  return schema;
}

const port = z.int().min(0).max(65_535);
const milliseconds = z.int().min(0);
const unit = z.number().min(0).max(1);
const bcp47 = z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/);
const address = z.union([z.ipv4(), z.ipv6(), z.hostname()]);

const ari = z.strictObject({
  url: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address of an Asterisk of yours. When it is set, Parley starts none of its own.',
    { env: 'ARI_URL' },
  ),
  user: field(z.string().min(1).default('parley'), 'User in ari.conf.', { env: 'ARI_USER' }),
  password: field(
    z.string().min(1).optional(),
    'Password in ari.conf; needed with ari.url. The own Asterisk gets one that is generated.',
    { env: 'ARI_PASSWORD', secret: true },
  ),
  passwordFile: field(z.string().optional(), 'File that holds that password, where it is not given itself.', {
    env: 'ARI_PASSWORD_FILE',
  }),
  app: field(
    z
      .string()
      .regex(/^[\w-]+$/)
      .default('parley'),
    'Name of the Stasis application in the dialplan.',
    { env: 'ARI_APP' },
  ),
  commandDeadlineMs: field(milliseconds.default(3_000), 'How long one command to Asterisk may take.'),
  heartbeatMs: field(milliseconds.min(100).default(5_000), 'How often the connection to Asterisk is probed.'),
});

const asterisk = z.strictObject({
  bind: field(address.default('0.0.0.0'), 'Address on which the own Asterisk listens for telephones.'),
  sipPort: field(port.default(5060), 'SIP port, UDP and TCP. 0 takes a free one.'),
  tlsPort: field(
    port.default(5061),
    'SIP port for TLS; used when a certificate is given. 0 takes a free one.',
  ),
  httpPort: field(port.default(8088), 'ARI port, on loopback only. 0 takes a free one.'),
  rtpFrom: field(port.default(10_000), 'First UDP port for audio. 0 takes a range of free ones.'),
  rtpTo: field(port.default(10_199), 'Last UDP port for audio; a call uses two.'),
  phones: field(
    z
      .array(z.string().regex(/^60\d\d$/))
      .min(1)
      .default(['6001', '6002']),
    'Phone accounts to make, from 6000 to 6098; their passwords are generated.',
  ),
  externalAddress: field(
    address.optional(),
    'Address under which telephones outside the local network reach this machine (NAT).',
  ),
  localNetwork: field(
    z.cidrv4().optional(),
    'Network inside which no NAT is assumed, such as 192.168.1.0/24.',
  ),
  tlsCertificate: field(z.string().optional(), 'PEM file with the certificate; switches TLS and SRTP on.'),
  tlsKey: field(z.string().optional(), 'PEM file with the private key of the certificate.'),
});

const media = z.strictObject({
  bind: field(address.default('127.0.0.1'), 'Address on which the app serves what the bot says to Asterisk.'),
  port: field(port.default(0), 'Port for it. 0 takes a free one.'),
  url: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address under which Asterisk reaches it; needed when Asterisk runs on another machine or in another container.',
  ),
});

const line = z.strictObject({
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

const turns = z.strictObject({
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

const calls = z.strictObject({
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

const speech = z.strictObject({
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

const nlu = z.strictObject({
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

const bot = z.strictObject({
  dir: field(
    z.string().min(1).optional(),
    'Folder with intents and entities of your own, laid over those that come with Parley (docs/bot.md).',
  ),
});

const luisEndpoint = z.strictObject({
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

const skills = z.strictObject({
  weather: z.strictObject({
    baseUrl: field(
      z.url().default('https://api.open-meteo.com'),
      'Address of Open-Meteo or a server like it.',
    ),
    units: field(
      z.enum(['metric', 'imperial']).default('metric'),
      'Celsius and km/h, or Fahrenheit and mph.',
    ),
    deadlineMs: field(milliseconds.min(100).default(2_500), 'How long the weather service may take.'),
    cacheMs: field(milliseconds.default(600_000), 'How long a forecast is used again.'),
  }),
  news: z.strictObject({
    feeds: field(
      z.array(z.strictObject({ name: z.string().min(1), url: z.url(), language: bcp47.optional() })).default([
        { name: 'BBC News', url: 'https://feeds.bbci.co.uk/news/world/rss.xml', language: 'en' },
        { name: 'The Guardian', url: 'https://www.theguardian.com/world/rss', language: 'en' },
        { name: 'NPR', url: 'https://feeds.npr.org/1004/rss.xml', language: 'en' },
        { name: 'BBC Mundo', url: 'https://feeds.bbci.co.uk/mundo/rss.xml', language: 'es' },
        { name: 'Deutsche Welle', url: 'https://rss.dw.com/xml/rss-sp-top', language: 'es' },
      ]),
      'RSS and Atom feeds with their spoken names, and their languages where it is not calls.language (in the environment: JSON).',
    ),
    refresh: field(z.string().default('*/10 * * * *'), 'When the feeds are fetched (cron).'),
    deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one feed may take.'),
    staleMs: field(milliseconds.default(21_600_000), 'Age after which headlines are no longer read out.'),
  }),
  call: z.strictObject({
    directory: field(
      z.record(z.string().min(1), z.string().regex(/^\d{2,15}$/)).default({}),
      'Names that callers may ask for and the phone of each, such as {"Alice": "6002"} (in the environment: JSON).',
    ),
    ringMs: field(milliseconds.min(1_000).default(20_000), 'How long a called phone rings.'),
    dial: field(
      z
        .string()
        .regex(/^[\w]+\/.*\{extension\}/)
        .default('PJSIP/{extension}'),
      'How Asterisk reaches a phone, such as PJSIP/{extension}@trunk.',
    ),
  }),
});

const store = z.strictObject({
  keepCalls: field(
    z.boolean().default(true),
    'Keeps calls: what was heard, understood and said in each, and when.',
  ),
  url: field(
    z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    'Postgres that keeps them, such as postgres://USER:PASSWORD@HOST/parley, for several machines; a file in stateDir when absent.',
    { secret: true },
  ),
  urlFile: field(z.string().optional(), 'File that holds that address, where it is not given itself.'),
  keepRecordings: field(z.boolean().default(false), 'Keeps both voices of each call as a stereo WAV.'),
  recordingsDir: field(
    z.string().min(1).optional(),
    'Folder for them, on this machine; recordings in stateDir when absent.',
  ),
  maskDigits: field(
    z.int().min(0).max(50).default(0),
    'Digits in a row, keys included, from which they are masked in what is kept; then keys are masked altogether. 0 masks none.',
  ),
  keepDays: field(z.int().min(1).default(30), 'Days after which a call and its recording are removed.'),
  keepMB: field(
    z.int().min(1).default(4_096),
    'Size of calls and recordings together above which the oldest are removed.',
    { env: 'PARLEY_STORE_KEEP_MB' },
  ),
  retention: field(z.string().default('17 * * * *'), 'When what is too old or too much is removed (cron).'),
  queueLimit: field(
    z.int().min(10).default(5_000),
    'Records that may wait for a database that does not answer; more are dropped and counted.',
  ),
  deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one request to the database may take.'),
});

const telemetry = z.strictObject({
  otlpEndpoint: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Collector of OpenTelemetry that is sent the spans of calls and turns over OTLP (HTTP), such as http://127.0.0.1:4318; nothing is sent when absent.',
    { env: 'OTEL_EXPORTER_OTLP_ENDPOINT' },
  ),
  otlpHeaders: field(
    z
      .string()
      .regex(/^[^=,]+=([^,%]|%[0-9A-Fa-f]{2})*(,[^=,]+=([^,%]|%[0-9A-Fa-f]{2})*)*$/)
      .optional(),
    'Headers that the collector wants, such as api-key=...,tenant=...; percent-encoded.',
    { env: 'OTEL_EXPORTER_OTLP_HEADERS', secret: true },
  ),
  service: field(z.string().min(1).default('parley'), 'What this Parley is called there.', {
    env: 'OTEL_SERVICE_NAME',
  }),
  intervalMs: field(milliseconds.min(100).default(5_000), 'How often what there is is sent.'),
  deadlineMs: field(milliseconds.min(100).default(5_000), 'How long one sending may take.'),
});

const consoleServer = z.strictObject({
  enabled: field(
    z.boolean().default(true),
    'Serves the console: the page for the operator, its API, /live, /ready and /metrics (docs/console.md).',
  ),
  bind: field(
    address.default('127.0.0.1'),
    'Address on which it listens. Beyond this machine it asks for the token.',
  ),
  port: field(port.default(8090), 'Port of it. 0 takes a free one.'),
  token: field(
    z.string().min(12).optional(),
    'Token that it asks for. Absent, one is generated into STATE_DIR/secrets.json where it listens beyond this machine, and none is asked for where it does not.',
    { secret: true },
  ),
  tokenFile: field(z.string().optional(), 'File that holds that token, where it is not given itself.'),
  hosts: field(
    z.array(z.hostname()).default([]),
    'Further names under which it is reached, such as that of a proxy before it; then it asks for the token, too.',
  ),
  tlsCertificate: field(
    z.string().optional(),
    'PEM file with its certificate; switches HTTPS on, without which browsers lend no microphone beyond this machine.',
  ),
  tlsKey: field(z.string().optional(), 'PEM file with the private key of that certificate.'),
  telephones: field(
    z.int().min(0).max(100).default(4),
    'How many pages may be a telephone at once (docs/telephone.md). 0: none.',
  ),
});

const log = z.strictObject({
  level: field(z.enum(['error', 'warn', 'info', 'debug']).default('info'), 'Least important lines to print.'),
  format: field(
    z.enum(['auto', 'pretty', 'json']).default('auto'),
    'auto: pretty on a terminal, JSON otherwise.',
  ),
  showSpeech: field(z.boolean().default(false), 'Prints what callers say; off, it is redacted.'),
});

export const configSchema = z.strictObject({
  stateDir: field(
    z.string().min(1).default('.parley'),
    'Folder for generated passwords, the own Asterisk’s run files and logs.',
  ),
  ari: ari.prefault({}),
  asterisk: asterisk.prefault({}),
  media: media.prefault({}),
  line: line.prefault({}),
  turns: turns.prefault({}),
  calls: calls.prefault({}),
  speech: speech.prefault({}),
  nlu: nlu.prefault({}),
  bot: bot.prefault({}),
  luisEndpoint: luisEndpoint.prefault({}),
  skills: skills
    .extend({
      weather: skills.shape.weather.prefault({}),
      news: skills.shape.news.prefault({}),
      call: skills.shape.call.prefault({}),
    })
    .prefault({}),
  store: store.prefault({}),
  telemetry: telemetry.prefault({}),
  console: consoleServer.prefault({}),
  log: log.prefault({}),
});

export type Config = z.output<typeof configSchema>;
