import { randomUUID } from 'node:crypto';
import { concatPcm, durationMs, type Audio, type Pcm } from '../../audio/pcm.ts';
import { resample } from '../../audio/resample.ts';
import { ParleyError } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import { type AriConnection, isGone } from '../ari/connection.ts';
import type { MediaServer } from './media-server.ts';
import type { Said, SayOptions, Speech } from './spec.ts';

export interface PlaybackOptions extends SayOptions {
  readonly ari: AriConnection;
  readonly media: MediaServer;
  readonly log: Log;
  readonly channelId: string;
  readonly hungUp: AbortSignal;
  /** With which it is played. */
  readonly sampleRateHz: number;
}

/** How much longer than its audio a playback may take before it counts as failed. */
const graceMs = 5_000;

/**
 * Asterisk (22, main/media_cache.c) fetches an address once for each caller who wants it at the same moment, and plays
 * nothing to those whose fetch comes second. The next time the file is there.
 */
const mostTries = 3;

/**
 * Plays something to the caller and resolves when it was heard or stopped.
 * @throws ParleyError `line-playback-failed`, `ari-*`; the reason of `hungUp`.
 */
export async function playToCaller(speech: Speech, options: PlaybackOptions): Promise<Said> {
  const { media, hungUp, signal, sampleRateHz } = options;
  const made = await gather(speech, AbortSignal.any([signal, hungUp]));
  const audio = { samples: resample(made.samples, made.sampleRateHz, sampleRateHz), sampleRateHz };
  hungUp.throwIfAborted();
  if (signal.aborted || audio.samples.length === 0) return { completed: !signal.aborted, heardMs: 0 };

  const slot = speech.key === undefined ? media.offer(audio) : undefined;
  const mediaUri = slot?.mediaUri ?? media.keep(speech.key ?? '', audio);
  try {
    for (let tries = 1; ; tries++) {
      const said = await playOnce(mediaUri, audio, options);
      if (said !== undefined) return said;
      if (signal.aborted) return { completed: false, heardMs: 0 };
      if (tries === mostTries)
        throw new ParleyError('line-playback-failed', {
          media: mediaUri,
          reason: 'Asterisk could not fetch or read it',
        });
    }
  } finally {
    slot?.release();
  }
}

/** Undefined when Asterisk could not play it. */
async function playOnce(
  mediaUri: string,
  audio: Audio,
  { ari, channelId, hungUp, signal, log, onSent, onStarted }: PlaybackOptions,
): Promise<Said | undefined> {
  const playbackId = randomUUID();
  let startedAtMs: number | undefined;
  const unsubscribe = ari.onSubject('playback', playbackId, (event) => {
    if (event.type !== 'PlaybackStarted') return;
    startedAtMs = Date.parse(event.timestamp);
    onStarted?.();
  });
  const stop = (): void => {
    ari.commands.stopPlayback(playbackId).catch((error: unknown) => {
      if (!isGone(error) && !hungUp.aborted) log.warn('a playback could not be stopped', { error });
    });
  };
  signal.addEventListener('abort', stop);
  try {
    const finished = ari.waitFor('playback', playbackId, ['PlaybackFinished'], {
      signal: hungUp,
      deadlineMs: durationMs(audio) + graceMs,
    });
    onSent?.();
    const [event] = await Promise.all([finished, ari.commands.play(channelId, playbackId, mediaUri)]);
    if (event.playback.state === 'failed') return undefined;
    const heardMs = startedAtMs === undefined ? 0 : Date.parse(event.timestamp) - startedAtMs;
    return { completed: !signal.aborted, heardMs: Math.min(heardMs, durationMs(audio)) };
  } finally {
    signal.removeEventListener('abort', stop);
    unsubscribe();
  }
}

async function gather(speech: Speech, signal: AbortSignal): Promise<Audio> {
  const { audio, sampleRateHz } = speech;
  if (audio instanceof Int16Array) return { samples: audio, sampleRateHz };
  const pieces: Pcm[] = [];
  for await (const piece of audio) {
    if (signal.aborted) break;
    pieces.push(piece);
  }
  return { samples: concatPcm(pieces), sampleRateHz };
}
