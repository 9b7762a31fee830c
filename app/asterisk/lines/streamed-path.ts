import { EchoGuard } from '../../audio/echo-guard.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { resample, Resampler } from '../../audio/resample.ts';
import type { VoiceRules } from '../../audio/voice-activity.ts';
import type { VoiceDetector } from '../../audio/voice-detector.ts';
import { ParleyError } from '../../errors.ts';
import { isGone } from '../ari/connection.ts';
import type { AudioPath, PathOptions } from './audio-path.ts';
import { CallerEar } from './caller-ear.ts';
import { codecFor, nativeFormats, wideBand } from './media-codec.ts';
import { MediaSocket } from './media-socket.ts';
import type { Said, SayOptions, Speech } from './spec.ts';

export interface StreamedPathSettings {
  /** Where Asterisk's WebSockets are: the address of ARI, with its user and password. */
  readonly ariUrl: string;
  readonly ariUser: string;
  readonly ariPassword: string;
  readonly detector: VoiceDetector;
  readonly voice: VoiceRules;
  readonly maxUtteranceMs: number;
  /** How long nothing may come from the caller before it is told. */
  readonly noAudioMs: number;
  readonly connectDeadlineMs: number;
}

/** A telephone that sends nothing while its user is silent: after this, missing audio counts as silence. */
const gapMs = 200;
const tickMs = 100;
/** Of recordings. */
const recordedHz = 16_000;

/**
 * A caller's audio as it is spoken, both ways, over a WebSocket to Asterisk (chan_websocket, Asterisk 20.18 and 22.8):
 * no files on the way, no port of the app, no NAT.
 */
export class StreamedPath implements AudioPath {
  readonly kind = 'streamed';
  readonly #options: PathOptions & StreamedPathSettings;
  readonly #mediaId: string;
  readonly #abandoned = new AbortController();
  #codec = wideBand;
  #socket: MediaSocket | undefined;
  #ear: CallerEar | undefined;
  #tick: NodeJS.Timeout | undefined;
  /** When audio came last, and how much silence was counted in its place, by `performance.now()`. */
  #lastAudioMs = 0;
  #filledMs = 0;
  #complained = false;
  #suspended = false;
  readonly #echo = new EchoGuard();
  #widener: Resampler | undefined;

  constructor(options: PathOptions & StreamedPathSettings) {
    this.#options = options;
    this.#mediaId = `${options.prefix}media`;
  }

  async start(answered: Promise<void>): Promise<void> {
    const { ari, bridgeId, channelId, connectDeadlineMs, hungUp } = this.#options;
    const signal = AbortSignal.any([hungUp, this.#abandoned.signal]);
    this.#codec = codecFor(await nativeFormats(ari, channelId));
    // The channel may be added to a bridge when it has entered the application, and not before.
    const entered = ari.waitFor('channel', this.#mediaId, ['StasisStart'], {
      signal,
      deadlineMs: connectDeadlineMs,
    });
    await Promise.all([entered, this.#connect(signal)]);
    await Promise.all([ari.commands.addToBridge(bridgeId, this.#mediaId), answered]);
    this.#ear = this.#listen();
    this.#lastAudioMs = performance.now();
    this.#tick = setInterval(() => {
      this.#watch();
    }, tickMs);
  }

  async say(speech: Speech, options: SayOptions): Promise<Said> {
    const { hungUp } = this.#options;
    const socket = this.#socket;
    try {
      if (socket === undefined || socket.over.aborted)
        throw new ParleyError('line-audio-lost', { reason: 'the media socket is closed' });
      const signal = AbortSignal.any([options.signal, hungUp]);
      this.#echo.begin();
      const onStarted = (): void => {
        this.#echo.played(0, performance.now());
        options.onStarted?.();
      };
      const said = await socket.play(this.#watched(atRate(speech, this.#codec.sampleRateHz)), {
        ...options,
        signal,
        onStarted,
        onPlayed: (playedMs) => this.#echo.played(playedMs, performance.now()),
      });
      hungUp.throwIfAborted();
      return said;
    } catch (error) {
      hungUp.throwIfAborted();
      if (socket?.over.aborted !== true) throw error;
      throw new ParleyError('line-audio-lost', { reason: 'the media socket was closed' }, { cause: error });
    } finally {
      this.#echo.ended(performance.now());
    }
  }

  /**
   * The media channel stays in the bridge: without it Asterisk (22.10) would let the two telephones' RTP pass by itself
   * (bridge_native_rtp), and was seen to leave one of them deaf then.
   */
  suspend(): Promise<void> {
    this.#suspended = true;
    this.#ear?.close();
    this.#ear = undefined;
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#ear = this.#listen();
    this.#suspended = false;
    this.#lastAudioMs = performance.now();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const { ari, log } = this.#options;
    clearInterval(this.#tick);
    this.#abandoned.abort(new ParleyError('line-hung-up'));
    this.#ear?.close();
    this.#socket?.close();
    await ari.commands.hangUp(this.#mediaId).catch((error: unknown) => {
      if (!isGone(error)) log.warn('the media channel could not be removed; the sweep will', { error });
    });
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const { ari, ariUrl, ariUser, ariPassword, connectDeadlineMs, log, onLost } = this.#options;
    const name = await ari.commands.externalMedia({
      channelId: this.#mediaId,
      app: ari.app,
      format: this.#codec.format,
    });
    this.#socket = await MediaSocket.connect({
      url: `${ariUrl.replace(/^http/, 'ws').replace(/\/$/, '')}/media/${name}`,
      user: ariUser,
      password: ariPassword,
      codec: this.#codec,
      log,
      onAudio: (samples) => {
        this.#hear(samples);
      },
      onLost,
      connectDeadlineMs,
      signal,
    });
  }

  #listen(): CallerEar {
    const { detector, voice, maxUtteranceMs, sinceAnswerMs, tell } = this.#options;
    return new CallerEar({
      detector,
      rules: voice,
      sampleRateHz: this.#codec.sampleRateHz,
      maxUtteranceMs,
      sinceAnswerMs,
      echo: this.#echo,
      tell,
    });
  }

  /** The same audio; the echo guard knows of it. */
  async *#watched(audio: AsyncIterable<Pcm> | Pcm): AsyncGenerator<Pcm> {
    for await (const piece of audio instanceof Int16Array ? [audio] : audio) {
      this.#echo.sent(piece, this.#codec.sampleRateHz);
      yield piece;
    }
  }

  #hear(samples: Pcm): void {
    this.#lastAudioMs = performance.now();
    this.#filledMs = 0;
    if (this.#complained) {
      this.#complained = false;
      this.#options.log.info('audio comes from the caller again');
    }
    this.#ear?.hear(samples);
    // While two people talk, nobody is recorded.
    if (!this.#suspended) this.#record(samples);
  }

  #record(samples: Pcm): void {
    const { heard } = this.#options;
    const { sampleRateHz } = this.#codec;
    if (heard === undefined) return;
    const beganMs = this.#lastAudioMs - (samples.length / sampleRateHz) * 1000;
    if (sampleRateHz === recordedHz) {
      heard({ samples, sampleRateHz }, beganMs);
      return;
    }
    // As one stream: pieces that were brought to another rate one by one would click.
    this.#widener ??= new Resampler(sampleRateHz, recordedHz);
    heard({ samples: this.#widener.push(samples), sampleRateHz: recordedHz }, beganMs);
  }

  #watch(): void {
    if (this.#suspended) return;
    const silentMs = performance.now() - this.#lastAudioMs;
    if (silentMs < gapMs) return;
    // In whole frames, and as much as is missing.
    const missing = Math.floor((silentMs - this.#filledMs) / 20) * 20;
    const { noAudioMs, log, metrics } = this.#options;
    metrics.audioMissing(missing, this.#filledMs === 0);
    this.#filledMs += missing;
    this.#ear?.fill((missing * this.#codec.sampleRateHz) / 1000);
    if (silentMs < noAudioMs || this.#complained) return;
    this.#complained = true;
    metrics.noCallerAudio();
    log.warn('no audio from the caller', {
      error: new ParleyError('line-no-caller-audio', { silentMs: Math.round(silentMs) }),
    });
  }
}

/** What was brought to another rate as a whole is said again and again: prompts. */
const converted = new WeakMap<Pcm, Pcm>();

function atRate({ audio, sampleRateHz: from }: Speech, to: number): AsyncIterable<Pcm> | Pcm {
  if (from === to) return audio;
  if (!(audio instanceof Int16Array)) return resampled(audio, from, to);
  const known = converted.get(audio) ?? resample(audio, from, to);
  converted.set(audio, known);
  return known;
}

async function* resampled(audio: AsyncIterable<Pcm>, from: number, to: number): AsyncGenerator<Pcm> {
  const resampler = new Resampler(from, to);
  for await (const piece of audio) yield resampler.push(piece);
  yield resampler.end();
}
