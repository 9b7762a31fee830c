import { messageOf } from '../../../app/errors.ts';
import { playOut } from './playout.ts';
import type { HeldCall } from './protocol.ts';
import type { Media, Stream } from './rtp.ts';
import { mediaOf, sdpOf } from './sdp.ts';
import type { SipAgent } from './sip-agent.ts';

const botHungUp = 'the bot hung up';

export interface CallPlan {
  readonly number: string;
  readonly host: string;
  /** Which of the callers. */
  readonly at: number;
  readonly sound: Uint8Array;
  readonly bufferMs: number;
}

/** Numbers from 0 to 1 that lie evenly however many there are: the golden section. */
const golden = 0.618_033_988_75;

/**
 * One call: from the INVITE until all that the caller says is said.
 * @returns what makes of it what was heard, for when no call needs the processor any more.
 */
export async function holdCall(agent: SipAgent, media: Media, plan: CallPlan): Promise<() => HeldCall> {
  const { at, number, host, sound, bufferMs } = plan;
  const invitedMs = performance.now();
  const call = agent.call(number, sdpOf(host, media.portOf(at)));
  let stream: Stream | undefined;
  try {
    const remote = mediaOf(await call.answered);
    const sinceMs = performance.now();
    if (remote === undefined) throw new Error('the answer names no audio');
    const own = media.begin({ call: at, remotePort: remote.port, sound, phase: (at * golden) % 1, sinceMs });
    stream = own;
    const byOther = await Promise.race([own.sent.then(() => false), call.over.then(() => true)]);
    if (byOther) throw new Error(botHungUp);
    const lengthMs = performance.now() - sinceMs;
    return () => {
      const { audio, late } = playOut(own.arrivals, { bufferMs, lengthMs });
      const excusedMs = (arrivedMs: number): number => media.stolenMs(sinceMs + arrivedMs);
      const { audio: spared } = playOut(own.arrivals, { bufferMs, lengthMs, excusedMs });
      return { startMs: sinceMs - invitedMs, saysFromMs: own.fromMs, heard: audio, spared, late };
    };
  } catch (error) {
    const failure = messageOf(error);
    return () => ({ failure });
  } finally {
    call.hangUp();
    await call.over;
    stream?.close();
  }
}
