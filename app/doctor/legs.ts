import { randomBytes } from 'node:crypto';
import { type AriConnection, isGone } from '../asterisk/ari/connection.ts';
import { wideBand } from '../asterisk/lines/media-codec.ts';
import { MediaSocket } from '../asterisk/lines/media-socket.ts';
import { concatPcm, type Pcm } from '../audio/pcm.ts';
import { ParleyError } from '../errors.ts';
import type { Exam } from './spec.ts';

export const sampleRateHz = 16_000;

/** One end of a test call. */
export interface Leg {
  readonly channelId: string;
}

/** An end at which the doctor speaks and listens, over chan_websocket. */
export interface MediaLeg extends Leg {
  readonly socket: MediaSocket;
  /** All that was heard so far. */
  heard(): Pcm;
  /** When the sample at a place in `heard` came, by `performance.now()`. */
  cameMs(sample: number): number;
}

/** Makes the ends of a test call, and removes all of them from Asterisk afterwards. */
export class TestCall {
  readonly #exam: Exam;
  readonly #ari: AriConnection;
  readonly #signal: AbortSignal;
  readonly #id: string;
  readonly #channels: string[] = [];
  readonly #bridges: string[] = [];
  readonly #sockets: MediaSocket[] = [];

  private constructor(exam: Exam, ari: AriConnection, signal: AbortSignal) {
    this.#exam = exam;
    this.#ari = ari;
    this.#signal = signal;
    this.#id = `${ari.app}-${randomBytes(4).toString('hex')}`;
  }

  /** Runs `work` with a call of its own; nothing of it is left on Asterisk when this resolves or rejects. */
  static async place<T>(exam: Exam, signal: AbortSignal, work: (call: TestCall) => Promise<T>): Promise<T> {
    const call = new TestCall(exam, await exam.ari(), signal);
    try {
      return await work(call);
    } finally {
      await call.#tidyUp();
    }
  }

  /** @throws ParleyError `ari-*`. */
  async media(): Promise<MediaLeg> {
    const ari = this.#ari;
    const signal = this.#signal;
    const channelId = this.#newChannel();
    // It enters the application when its socket is connected.
    const entered = ari.waitFor('channel', channelId, ['StasisStart'], { signal });
    const pieces: { readonly samples: Pcm; readonly atMs: number }[] = [];
    const connect = async (): Promise<MediaSocket> => {
      const connectionId = await ari.commands.externalMedia({
        channelId,
        app: ari.app,
        format: wideBand.format,
      });
      const { url, user, password } = await this.#exam.asterisk();
      const opened = await MediaSocket.connect({
        url: `${url.replace(/^http/, 'ws').replace(/\/$/, '')}/media/${connectionId}`,
        user,
        password,
        codec: wideBand,
        log: this.#exam.log,
        onAudio: (samples) => void pieces.push({ samples: samples.slice(), atMs: performance.now() }),
        connectDeadlineMs: this.#exam.config.ari.commandDeadlineMs,
        signal,
      });
      this.#sockets.push(opened);
      return opened;
    };
    const [socket] = await Promise.all([connect(), entered]);
    return {
      channelId,
      socket,
      heard: () => concatPcm(pieces.map(({ samples }) => samples)),
      cameMs: (sample) => {
        let end = 0;
        return pieces.find(({ samples }) => sample < (end += samples.length))?.atMs ?? performance.now();
      },
    };
  }

  /**
   * Calls an extension of the dialplan.
   * @param place such as `600@phones`.
   * @returns undefined when the dialplan has no such extension, or nobody answers there.
   */
  async extension(place: string): Promise<Leg | undefined> {
    const ari = this.#ari;
    const signal = this.#signal;
    const channelId = this.#newChannel();
    const settled = ari.waitFor('channel', channelId, ['StasisStart', 'ChannelDestroyed'], { signal });
    settled.catch(() => undefined);
    try {
      await ari.commands.originate({
        channelId,
        endpoint: `Local/${place}/n`,
        app: ari.app,
        appArgs: 'call',
        callerId: 'Parley doctor',
        timeoutSeconds: 5,
      });
      return (await settled).type === 'StasisStart' ? { channelId } : undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ParleyError && error.code.startsWith('ari-command')) return undefined;
      throw error;
    }
  }

  /** Lets the ends hear each other. */
  async connect(...legs: readonly Leg[]): Promise<void> {
    const { commands } = this.#ari;
    const bridgeId = `${this.#id}-bridge-${this.#bridges.length}`;
    this.#bridges.push(bridgeId);
    await commands.createBridge(bridgeId, bridgeId);
    for (const { channelId } of legs) await commands.addToBridge(bridgeId, channelId);
  }

  #newChannel(): string {
    const channelId = `${this.#id}-${this.#channels.length}`;
    this.#channels.push(channelId);
    return channelId;
  }

  async #tidyUp(): Promise<void> {
    const { commands } = this.#ari;
    for (const socket of this.#sockets) socket.close();
    const removals = [
      ...this.#channels.map((id) => commands.hangUp(id)),
      ...this.#bridges.map((id) => commands.destroyBridge(id)),
    ];
    for (const removal of await Promise.allSettled(removals)) {
      if (removal.status === 'rejected' && !isGone(removal.reason))
        this.#exam.log.warn('something of the test call may be left on Asterisk', { error: removal.reason });
    }
  }
}
