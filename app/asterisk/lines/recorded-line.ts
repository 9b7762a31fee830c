import { setTimeout as sleep } from 'node:timers/promises';
import { type Audio, durationMs, sliceMs } from '../../audio/pcm.ts';
import { trimSilence } from '../../audio/trim.ts';
import { readMonoWav, writeWav } from '../../audio/wav.ts';
import { hasCode, ParleyError } from '../../errors.ts';
import { normaliseRecording } from '../../media/sox.ts';
import type { Log } from '../../ops/log.ts';
import { type AriConnection, isGone } from '../ari/connection.ts';
import type { AriChannel, AriEvent } from '../ari/events.ts';
import { CallerRecorder, type CallerRecording } from './caller-recorder.ts';
import { connectToPhone } from './connect.ts';
import type { MediaServer } from './media-server.ts';
import { namePrefix } from './names.ts';
import { playToCaller } from './playback.ts';
import type { CallerId, ConnectOutcome, Line, LineEvent, Said, Speech } from './spec.ts';

export interface RecordedLineOptions {
  readonly ari: AriConnection;
  readonly media: MediaServer;
  readonly log: Log;
  readonly ringMs: number;
  readonly silenceMs: number;
  readonly talkThreshold: number;
  readonly maxUtteranceMs: number;
  readonly keepRecordings: boolean;
  /** Dial string with `{extension}`, such as `PJSIP/{extension}`. */
  readonly dialString: string;
  readonly soxPath: string;
  readonly trimThresholdDbfs: number;
  readonly trimWindowMs: number;
  /** Called once, when nothing of the line is left. */
  readonly onClosed: (line: RecordedLine) => void;
}

/** Audio kept from before the talk detector noticed the caller: soft first sounds lie under its threshold. */
const prerollMs = 700;

/** Events kept for a listener that is not there yet. */
const maxKeptEvents = 16;

/**
 * A caller's two-way audio by ARI record and playback, which every Asterisk since 13 can do.
 * Asterisk's talk detector tells in milliseconds when the caller begins and stops to speak; a snoop channel records
 * the caller alone, also while the bot speaks.
 */
export class RecordedLine implements Line {
  readonly callId: string;
  readonly caller: CallerId;
  readonly dialled: string;
  readonly hungUp: AbortSignal;
  readonly #options: RecordedLineOptions;
  readonly #channelId: string;
  readonly #bridgeId: string;
  readonly #prefix: string;
  readonly #gone = new AbortController();
  readonly #recorder: CallerRecorder;
  readonly #unsubscribe: () => void;
  readonly #kept: LineEvent[] = [];
  #listener: ((event: LineEvent) => void) | undefined;
  #answeredAtMs = 0;
  /** When the caller began to speak, by Asterisk's clock; undefined while the caller is silent. */
  #talkingSinceMs: number | undefined;
  #talkLimit: NodeJS.Timeout | undefined;
  /** True while somebody else than the bot talks with the caller. */
  #away = false;
  #legs = 0;
  #closing: Promise<void> | undefined;

  constructor(channel: AriChannel, callId: string, options: RecordedLineOptions) {
    this.callId = callId;
    this.caller = { number: channel.caller.number, name: channel.caller.name };
    this.dialled = channel.dialplan.exten;
    this.#options = options;
    this.#channelId = channel.id;
    this.#prefix = namePrefix(options.ari.app, callId);
    this.#bridgeId = `${this.#prefix}bridge`;
    this.hungUp = this.#gone.signal;
    this.#recorder = new CallerRecorder({
      ari: options.ari,
      channelId: channel.id,
      prefix: this.#prefix,
      keepRecordings: options.keepRecordings,
      signal: this.hungUp,
      log: options.log,
    });
    this.#unsubscribe = options.ari.onSubject('channel', channel.id, (event) => {
      this.#heed(event);
    });
  }

  get channelId(): string {
    return this.#channelId;
  }

  onEvent(listener: (event: LineEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) this.#tell(event);
  }

  async answer(): Promise<void> {
    const { ari, ringMs, silenceMs, talkThreshold } = this.#options;
    const { commands } = ari;
    await this.#orHungUp(async () => {
      if (ringMs > 0) {
        await commands.ring(this.#channelId);
        await sleep(ringMs, undefined, { signal: this.hungUp });
      }
      await Promise.all([
        commands.answer(this.#channelId),
        commands.createBridge(this.#bridgeId, this.#bridgeId),
        commands.setVariable(this.#channelId, 'TALK_DETECT(set)', `${silenceMs},${talkThreshold}`),
      ]);
      this.#answeredAtMs = Date.now();
      await commands.addToBridge(this.#bridgeId, this.#channelId);
      await this.#recorder.start();
    });
  }

  async say(speech: Speech, options: { readonly signal: AbortSignal }): Promise<Said> {
    const { ari, media, log } = this.#options;
    return this.#orHungUp(() =>
      playToCaller(speech, {
        ari,
        media,
        log,
        channelId: this.#channelId,
        hungUp: this.hungUp,
        signal: options.signal,
      }),
    );
  }

  async connect(
    extension: string,
    options: { readonly signal: AbortSignal; readonly ringMs: number },
  ): Promise<ConnectOutcome> {
    const { ari, log, dialString } = this.#options;
    return this.#orHungUp(async () => {
      this.#away = true;
      await this.#recorder.pause();
      try {
        return await connectToPhone({
          ari,
          log,
          endpoint: dialString.replace('{extension}', extension),
          callerId: this.caller,
          callerChannelId: this.#channelId,
          bridgeId: this.#bridgeId,
          channelId: `${this.#prefix}leg-${++this.#legs}`,
          ringMs: options.ringMs,
          signal: AbortSignal.any([options.signal, this.hungUp]),
        });
      } finally {
        this.#away = false;
        this.#endTalk();
        if (!this.hungUp.aborted) await this.#recorder.resume();
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#tearDown();
    return this.#closing;
  }

  /** For a hang-up that was missed while there was no connection to Asterisk. */
  markHungUp(): void {
    this.#unsubscribe();
    this.#endTalk();
    this.#gone.abort(new ParleyError('line-hung-up'));
  }

  async #tearDown(): Promise<void> {
    const { ari, log } = this.#options;
    const { commands } = ari;
    const steps = [
      () => this.#recorder.close(),
      () => (this.hungUp.aborted ? Promise.resolve() : commands.hangUp(this.#channelId)),
      () => commands.destroyBridge(this.#bridgeId),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        if (!isGone(error)) log.warn('the line could not be tidied up wholly; the sweep will', { error });
      }
    }
    this.markHungUp();
    this.#listener = undefined;
    this.#options.onClosed(this);
  }

  /** Whatever fails once the caller is gone failed because of it. */
  async #orHungUp<T>(work: () => Promise<T>): Promise<T> {
    this.hungUp.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      // What Asterisk does for a caller fails a moment before it tells of the hang-up.
      if (!this.hungUp.aborted && (isGone(error) || !(await this.#isThere()))) this.markHungUp();
      this.hungUp.throwIfAborted();
      throw error;
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#options.ari.commands.getVariable(this.#channelId, 'CHANNEL(state)');
      return true;
    } catch (error) {
      return !isGone(error);
    }
  }

  #heed(event: AriEvent): void {
    switch (event.type) {
      case 'StasisEnd':
      case 'ChannelDestroyed':
        this.markHungUp();
        return;
      case 'ChannelDtmfReceived':
        if (!this.#away) this.#tell({ kind: 'digit', digit: event.digit });
        return;
      case 'ChannelTalkingStarted':
        if (!this.#away) this.#talkBegan(Date.parse(event.timestamp));
        return;
      case 'ChannelTalkingFinished':
        if (!this.#away) void this.#talkEnded(Date.parse(event.timestamp));
        return;
      default:
    }
  }

  #talkBegan(atMs: number): void {
    this.#talkingSinceMs = atMs;
    this.#talkLimit = setTimeout(() => {
      this.#options.log.info('the caller has spoken for the longest time of a turn');
      void this.#talkEnded(atMs + this.#options.maxUtteranceMs);
    }, this.#options.maxUtteranceMs);
    this.#tell({ kind: 'speech-started', atMs: atMs - this.#answeredAtMs });
  }

  #endTalk(): number | undefined {
    clearTimeout(this.#talkLimit);
    const since = this.#talkingSinceMs;
    this.#talkingSinceMs = undefined;
    return since;
  }

  async #talkEnded(atMs: number): Promise<void> {
    const sinceMs = this.#endTalk();
    if (sinceMs === undefined || !this.#recorder.recording) return;
    try {
      const recording = await this.#recorder.take();
      this.#tell({
        kind: 'utterance',
        audio: await this.#prepare(recording, sinceMs),
        endedAtMs: atMs - this.#answeredAtMs,
        silenceMs: this.#options.silenceMs,
      });
    } catch (error) {
      if (this.hungUp.aborted || hasCode(error, 'line-hung-up')) return;
      this.#options.log.error('the caller could not be recorded', { error });
      // The conversation asks again instead of waiting for ever.
      this.#tell({
        kind: 'utterance',
        audio: { samples: new Int16Array(0), sampleRateHz: 8_000 },
        endedAtMs: atMs - this.#answeredAtMs,
        silenceMs: this.#options.silenceMs,
      });
      if (!this.hungUp.aborted) await this.#recorder.resume().catch(() => undefined);
    }
  }

  /** From what Asterisk recorded to what a recogniser wants: the utterance alone, 16 kHz mono. */
  async #prepare({ wav, startedAtMs, endedAtMs }: CallerRecording, sinceMs: number): Promise<Audio> {
    const { soxPath, trimThresholdDbfs, trimWindowMs } = this.#options;
    const whole = readMonoWav(wav, 'the caller’s recording');
    // Counted from its beginning and from its end: on a busy machine a recording begins late or has holes, and the
    // earlier of the two places loses no word. Silence that is too much is trimmed below.
    const fromBeginningMs = sinceMs - startedAtMs;
    const fromEndMs = durationMs(whole) - (endedAtMs - sinceMs);
    const recorded = sliceMs(whole, Math.min(fromBeginningMs, fromEndMs) - prerollMs);
    const normalised = await normaliseRecording(writeWav(recorded), { soxPath, signal: this.hungUp });
    const { samples } = trimSilence(normalised.samples, normalised.sampleRateHz, {
      thresholdDbfs: trimThresholdDbfs,
      windowMs: trimWindowMs,
    });
    return { samples, sampleRateHz: normalised.sampleRateHz };
  }

  #tell(event: LineEvent): void {
    if (this.#listener === undefined) {
      if (this.#kept.length < maxKeptEvents) this.#kept.push(event);
      return;
    }
    try {
      this.#listener(event);
    } catch (error) {
      this.#options.log.error('a listener failed', { event: event.kind, error });
    }
  }
}
