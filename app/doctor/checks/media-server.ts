import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { MediaServer } from '../../asterisk/lines/media-server.ts';
import { playToCaller } from '../../asterisk/lines/playback.ts';
import { tone } from '../../audio/mix.ts';
import { messageOf, ParleyError } from '../../errors.ts';
import { fine, note, troubleWith } from '../findings.ts';
import { sampleRateHz, TestCall } from '../legs.ts';
import type { Check, Exam, Finding } from '../spec.ts';

const toneMs = 200;

/** Asterisk can fetch what the bot says to callers who are recorded. */
export const mediaServerCheck: Check = {
  name: 'media-server',
  title: 'Media server',
  needs: ['application'],
  deadlineMs: 25_000,
  async examine(exam, { signal }) {
    let media: MediaServer;
    try {
      media = await MediaServer.start(exam.config.media);
    } catch (error) {
      const { cause } = error as Error;
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw error;
      return [await ofTheRunningBot(exam, signal)];
    }
    try {
      return [await fetched(exam, media, signal)];
    } finally {
      await media.close();
    }
  },
};

async function fetched(exam: Exam, media: MediaServer, signal: AbortSignal): Promise<Finding> {
  const modules = await inspectAri(await exam.asterisk()).modules({ signal });
  const streams = modules.has('chan_websocket.so');
  return TestCall.place(exam, signal, async (call) => {
    const leg = streams ? await call.media() : await call.extension('600@phones');
    if (leg === undefined) return note('it takes a call to try it, and there is nothing to call');
    const beganMs = performance.now();
    try {
      const speech = { audio: tone(440, toneMs, sampleRateHz), sampleRateHz };
      const ari = await exam.ari();
      await playToCaller(speech, {
        sampleRateHz: 16_000,
        ari,
        media,
        log: exam.log,
        channelId: leg.channelId,
        hungUp: signal,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      // Callers who are streamed do without.
      return troubleWith(error, streams && exam.config.line.kind !== 'recorded' ? 'warning' : 'failed');
    }
    const tookMs = Math.max(0, Math.round(performance.now() - beganMs - toneMs));
    return fine(`Asterisk fetches from it (${tookMs} ms the first time)`);
  });
}

/** The bot holds the port, so what can be asked is whether it is well. */
async function ofTheRunningBot({ config, fetch }: Exam, signal: AbortSignal): Promise<Finding> {
  const { bind, port, url = `http://${bind === '0.0.0.0' ? '127.0.0.1' : bind}:${port}` } = config.media;
  try {
    const response = await fetch(new URL('/health', url), { signal });
    if (response.ok) return fine(`the bot that runs serves at ${url}, and says that it is well`);
    throw new Error(`it answers ${response.status}`);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return troubleWith(new ParleyError('line-playback-failed', { media: url, reason: messageOf(reason) }));
  }
}
