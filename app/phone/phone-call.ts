import { setTimeout as delay } from 'node:timers/promises';
import type { Audio, Pcm } from '../audio/pcm.ts';
import { resample } from '../audio/resample.ts';
import { type AriConnection, isGone } from '../asterisk/ari/connection.ts';
import type { AriEvent } from '../asterisk/ari/events.ts';
import { ParleyError } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import type { TextToSpeech } from '../speech/spec.ts';
import type { CallMedia } from './call-media.ts';
import { endingOf, type CallEnd } from './call-end.ts';
import type { Ears } from './ears/ears.ts';
import { Listener, type ExpectOptions, type HearOptions, type ListenOptions } from './listener.ts';
import { takeRecordedFile, type CallRecording } from './recording.ts';
import type { Span } from './turn-times.ts';
import { synthesise } from './voice.ts';

export interface PhoneCallOptions {
  readonly id: string;
  readonly channelId: string;
  /** Who was called, or who calls. */
  readonly number: string;
  readonly ari: AriConnection;
  readonly media: CallMedia;
  readonly ears: Ears;
  readonly voice: TextToSpeech;
  /** Of the media, and of the recording. */
  readonly sampleRateHz: number;
  /** Files of the phone's recorder, complete soon after the call. */
  readonly recordedFiles: { readonly caller: string; readonly bot: string };
  /** By the clock of `performance.now()`: when the INVITE was sent, and when the recorder began. */
  readonly inviteMs: number;
  readonly recordingMs: number;
  readonly log: Log;
  /** Called once, when nothing of the call is left. */
  readonly onClosed: (call: PhoneCall) => void;
}

export interface SayOptions {
  readonly voice?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PressOptions {
  /** Between two keys; as fast as a telephone's own redial when absent. */
  readonly pauseMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Length of a digit and of the pause after it, as Asterisk sends them when nothing else is asked for. */
const digitMs = 100;
const digitPauseMs = 100;

/** One call of the phone, from the answer to the end, with somebody (or something) at the other side. */
export class PhoneCall {
  readonly id: string;
  readonly number: string;
  /** Resolves when the call is over, for whatever reason; never rejects. */
  readonly ended: Promise<CallEnd>;
  readonly #options: PhoneCallOptions;
  readonly #listener: Listener;
  readonly #over = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #turns: Span[] = [];
  #end: (end: CallEnd) => void;
  #hangingUp = false;
  #digits = '';
  #recording: Promise<CallRecording> | undefined;

  constructor(options: PhoneCallOptions) {
    this.id = options.id;
    this.number = options.number;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<CallEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#listener = new Listener({
      heard: options.media.heard,
      ears: options.ears,
      over: this.#over.signal,
    });
    this.#unsubscribe = options.ari.onSubject('channel', options.channelId, (event) => {
      this.#heed(event);
    });
  }

  /** Aborted, with a ParleyError `line-hung-up` as its reason, when the call is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /**
   * Speaks by the synthesiser and resolves when it was said wholly.
   * @throws ParleyError `line-hung-up`, `tts-*`; the signal's reason.
   */
  async say(text: string, options: SayOptions = {}): Promise<void> {
    const signal = this.#signal(options.signal);
    signal.throwIfAborted();
    const { voice, sampleRateHz } = this.#options;
    const samples = await synthesise(voice, text, { voice: options.voice, sampleRateHz, signal });
    await this.#play(samples, signal);
  }

  /** Plays audio of any rate and resolves when it was played wholly. @throws as `say`. */
  async play(audio: Audio, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const samples = resample(audio.samples, audio.sampleRateHz, this.#options.sampleRateHz);
    await this.#play(samples, this.#signal(options.signal));
  }

  /** Presses keys (0-9 * # A-D) one after the other, sent as RFC 4733 events. @throws ParleyError `line-hung-up`, `ari-*`, `phone-usage`. */
  async press(digits: string, options: PressOptions = {}): Promise<void> {
    if (!/^[0-9*#A-D]+$/.test(digits))
      throw new ParleyError('phone-usage', { reason: `"${digits}" are not keys of a telephone` });
    const signal = this.#signal(options.signal);
    signal.throwIfAborted();
    const fromMs = performance.now();
    for (const each of options.pauseMs === undefined ? [digits] : digits) {
      signal.throwIfAborted();
      await this.#options.ari.commands.sendDigits(this.#options.channelId, each);
      this.#listener.ask(fromMs);
      // Asterisk does not tell when it has sent them. A call that the last digit ends was pressed to its end, too.
      const takesMs = each.length * (digitMs + (options.pauseMs ?? digitPauseMs));
      await delay(takesMs, undefined, { signal }).catch(() => undefined);
    }
    this.#turns.push({ fromMs, toMs: performance.now() });
    options.signal?.throwIfAborted();
  }

  /** Lets time pass. @throws ParleyError `line-hung-up`; the signal's reason. */
  async wait(ms: number, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const signal = this.#signal(options.signal);
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  }

  /** The keys that the other side has pressed so far. */
  get digits(): string {
    return this.#digits;
  }

  /** Waits until the other side has spoken since the last say, play or press, and has been silent for a while. */
  listen(options: ListenOptions = {}): Promise<'quiet' | 'over' | 'late'> {
    return this.#listener.listen(options);
  }

  /** Waits until the other side has been speaking for a moment; for those who want to interrupt it. */
  untilSpeaking(
    options: ListenOptions & { readonly forMs?: number | undefined } = {},
  ): Promise<'speaking' | 'over' | 'late'> {
    return this.#listener.untilSpeaking(options);
  }

  /** `listen`, and what was said since the last say, play or press; '' for nothing. @throws ParleyError `stt-unavailable`; the signal's reason. */
  hear(options: HearOptions = {}): Promise<string> {
    return this.#listener.hear(options);
  }

  /** What was said since the last say, play or press, up to now. @throws as `hear`. */
  heard(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    return this.#listener.transcribe(options);
  }

  /**
   * Waits until the other side has said something that fits, since the last say, play or press.
   * @returns all that was said.
   * @throws ParleyError `phone-expectation-failed`, `phone-usage` for a pattern that is none.
   */
  expect(pattern: string | RegExp, options: ExpectOptions = {}): Promise<string> {
    return this.#listener.expect(pattern, options);
  }

  /** Ends the call. Idempotent; never throws. */
  async hangUp(): Promise<CallEnd> {
    if (!this.#hangingUp && !this.over.aborted) {
      this.#hangingUp = true;
      const { ari, channelId, log } = this.#options;
      await ari.commands.hangUp(channelId).catch((error: unknown) => {
        if (!isGone(error)) log.warn('a call could not be hung up', { error });
        // Without Asterisk there is no event to wait for either.
        this.markOver({ by: 'phone', cause: 16, says: 'Normal Clearing' });
      });
    }
    return this.ended;
  }

  /** `hangUp`, and waits until nothing of the call is left but its recording. Idempotent; never throws. */
  async close(): Promise<void> {
    await this.hangUp();
    await this.#options.media.close();
  }

  /** Both sides, once the call is over; waits for that. The files are read and removed. @throws ParleyError `audio-invalid`. */
  recording(): Promise<CallRecording> {
    this.#recording ??= this.#readRecording();
    return this.#recording;
  }

  /** For an end that comes without its event. */
  markOver(end: CallEnd): void {
    if (this.over.aborted) return;
    this.#unsubscribe();
    this.#over.abort(new ParleyError('line-hung-up'));
    this.#end(end);
    void this.#options.media.close().finally(() => this.#options.onClosed(this));
  }

  async #play(samples: Pcm, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const fromMs = performance.now();
    try {
      await this.#options.media.play(samples, { signal });
    } finally {
      const toMs = performance.now();
      this.#turns.push({ fromMs, toMs });
      this.#listener.ask(toMs);
    }
  }

  async #readRecording(): Promise<CallRecording> {
    await this.ended;
    const { recordedFiles, sampleRateHz, inviteMs, recordingMs } = this.#options;
    const [caller, bot] = await Promise.all([
      takeRecordedFile(recordedFiles.caller),
      takeRecordedFile(recordedFiles.bot),
    ]);
    const turns = this.#turns.map(({ fromMs, toMs }) => ({
      fromMs: fromMs - recordingMs,
      toMs: toMs - recordingMs,
    }));
    return { caller, bot, sampleRateHz, startMs: recordingMs - inviteMs, turns };
  }

  #heed(event: AriEvent): void {
    if (event.type === 'ChannelDtmfReceived') this.#digits += event.digit;
    if (event.type === 'ChannelDestroyed') this.markOver(endingOf(event, this.#hangingUp));
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.over : AbortSignal.any([this.over, signal]);
  }
}
