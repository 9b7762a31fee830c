/** `npm run call`: a caller made of software talks with the bot. */
import { writeFile } from 'node:fs/promises';
import { ParleyError } from '../errors.ts';
import type { Phone } from '../phone/phone.ts';
import { toStereoWav } from '../phone/recording.ts';
import { runSteps, type ScriptReport } from '../phone/script.ts';
import { firstBotSoundMs, measureTurns } from '../phone/turn-times.ts';
import { withCaller } from './call-phone.ts';
import { type CallRequest, describeEvent, readCallRequest } from './call-steps.ts';
import { runCommand } from './command.ts';

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
  return withCaller({ wanted: request, say, signal }, async ({ account, startPhone }) => {
    const phone = await startPhone([{ ...account, codec: request.codec }]);
    return talk(phone, request, say, signal);
  });
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
    onEvent: (event) => say(describeEvent(event)),
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
