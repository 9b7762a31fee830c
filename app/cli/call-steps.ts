import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { readMonoWav } from '../audio/wav.ts';
import { messageOf, ParleyError } from '../errors.ts';
import type { Codec } from '../phone/accounts.ts';
import { turnTaking } from '../phone/listener.ts';
import { checkSteps, type ScriptEvent, type Step } from '../phone/script.ts';

/** What `npm run call` was asked to do. */
export interface CallRequest {
  readonly to: string;
  readonly steps: readonly Step[];
  /** Undefined: the Parley that runs, or one that is started for the call. */
  readonly server: { readonly host: string; readonly port: number } | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly codec: Codec;
  readonly timeoutMs: number;
  readonly silenceMs: number;
  readonly json: boolean;
  readonly save: string | undefined;
}

type Words = Record<string, string | boolean | undefined>;

const rules = `
Steps are taken in the order in which they stand.

  Before --say, --play and --press the caller waits until the bot has spoken since the caller's last turn (or has
  greeted) and has then been silent for --silence, at most for --timeout. To speak earlier on purpose:
    --wait SECONDS   the step right after it begins at once, whatever the bot does;
    --interrupt      the step right after it begins half a second after the bot has begun to speak.
  --expect looks at all that the bot has said since the caller's last turn, as it is recognised from the audio. It waits
  for more until the text fits, or --timeout is over, or nothing is said for five seconds more. Upper and lower case are
  the same; numbers fit as digits and as words; --expect "Tokyo" also finds a Tokyo that the recogniser by itself would
  write differently.
  After the last step the caller hears the bot out and hangs up.

Exit status: 0 when the call went as expected, 1 when it did not, 130 after Ctrl-C.

Examples:
  npm run call -- --say "what time is it in Tokyo" --expect Tokyo --say goodbye --expect bye
  npm run call -- --interrupt --say "weather in London" --expect London --save call.wav
  npm run call -- --from sip.example.org:5060 --user 6001 --to 1000 --press 1 --expect "you chose one"
`;

/** One line of the conversation, for those who follow it. */
export function describeEvent(event: ScriptEvent): string {
  const at = `${(event.atMs / 1000).toFixed(1).padStart(6)} s`;
  switch (event.kind) {
    case 'caller':
      return `${at}  you  > ${event.text}`;
    case 'bot':
      return `${at}  bot  > ${event.text}`;
    case 'expected':
      return `${at}  ${event.found ? 'ok  ' : 'FAIL'}   expected /${event.pattern}/`;
  }
}

/** Reads the command line. @returns undefined when only help was asked for. @throws ParleyError `phone-usage`. */
export async function readCallRequest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<CallRequest | undefined> {
  const steps: Promise<Step>[] = [];
  let voice: string | undefined;
  const add = (step: Step): void => void steps.push(Promise.resolve(step));
  const program = new Command('npm run call --')
    .description('Places a real SIP call with audio and talks with whoever answers: a bot, for example.')
    .usage('[options] STEP...')
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .optionsGroup('Steps:')
    .option('--say <text>', 'speak')
    .option('--voice <name>', 'voice of the steps after it: slt, rms, awb or kal (default: rms)')
    .option('--play <file.wav>', 'play a recording')
    .option('--press <digits>', 'press keys: 0-9 * # A-D')
    .option('--wait <seconds>', 'let time pass')
    .option('--interrupt', 'let the next step begin while the bot speaks')
    .option('--expect <regex>', 'what the bot must have said')
    .option('--hang-up', 'end the call without hearing the bot out')
    .optionsGroup('Call:')
    .option('--to <number>', 'who is called', '1000')
    .option(
      '--from <host:port>',
      'the SIP server to call from; else the Parley that runs, else one for the call',
    )
    .option('--user <user>', 'account at that server')
    .option('--password <password>', 'its password; better in the variable PARLEY_CALL_PASSWORD')
    .option('--codec <codec>', 'ulaw, alaw or g722', 'ulaw')
    .option('--timeout <seconds>', 'how long to wait for an answer', String(turnTaking.timeoutMs / 1000))
    .option(
      '--silence <seconds>',
      'pause after which the bot has finished',
      String(turnTaking.silenceMs / 1000),
    )
    .optionsGroup('Result:')
    .option('--json', 'print one JSON object at the end and nothing else')
    .option('--save <file.wav>', 'save the recording: the caller left, the bot right')
    .addHelpText('after', rules)
    .on('option:say', (text: string) => add({ kind: 'say', text, voice }))
    .on('option:voice', (name: string) => (voice = name))
    .on('option:play', (file: string) => steps.push(readPlay(file)))
    .on('option:press', (digits: string) => add({ kind: 'press', digits }))
    .on('option:wait', (text: string) => add({ kind: 'wait', ms: seconds('--wait', text) }))
    .on('option:interrupt', () => add({ kind: 'interrupt' }))
    .on('option:expect', (pattern: string) => add({ kind: 'expect', pattern }))
    .on('option:hang-up', () => add({ kind: 'hang-up' }));
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    if (error instanceof CommanderError) throw usage(error.message.replace(/^error: /, ''));
    throw error;
  }
  if (program.args.length > 0) throw usage(`"${program.args.join(' ')}" is not a step; steps begin with --`);
  const words = program.opts<Words>();
  const settled = await Promise.all(steps);
  if (settled.length === 0) throw usage('there is no step; what shall the caller do?');
  checkSteps(settled);
  const server = text(words['from']) === undefined ? undefined : readServer(text(words['from']) ?? '');
  const user = text(words['user']);
  if ((server === undefined) !== (user === undefined)) throw usage('--from and --user belong together');
  return {
    to: text(words['to']) ?? '1000',
    steps: settled,
    server,
    user,
    password: text(words['password']) ?? env['PARLEY_CALL_PASSWORD'],
    codec: readCodec(text(words['codec']) ?? 'ulaw'),
    timeoutMs: seconds('--timeout', text(words['timeout']) ?? ''),
    silenceMs: seconds('--silence', text(words['silence']) ?? ''),
    json: words['json'] === true,
    save: text(words['save']),
  };
}

function usage(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('phone-usage', { reason }, { cause });
}

function text(word: string | boolean | undefined): string | undefined {
  return typeof word === 'string' ? word : undefined;
}

function seconds(option: string, word: string): number {
  const value = Number(word);
  if (word.trim() === '' || !(value >= 0 && value <= 3600))
    throw usage(`${option} takes seconds from 0 to 3600, not "${word}"`);
  return value * 1000;
}

async function readPlay(file: string): Promise<Step> {
  try {
    return { kind: 'play', name: path.basename(file), audio: readMonoWav(await readFile(file), file) };
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw usage(`${file} cannot be read: ${messageOf(error)}`, error);
  }
}

function readServer(word: string): { host: string; port: number } {
  const [, host = '', port = '5060'] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(word) ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535)
    throw usage(`--from takes host:port, not "${word}"`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function readCodec(word: string): Codec {
  if (word === 'ulaw' || word === 'alaw' || word === 'g722') return word;
  throw usage(`--codec is ulaw, alaw or g722, not "${word}"`);
}
