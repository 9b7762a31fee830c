import { randomUUID } from 'node:crypto';
import { hasCode } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import { type AriConnection, isGone } from '../ari/connection.ts';
import type { CallerId, ConnectOutcome } from './spec.ts';

export interface ConnectOptions {
  readonly ari: AriConnection;
  readonly log: Log;
  /** Such as `PJSIP/6002`. */
  readonly endpoint: string;
  readonly callerId: CallerId;
  readonly callerChannelId: string;
  /** The bridge the caller is in. */
  readonly bridgeId: string;
  /** For the new leg. */
  readonly channelId: string;
  readonly ringMs: number;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Causes of ITU-T Q.850 as Asterisk gives them. */
const causeUserBusy = 17;
const causeNoAnswer: readonly number[] = [18, 19, 102];
const causeUnknown: readonly number[] = [1, 2, 3, 28];

/**
 * Rings a phone, with a ring-back tone for the caller, and puts both in one bridge.
 * Resolves when the two have finished, or the phone was not reached. @throws ParleyError `ari-*`; the signal's reason.
 */
export async function connectToPhone(options: ConnectOptions): Promise<ConnectOutcome> {
  const { ari, endpoint, channelId, signal } = options;
  const [tech = '', resource = ''] = endpoint.split('/');
  const state = await ari.commands.endpointState(tech, resource.split('@').at(-1) ?? resource);
  if (state === 'absent') return 'unknown';
  if (state === 'offline') return 'no-answer';

  const stopRingback = await startRingback(options);
  const answeredOrOver = ari.waitFor('channel', channelId, ['StasisStart', 'ChannelDestroyed'], {
    signal,
    deadlineMs: options.ringMs + 5_000,
  });
  try {
    const [first] = await Promise.all([
      answeredOrOver,
      ari.commands.originate({
        channelId,
        endpoint,
        app: ari.app,
        appArgs: 'leg',
        callerId: formatCallerId(options.callerId),
        timeoutSeconds: Math.ceil(options.ringMs / 1000),
        originator: options.callerChannelId,
      }),
    ]);
    await stopRingback();
    if (first.type === 'ChannelDestroyed') return outcomeOf(first.cause);
    const over = ari.waitFor('channel', channelId, ['ChannelDestroyed', 'StasisEnd'], {
      signal,
      deadlineMs: 2 ** 31 - 1,
    });
    await Promise.all([over, ari.commands.addToBridge(options.bridgeId, channelId)]);
    return 'talked';
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, 'ari-command-failed', 'ari-command-timeout')) {
      options.log.warn('the other phone could not be called', { error });
      return 'failed';
    }
    throw error;
  } finally {
    await stopRingback();
    await ari.commands.hangUp(channelId).catch((error: unknown) => {
      if (!isGone(error)) options.log.warn('the other leg could not be hung up; the sweep will', { error });
    });
  }
}

/** A playback rather than ARI `ring`: an answered channel cannot go back to ringing. */
async function startRingback(options: ConnectOptions): Promise<() => Promise<void>> {
  const { ari, callerChannelId, log } = options;
  const playbackId = randomUUID();
  await ari.commands.play(callerChannelId, playbackId, 'tone:ring');
  let stopped = false;
  return async () => {
    if (stopped) return;
    stopped = true;
    await ari.commands.stopPlayback(playbackId).catch((error: unknown) => {
      if (!isGone(error)) log.warn('the ring-back tone could not be stopped', { error });
    });
  };
}

function outcomeOf(cause: number): ConnectOutcome {
  if (cause === causeUserBusy) return 'busy';
  if (causeNoAnswer.includes(cause)) return 'no-answer';
  return causeUnknown.includes(cause) ? 'unknown' : 'no-answer';
}

/** As in a SIP From header; what could end the quoted name is left out. */
function formatCallerId(caller: CallerId): string {
  const number = caller.number.replace(/[^\d+*#\w.-]/g, '');
  const name = caller.name.replace(/[^\p{L}\p{N} .'-]/gu, '');
  return name === '' ? number : `"${name}" <${number}>`;
}
