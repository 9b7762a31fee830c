/** `npm run call`: a caller made of software talks with the bot. */
import { writeFile } from 'node:fs/promises';
import { findAsterisk } from '../asterisk/local/find.ts';
import { loadConfig } from '../config/load.ts';
import { ParleyError } from '../errors.ts';
import { createLog } from '../ops/log.ts';
import { createEars } from '../phone/ears/ears.ts';
import { Phone } from '../phone/phone.ts';
import { toStereoWav } from '../phone/recording.ts';
import { runSteps, type ScriptEvent, type ScriptReport } from '../phone/script.ts';
import { firstBotSoundMs, measureTurns } from '../phone/turn-times.ts';
import { speechWeights } from '../setup/speech-weights.ts';
import { createTts } from '../speech/registry.ts';
import { type CallRequest, readCallRequest } from './call-steps.ts';
import { findTarget } from './call-target.ts';
import { runCommand } from './command.ts';
import { prepareMachine, userCacheDir } from './parley-process.ts';

/** What `--json` prints. */
interface CallResult {
  readonly ok: boolean;
  /** From the INVITE to the bot's first sound; null when there was none. */
  readonly greetingMs: number | null;
  readonly greeting: string;
  readonly turns: readonly {
    readonly said: string;
    readonly heard: string;
    /** From the caller's last sound to the bot's first, in the recording; null when one of them is missing. */
    readonly latencyMs: number | null;
  }[];
  readonly ended?: { readonly by: 'phone' | 'other'; readonly cause: number };
  readonly error?: { readonly code: string; readonly message: string };
}

await runCommand(async (signal) => {
  const request = await readCallRequest(process.argv.slice(2), process.env);
  if (request === undefined) return 0;
  // With --json nothing else may be on standard output; the conversation can still be followed.
  const out = request.json ? process.stderr : process.stdout;
  const say = (line: string): void => void out.write(`${line}\n`);
  let result: CallResult;
  try {
    result = await placeCall(request, say, signal);
  } catch (error) {
    if (!request.json || signal.aborted || !(error instanceof ParleyError)) throw error;
    console.error(error.explain());
    result = { ok: false, greetingMs: null, greeting: '', turns: [], error: summary(error) };
  }
  if (request.json) console.log(JSON.stringify(result));
  return result.ok ? 0 : 1;
});

async function placeCall(
  request: CallRequest,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<CallResult> {
  const config = await loadConfig(process.env);
  // The phone needs an Asterisk of its own even where Parley uses another one.
  const needed = { ...config, ari: { ...config.ari, url: undefined } };
  await prepareMachine(needed, process.env, { signal, out: process.stderr });
  const cacheDir = userCacheDir(process.env);
  const { dir: modelDir } = await speechWeights({ cacheDir, signal });
  const log = createLog({ level: 'warn', format: config.log.format, showSpeech: config.log.showSpeech });
  const ears = createEars({ modelDir });
  // While everything else starts; what goes wrong is met again by whoever listens.
  ears.warmUp().catch(() => undefined);
  const voice = createTts('local', { config: config.speech });
  const cleanUp: (() => Promise<void>)[] = [() => log.close(), () => ears.close(), () => voice.close()];
  try {
    const target = await findTarget(request, config, process.env, {
      signal,
      onStart: (logFile) => say(`No Parley runs here; one is started for this call (its log: ${logFile}).`),
    });
    cleanUp.push(() => target.stop());
    const { user, password, server } = target;
    const phone = await Phone.start({
      program: await findAsterisk({ cacheDir, signal }),
      accounts: [{ user, password, server, codec: request.codec }],
      ears,
      voice,
      log,
      signal,
    });
    cleanUp.push(() => phone.close());
    return await talk(phone, request, say, signal);
  } finally {
    for (const close of cleanUp.toReversed()) await close();
  }
}

async function talk(
  phone: Phone,
  request: CallRequest,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<CallResult> {
  const { timeoutMs, silenceMs, save } = request;
  say(`Calling ${request.to} ...`);
  const call = await phone.call(request.to, { ringMs: timeoutMs, signal });
  const report = await runSteps(call, request.steps, {
    timeoutMs,
    silenceMs,
    signal,
    onEvent: (event) => say(describe(event)),
  });
  const [recording, end] = await Promise.all([call.recording(), call.ended]);
  if (save !== undefined) await writeFile(save, toStereoWav(recording));
  const firstSoundMs = firstBotSoundMs(recording);
  const times = measureTurns(recording, recording.turns);
  const result: CallResult = {
    ok: report.failure === undefined,
    greetingMs: firstSoundMs === undefined ? null : Math.round(recording.startMs + firstSoundMs),
    greeting: report.greeting,
    turns: report.turns.map((turn, i) => ({ ...turn, latencyMs: rounded(times[i]?.latencyMs) })),
    ended: { by: end.by, cause: end.cause },
    ...(report.failure && { error: summary(report.failure) }),
  };
  for (const line of summaryLines(result, report, save)) say(line);
  return result;
}

function describe(event: ScriptEvent): string {
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

function summaryLines(result: CallResult, report: ScriptReport, save: string | undefined): string[] {
  const inMs = (ms: number | null): string => (ms === null ? '-' : `${String(ms)} ms`);
  return [
    '',
    `INVITE to the bot’s first sound: ${inMs(result.greetingMs)}`,
    ...result.turns.map(({ said, latencyMs }) => `answer after ${inMs(latencyMs).padStart(8)}  ${said}`),
    ...(save === undefined ? [] : [`Recording: ${save} (the caller left, the bot right)`]),
    report.failure === undefined ? 'The call went as expected.' : report.failure.explain(),
  ];
}

function summary(error: ParleyError): { code: string; message: string } {
  return { code: error.code, message: error.message };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
