import WebSocket, { type RawData } from 'ws';
import { concatPcm, type Pcm } from '../../audio/pcm.ts';
import { messageOf, ParleyError } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import type { MediaCodec } from './media-codec.ts';
import type { Said, SayOptions } from './spec.ts';

export interface MediaSocketOptions {
  /** Such as `ws://127.0.0.1:8088/media/NAME`, where NAME is what `externalMedia` gave. */
  readonly url: string;
  /** Those of ARI. */
  readonly user: string;
  readonly password: string;
  /** That of the channel. */
  readonly codec: MediaCodec;
  readonly log: Log;
  /** Each piece of what is heard, 20 ms as a rule. It is not kept here: whoever wants more of it keeps it. */
  readonly onAudio: (samples: Pcm) => void;
  readonly onDigit?: (digit: string) => void;
  /** The connection is over, for whatever reason but `close()`. */
  readonly onLost?: (reason: string) => void;
  readonly connectDeadlineMs: number;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
}

/**
 * What chan_websocket says in text messages, as JSON (https://docs.asterisk.org/Configuration/Channel-Drivers/WebSocket).
 * Events that are not used here are passed over.
 */
interface MediaEvent {
  readonly event: string;
  readonly optimal_frame_size?: number;
  readonly correlation_id?: string;
  readonly digit?: string;
}

/** Audio that Asterisk has been given and not played yet. It holds 20 s at most and drops what is more. */
const longestAheadMs = 8_000;
/** Asterisk tells when it has played each of these, so that the time that was heard is known to within one of them. */
const pieceMs = 200;
const frameMs = 20;
/**
 * Silence after all that is played. Asterisk reports the last mark as it looks for the frame behind it: without one it sends
 * nothing for 20 ms, and its RTP timestamps do not tell of the hole. With every sentence a telephone's buffer would run
 * further dry. The second frame is for the way here and back.
 */
const tailMs = 2 * frameMs;

interface Playing {
  /** What was sent, in milliseconds. */
  sentMs: number;
  /** What Asterisk has begun to play for certain, and when that was known. */
  playedMs: number;
  playedAtMs: number;
  wake: () => void;
  readonly onSent: SayOptions['onSent'];
  readonly onStarted: SayOptions['onStarted'];
  readonly onPlayed: SayOptions['onPlayed'];
}

/**
 * A caller's two-way audio as a WebSocket to Asterisk (chan_websocket): binary messages are audio, text messages
 * are commands and events. Asterisk paces what it is sent, so audio goes out as fast as it is made, up to a limit.
 */
export class MediaSocket {
  readonly #socket: WebSocket;
  readonly #options: MediaSocketOptions;
  readonly #marks = new Map<string, () => void>();
  readonly #over = new AbortController();
  #playing: Playing | undefined;
  #held = false;
  #count = 0;

  private constructor(socket: WebSocket, options: MediaSocketOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Connects, and resolves when audio can flow. @throws ParleyError `ari-unreachable`; the signal's reason. */
  static async connect(options: MediaSocketOptions): Promise<MediaSocket> {
    const { url, user, password, connectDeadlineMs, signal } = options;
    signal.throwIfAborted();
    const socket = new WebSocket(url, ['media'], {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      perMessageDeflate: false,
      handshakeTimeout: connectDeadlineMs,
    });
    const media = new MediaSocket(socket, options);
    const { promise: started, resolve, reject } = Promise.withResolvers<undefined>();
    const unreachable = (reason: string): void => reject(new ParleyError('ari-unreachable', { url, reason }));
    const aborted = (): void => reject(signal.reason as Error);
    const timer = setTimeout(() => unreachable('no MEDIA_START'), connectDeadlineMs);
    signal.addEventListener('abort', aborted, { once: true });
    socket.on('message', (data, isBinary) => {
      if (media.#over.signal.aborted) return;
      if (isBinary) media.#hear(toBuffer(data));
      else if (media.#heed(toBuffer(data)) === 'MEDIA_START') resolve(undefined);
    });
    socket.on('error', (error) => unreachable(messageOf(error)));
    socket.on('close', (code, reason) => {
      const why = `closed (${code}${reason.length > 0 ? `, ${reason.toString()}` : ''})`;
      unreachable(why);
      if (media.#end()) options.onLost?.(why);
    });
    try {
      await started;
      return media;
    } catch (error) {
      media.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
  }

  /** Aborted when the connection is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** What Asterisk has been given of what is played now and has not taken yet, as far as it has told, in milliseconds. */
  get aheadMs(): number {
    return this.#playing === undefined ? 0 : this.#playing.sentMs - this.#playing.playedMs;
  }

  /**
   * Plays audio of the socket's rate, one thing at a time, and resolves when Asterisk has played all of it, or when
   * `signal` has stopped it, which throws away what waits in Asterisk and is not an error.
   * @throws ParleyError `line-hung-up` when the connection is or gets lost; whatever `audio` throws.
   */
  async play(audio: AsyncIterable<Pcm> | Pcm, options: SayOptions): Promise<Said> {
    if (this.#playing !== undefined) throw new Error('a media socket plays one thing at a time');
    const playing: Playing = {
      sentMs: 0,
      playedMs: 0,
      playedAtMs: performance.now(),
      wake: () => undefined,
      onSent: options.onSent,
      onStarted: options.onStarted,
      onPlayed: options.onPlayed,
    };
    this.#playing = playing;
    const stop = AbortSignal.any([options.signal, this.#over.signal]);
    const wake = (): void => playing.wake();
    stop.addEventListener('abort', wake);
    try {
      await this.#feed(audio, playing, stop);
      this.#over.signal.throwIfAborted();
      if (!stop.aborted) return { completed: true, heardMs: playing.sentMs };
      this.#command('FLUSH_MEDIA');
      const sinceMs = Math.min(pieceMs, performance.now() - playing.playedAtMs);
      return { completed: false, heardMs: Math.min(playing.sentMs, playing.playedMs + sinceMs) };
    } finally {
      stop.removeEventListener('abort', wake);
      this.#marks.clear();
      this.#playing = undefined;
    }
  }

  /** Ends the connection, and with it the channel in Asterisk; what is being played rejects. Idempotent. */
  close(): void {
    if (!this.#end()) return;
    // A socket that is still connecting emits an error when it is ended.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
  }

  /** @returns whether it was not over before. */
  #end(): boolean {
    if (this.#over.signal.aborted) return false;
    this.#over.abort(new ParleyError('line-hung-up'));
    return true;
  }

  /** Sends the audio piece by piece, never too far ahead, and waits until it was played. Returns early when stopped. */
  async #feed(audio: AsyncIterable<Pcm> | Pcm, playing: Playing, stop: AbortSignal): Promise<void> {
    const { sampleRateHz } = this.#options.codec;
    const until = async (ready: () => boolean): Promise<void> => {
      while (!stop.aborted && !ready()) await new Promise<void>((resolve) => (playing.wake = resolve));
    };
    const pieceLength = (sampleRateHz * pieceMs) / 1000;
    const frameLength = (sampleRateHz * frameMs) / 1000;
    let rest: Pcm = new Int16Array(0);
    for await (const more of audio instanceof Int16Array ? [audio] : untilStopped(audio, stop)) {
      rest = rest.length === 0 ? more : concatPcm([rest, more]);
      while (rest.length >= pieceLength) {
        await until(() => !this.#held && playing.sentMs - playing.playedMs < longestAheadMs);
        if (stop.aborted) return;
        this.#send(rest.subarray(0, pieceLength), playing);
        rest = rest.subarray(pieceLength);
      }
      // A synthesiser that is slower than speech: what is there is played, in whole frames.
      const whole = rest.length - (rest.length % frameLength);
      if (whole > 0 && playing.sentMs - playing.playedMs < pieceMs) {
        this.#send(rest.subarray(0, whole), playing);
        rest = rest.subarray(whole);
      }
    }
    if (stop.aborted) return;
    if (rest.length > 0) this.#send(padded(rest, frameLength), playing);
    if (playing.sentMs > 0) this.#sendAudio(new Int16Array((sampleRateHz * tailMs) / 1000));
    await until(() => playing.playedMs >= playing.sentMs);
  }

  #send(samples: Pcm, playing: Playing): void {
    if (playing.sentMs === 0) this.#markStart(playing);
    this.#sendAudio(samples);
    playing.sentMs += (samples.length / this.#options.codec.sampleRateHz) * 1000;
    const playedMs = playing.sentMs;
    this.#mark(() => {
      playing.playedMs = playedMs;
      playing.playedAtMs = performance.now();
      playing.onPlayed?.(playedMs);
      playing.wake();
    });
  }

  #sendAudio(samples: Pcm): void {
    this.#socket.send(this.#options.codec.encode(samples), { binary: true });
  }

  /** A mark before the first sample comes back when Asterisk takes that one. */
  #markStart(playing: Playing): void {
    playing.onSent?.();
    this.#mark(() => {
      playing.playedAtMs = performance.now();
      playing.onStarted?.();
    });
  }

  #mark(reached: () => void): void {
    const mark = String(++this.#count);
    this.#marks.set(mark, reached);
    this.#command('MARK_MEDIA', { correlation_id: mark });
  }

  #command(command: string, more: Readonly<Record<string, string>> = {}): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ command, ...more }));
  }

  #hear(bytes: Buffer): void {
    this.#guarded('audio', () => this.#options.onAudio(this.#options.codec.decode(bytes)));
  }

  #heed(bytes: Buffer): string {
    const event = parseEvent(bytes);
    switch (event.event) {
      case 'MEDIA_MARK_PROCESSED': {
        const played = this.#marks.get(event.correlation_id ?? '');
        this.#marks.delete(event.correlation_id ?? '');
        played?.();
        break;
      }
      case 'MEDIA_XOFF':
        this.#held = true;
        break;
      case 'MEDIA_XON':
        this.#held = false;
        this.#playing?.wake();
        break;
      case 'DTMF_END':
        this.#guarded('digit', () => this.#options.onDigit?.(event.digit ?? ''));
        break;
      default:
    }
    return event.event;
  }

  #guarded(event: string, listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#options.log.error('a listener failed', { event, error });
    }
  }
}

/** The same pieces, ended by `stop` even while the next one is being made; what fails after that does not matter. */
async function* untilStopped(audio: AsyncIterable<Pcm>, stop: AbortSignal): AsyncGenerator<Pcm> {
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  stop.addEventListener('abort', end);
  if (stop.aborted) end();
  const iterator = audio[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = iterator.next();
      const result = await Promise.race([next, stopped]).catch((error: unknown) => {
        if (stop.aborted) return undefined;
        throw error;
      });
      if (result === undefined) next.catch(() => undefined);
      if (result === undefined || result.done === true) return;
      yield result.value;
    }
  } finally {
    stop.removeEventListener('abort', end);
    iterator.return?.()?.catch(() => undefined);
  }
}

function parseEvent(bytes: Buffer): MediaEvent {
  try {
    const event: unknown = JSON.parse(bytes.toString());
    if (typeof event === 'object' && event !== null && 'event' in event) return event as MediaEvent;
  } catch {
    // Not JSON: nothing that was asked for.
  }
  return { event: '' };
}

function padded(samples: Pcm, multiple: number): Pcm {
  const whole = new Int16Array(Math.ceil(samples.length / multiple) * multiple);
  whole.set(samples);
  return whole;
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
