import type { Pcm } from '../audio/pcm.ts';
import { type AriConnection, isGone } from '../asterisk/ari/connection.ts';
import { linearCodec } from '../asterisk/lines/media-codec.ts';
import { MediaSocket } from '../asterisk/lines/media-socket.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import { HeardTrack } from './heard-track.ts';
import { Microphone, type Surroundings } from './microphone.ts';

export interface CallMediaOptions {
  readonly ari: AriConnection;
  /** Such as `http://127.0.0.1:8088`, with the user and password of ARI. */
  readonly ariUrl: string;
  readonly ariUser: string;
  readonly ariPassword: string;
  readonly callId: string;
  readonly format: string;
  readonly sampleRateHz: number;
  /** Undefined for a caller in a silent room, who sends nothing but what he says. */
  readonly surroundings?: Surroundings | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const connectDeadlineMs = 5_000;

/** The ears and the mouth of one call: a bridge with a media WebSocket, made ready before the call is answered. */
export class CallMedia {
  readonly heard: HeardTrack;
  readonly #options: CallMediaOptions;
  readonly #bridgeId: string;
  readonly #mediaId: string;
  #microphone: Microphone | undefined;
  #socket: MediaSocket | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: CallMediaOptions) {
    this.#options = options;
    this.#bridgeId = `${options.callId}-bridge`;
    this.#mediaId = `${options.callId}-media`;
    this.heard = new HeardTrack({ sampleRateHz: options.sampleRateHz });
  }

  /** @throws ParleyError `ari-*`; the signal's reason. Nothing is left behind then. */
  static async open(options: CallMediaOptions): Promise<CallMedia> {
    const media = new CallMedia(options);
    try {
      await media.#open();
      return media;
    } catch (error) {
      await media.close();
      throw error;
    }
  }

  /** Lets the call hear and be heard. @throws ParleyError `ari-*`. */
  async connect(channelId: string): Promise<void> {
    const { ari, sampleRateHz, surroundings } = this.#options;
    await ari.commands.addToBridge(this.#bridgeId, channelId);
    if (surroundings === undefined || this.#closing !== undefined) return;
    const socket = this.#opened();
    this.#microphone = new Microphone({ sampleRateHz, surroundings, aheadMs: () => socket.aheadMs });
    void this.#stream(this.#microphone);
  }

  /** Says something, and resolves when it was said. @throws ParleyError `line-hung-up`; the signal's reason. */
  async play(audio: Pcm, options: { readonly signal: AbortSignal }): Promise<void> {
    if (this.#microphone !== undefined) await this.#microphone.speak(audio, options);
    else await this.#opened().play(audio, options);
    options.signal.throwIfAborted();
  }

  /** Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(): Promise<void> {
    const { ari, ariUrl, format, sampleRateHz, log, signal } = this.#options;
    const { commands } = ari;
    const started = ari.waitFor('channel', this.#mediaId, ['StasisStart'], {
      signal,
      deadlineMs: connectDeadlineMs,
    });
    const connect = async (): Promise<void> => {
      const name = await commands.externalMedia({ channelId: this.#mediaId, app: ari.app, format });
      this.#socket = await MediaSocket.connect({
        url: `${ariUrl.replace(/^http/, 'ws')}/media/${name}`,
        user: this.#options.ariUser,
        password: this.#options.ariPassword,
        codec: linearCodec(format, sampleRateHz),
        log,
        onAudio: (frame) => {
          this.heard.push(frame, performance.now());
          this.#microphone?.hear(frame);
        },
        connectDeadlineMs,
        signal,
      });
    };
    await settled([commands.createBridge(this.#bridgeId, this.#bridgeId), connect(), started]);
    await commands.addToBridge(this.#bridgeId, this.#mediaId);
  }

  /** Until the call is over. */
  async #stream(microphone: Microphone): Promise<void> {
    const { log, signal } = this.#options;
    try {
      await this.#opened().play(microphone.stream(), { signal });
    } catch (error) {
      if (!hasCode(error, 'line-hung-up')) log.warn('a caller is no longer heard', { error });
    }
    if (microphone.dropped > 0)
      log.warn('a caller was not heard wholly', { droppedPieces: microphone.dropped });
  }

  #opened(): MediaSocket {
    if (this.#socket === undefined) throw new Error('the media are not open');
    return this.#socket;
  }

  async #close(): Promise<void> {
    const { ari, log } = this.#options;
    this.#socket?.close();
    for (const remove of [
      () => ari.commands.hangUp(this.#mediaId),
      () => ari.commands.destroyBridge(this.#bridgeId),
    ]) {
      await remove().catch((error: unknown) => {
        if (!isGone(error))
          log.warn('the media of a call could not be tidied up', { reason: messageOf(error) });
      });
    }
  }
}

/** Waits for all, also when one fails, so that nothing is made after the tidying up. @throws the first failure. */
async function settled(all: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(all);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
