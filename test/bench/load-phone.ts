import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { decodeMuLaw, encodeMuLaw } from '../../app/audio/g711.ts';
import type { Audio } from '../../app/audio/pcm.ts';
import { silence } from '../../app/audio/mix.ts';
import { concatPcm } from '../../app/audio/pcm.ts';
import type { CallRecording } from '../../app/phone/recording.ts';
import type { Span } from '../../app/phone/turn-times.ts';
import type { Owner } from '../support/owner.ts';
import type { FromCallers, HeldCall, ToCallers } from './callers/protocol.ts';
import type { Account } from './callers/sip-agent.ts';
import type { Outcome } from './harness.ts';

/** The only rate of mu-law. */
const sampleRateHz = 8_000;
/** Of the callers' telephones: as much lateness as they make up for. */
export const jitterBufferMs = 60;
const number = '1000';
const program = fileURLToPath(new URL('./light-callers.ts', import.meta.url));
/** A process that does not end by itself is ended. */
const farewellMs = 5_000;
/** Beyond what is said, for what comes late. */
const patienceMs = 60_000;

/** What a crowd of callers came to. */
export interface CrowdHeard {
  readonly outcomes: readonly CrowdOutcome[];
  /** Packets that the telephones did not play because they came too late, of all calls. */
  readonly latePackets: number;
  /** How late the callers' own process was at worst. */
  readonly latestMs: number;
}

export type CrowdOutcome = Outcome & {
  /** As it would have been heard if nothing had been late by what the host took of the machine. */
  readonly spared?: CallRecording;
};

/**
 * Callers for a crowd: real SIP and RTP, but nothing else that a telephone does. Each plays one sound from beginning to
 * end, whatever the bot does, and keeps what it hears. All of them are one small process of their own, so that what is
 * measured is the bot.
 */
export class LoadPhone {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(owner: Owner, account: Account): Promise<LoadPhone> {
    const child = fork(program, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const phone = new LoadPhone(child);
    owner.after(() => phone.#close());
    const ready = phone.#until('ready', AbortSignal.any([owner.signal, AbortSignal.timeout(patienceMs)]));
    phone.#tell({ kind: 'open', account, number });
    await ready;
    return phone;
  }

  /** The number of its process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * So many calls, from the INVITE to the end of what the caller plays; they come evenly within `overMs`. What goes wrong
   * in one is counted, not thrown.
   * @param says where in the sound the caller says something.
   * @throws the signal's reason; Error when the callers' process fails.
   */
  async calls(
    count: number,
    options: {
      readonly overMs: number;
      readonly sound: Audio;
      readonly says: Span;
      readonly signal: AbortSignal;
    },
  ): Promise<CrowdHeard> {
    const { overMs, sound, says } = options;
    if (sound.sampleRateHz !== sampleRateHz) throw new Error(`callers speak at ${sampleRateHz} Hz`);
    const lengthMs = (sound.samples.length / sampleRateHz) * 1_000;
    const deadline = AbortSignal.timeout(overMs + lengthMs + patienceMs);
    const calls: HeldCall[] = [];
    const over = this.#until('over', AbortSignal.any([options.signal, deadline]), (call) => calls.push(call));
    this.#tell({ kind: 'crowd', count, overMs, sound: encodeMuLaw(sound.samples), bufferMs: jitterBufferMs });
    const { latestMs } = await over;
    return {
      outcomes: calls.map((call) => outcomeOf(call, sound, says)),
      latePackets: calls.reduce((sum, call) => sum + (call.failure === undefined ? call.late : 0), 0),
      latestMs,
    };
  }

  #tell(message: ToCallers): void {
    this.#child.send(message);
  }

  /** The first message of a kind. @throws the signal's reason; Error when the process fails before. */
  #until<Kind extends FromCallers['kind']>(
    kind: Kind,
    signal: AbortSignal,
    onCall?: (call: HeldCall) => void,
  ): Promise<Extract<FromCallers, { kind: Kind }>> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        settled();
      };
      const isWanted = (message: FromCallers): message is Extract<FromCallers, { kind: Kind }> =>
        message.kind === kind;
      const onMessage = (message: FromCallers): void => {
        if (message.kind === 'call') onCall?.(message.call);
        else if (isWanted(message)) settle(() => resolve(message));
        else if (message.kind === 'failed')
          settle(() => reject(new Error(`the callers failed: ${message.reason}`)));
      };
      const onExit = (): void => settle(() => reject(new Error('the callers’ process has ended')));
      const onAbort = (): void => settle(() => reject(signal.reason as Error));
      child.on('message', onMessage);
      child.on('exit', onExit);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }

  async #close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), farewellMs);
    await exited;
    clearTimeout(timer);
  }
}

function outcomeOf(call: HeldCall, sound: Audio, says: Span): CrowdOutcome {
  if (call.failure !== undefined) return { recording: undefined, failure: call.failure };
  const bot = decodeMuLaw(call.heard);
  const said = concatPcm([silence(call.saysFromMs, sampleRateHz), sound.samples]);
  const caller = new Int16Array(bot.length);
  caller.set(said.subarray(0, bot.length));
  const recording: CallRecording = { caller, bot, sampleRateHz, startMs: call.startMs, turns: [says] };
  return { recording, spared: { ...recording, bot: decodeMuLaw(call.spared) } };
}
