import type { TextToSpeech } from '../../speech/spec.ts';
import { hasCode, ParleyError } from '../../errors.ts';
import type { RelayCounts } from '../network/relay.ts';
import type { Phone } from '../phone.ts';
import type { CallRecording } from '../recording.ts';
import { runSteps, type ScriptEvent } from '../script.ts';
import { type Check, Judge } from './judge.ts';
import { prepare } from './prepare.ts';
import type { Roads } from './roads.ts';
import type { Scenario } from './schema.ts';

export interface RunScenarioOptions {
  /** With the accounts of `roads`. */
  readonly phone: Phone;
  readonly roads: Roads;
  readonly voice: TextToSpeech;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: ScriptEvent) => void;
}

export interface ScenarioReport {
  readonly ok: boolean;
  /** What the bot said before the caller did anything. */
  readonly greeting: string;
  readonly turns: readonly {
    readonly said: string;
    readonly heard: string;
    /** From the caller's last sound to the bot's first; undefined where one of them is missing. */
    readonly answerMs: number | undefined;
  }[];
  readonly checks: readonly Check[];
  /** What a bad network did to the audio; undefined without one. */
  readonly network: RelayCounts | undefined;
  /** Undefined for a call that was not answered. */
  readonly recording: CallRecording | undefined;
}

const ringMs = 20_000;

/**
 * Has the conversation of a scenario in a call of its own, and looks at its recording afterwards.
 * @throws ParleyError `ari-*`, `tts-*`, `stt-*`; the signal's reason. What the bot does wrong is in the report.
 */
export async function runScenario(scenario: Scenario, options: RunScenarioOptions): Promise<ScenarioReport> {
  const { phone, roads, voice, signal, onEvent } = options;
  const { steps, acts, originOf, surroundings } = await prepare(scenario, { voice, signal });
  const account = roads.accountOf(scenario);
  const call = await phone.call(scenario.to, { account, ringMs, surroundings, signal }).catch(orNotAnswered);
  if (call instanceof ParleyError) {
    const checks = [{ step: undefined, ok: false, says: call.message }];
    return { ok: false, greeting: '', turns: [], checks, network: undefined, recording: undefined };
  }
  const report = await runSteps(call, steps, { signal, ...(onEvent && { onEvent }) });
  const [recording, end] = await Promise.all([call.recording(), call.ended]);
  const failedAt = originOf[report.taken - 1];
  const taken = report.failure === undefined ? scenario.steps.length : (failedAt ?? 0) + 1;
  const judge = new Judge(scenario, acts, recording);
  const checks = [
    ...judge.checks(taken, end),
    ...(report.failure === undefined ? [] : [{ step: taken, ok: false, says: report.failure.message }]),
  ];
  return {
    ok: checks.every(({ ok }) => ok),
    greeting: report.greeting,
    turns: report.turns.map((turn, i) => ({ ...turn, answerMs: judge.answerMs(i) })),
    checks,
    network: roads.countsOf(scenario),
    recording,
  };
}

function orNotAnswered(error: unknown): ParleyError {
  if (hasCode(error, 'phone-call-failed')) return error;
  throw error;
}
