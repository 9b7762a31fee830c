import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, messageOf, ParleyError } from '../../errors.ts';
import type { VoiceRecorder } from '../../media/voice-recorder.ts';
import type { Log } from '../../ops/log.ts';
import type { Metrics } from '../../ops/metrics.ts';
import { type AriConnection, isGone } from '../ari/connection.ts';
import type { AriChannel, AriEvent } from '../ari/events.ts';
import type { AudioPath, PathOptions } from './audio-path.ts';
import { connectToPhone } from './connect.ts';
import { namePrefix } from './names.ts';
import { sayRecorded } from './recorded-speech.ts';
import type {
  CallerId,
  ConnectOutcome,
  Line,
  LineEvent,
  LineRecording,
  Said,
  SayOptions,
  Speech,
} from './spec.ts';

export interface CallerLineOptions {
  readonly ari: AriConnection;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ringMs: number;
  /** Dial string with `{extension}`, such as `PJSIP/{extension}`. */
  readonly dialString: string;
  /** Ways to carry the audio, the best first. Each is tried anew when one has broken off. */
  readonly paths: Promise<readonly ((options: PathOptions) => AudioPath)[]>;
  /** Makes the recording of both voices, where they are kept; called when the call is answered. */
  readonly record?: ((callId: string) => VoiceRecorder) | undefined;
  /** Called once, when nothing of the line is left. */
  readonly onClosed: (line: CallerLine) => void;
}

/** Events kept for a listener that is not there yet. */
const maxKeptEvents = 64;

/** A caller on Asterisk: a channel in a bridge, and a way to carry its audio that is replaced when it breaks off. */
export class CallerLine implements Line {
  readonly callId: string;
  readonly caller: CallerId;
  readonly dialled: string;
  readonly hungUp: AbortSignal;
  readonly #options: CallerLineOptions;
  readonly #channelId: string;
  readonly #bridgeId: string;
  readonly #prefix: string;
  readonly #gone = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #kept: LineEvent[] = [];
  #listener: ((event: LineEvent) => void) | undefined;
  #answeredAtMs = 0;
  /** The way the audio is carried now; a promise while it is being replaced. */
  #path: Promise<AudioPath> | undefined;
  #paths = 0;
  /** True while somebody else than the bot talks with the caller. */
  #away = false;
  #legs = 0;
  #closing: Promise<void> | undefined;
  #kind: AudioPath['kind'] | undefined;
  #recorder: VoiceRecorder | undefined;
  #recording: LineRecording | undefined;
  #hungUpBy: 'operator' | undefined;

  constructor(channel: AriChannel, callId: string, options: CallerLineOptions) {
    this.callId = callId;
    this.caller = { number: channel.caller.number, name: channel.caller.name };
    this.dialled = channel.dialplan.exten;
    this.#options = options;
    this.#channelId = channel.id;
    this.#prefix = namePrefix(options.ari.app, callId);
    this.#bridgeId = `${this.#prefix}bridge`;
    this.hungUp = this.#gone.signal;
    this.#unsubscribe = options.ari.onSubject('channel', channel.id, (event) => {
      this.#heed(event);
    });
  }

  get kind(): AudioPath['kind'] | undefined {
    return this.#kind;
  }

  get recording(): LineRecording | undefined {
    return this.#recording;
  }

  get hungUpBy(): 'operator' | undefined {
    return this.#hungUpBy;
  }

  get channelId(): string {
    return this.#channelId;
  }

  onEvent(listener: (event: LineEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) this.#tell(event);
  }

  async answer(): Promise<void> {
    const { ari, ringMs } = this.#options;
    const { commands } = ari;
    await this.#orHungUp(async () => {
      if (ringMs > 0) {
        await commands.ring(this.#channelId);
        await sleep(ringMs, undefined, { signal: this.hungUp });
      }
      await commands.createBridge(this.#bridgeId, this.#bridgeId);
      const answered = commands.answer(this.#channelId).then(async () => {
        this.#answeredAtMs = performance.now();
        this.#recorder = this.#options.record?.(this.callId);
        await commands.addToBridge(this.#bridgeId, this.#channelId);
      });
      this.#path = this.#open(answered);
      await Promise.all([answered, this.#path]);
    });
  }

  say(speech: Speech, options: SayOptions): Promise<Said> {
    const say = (what: Speech, how: SayOptions): Promise<Said> => this.#say(what, how);
    return this.#recorder === undefined
      ? say(speech, options)
      : sayRecorded(this.#recorder, speech, options, say);
  }

  async #say(speech: Speech, options: SayOptions): Promise<Said> {
    return this.#orHungUp(async () => {
      for (;;) {
        const path = this.#path;
        if (path === undefined) throw new Error('a line is answered before anything is said');
        try {
          return await (await path).say(speech, options);
        } catch (error) {
          if (!hasCode(error, 'line-audio-lost')) throw error;
          // Nothing takes its place any more.
          if (this.#closing !== undefined) throw new ParleyError('line-hung-up');
          // Said again by the path that takes its place.
          if (this.#path === path) this.#replace(await path, messageOf(error));
        }
      }
    });
  }

  async connect(
    extension: string,
    options: { readonly signal: AbortSignal; readonly ringMs: number },
  ): Promise<ConnectOutcome> {
    const { ari, log, dialString } = this.#options;
    return this.#orHungUp(async () => {
      this.#away = true;
      await (await this.#path)?.suspend();
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
        if (!this.hungUp.aborted) await (await this.#path)?.resume();
      }
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#tearDown();
    return this.#closing;
  }

  /** Hangs up on the caller, as an operator may: what the caller then hears of the call is its end. Never rejects. */
  async hangUp(): Promise<void> {
    const { ari, log } = this.#options;
    if (!this.hungUp.aborted) this.#hungUpBy = 'operator';
    await ari.commands.hangUp(this.#channelId).catch((error: unknown) => {
      if (!isGone(error)) log.warn('the call could not be ended', { error });
    });
  }

  /** For a hang-up that was missed while there was no connection to Asterisk. */
  markHungUp(): void {
    this.#unsubscribe();
    this.#gone.abort(new ParleyError('line-hung-up'));
  }

  /** Opens the first path that can be opened. @throws ParleyError what the last one failed with. */
  async #open(answered: Promise<void>): Promise<AudioPath> {
    const { ari, log, metrics } = this.#options;
    const paths = await this.#options.paths;
    for (const [at, make] of paths.entries()) {
      const path: AudioPath = make({
        ari,
        log,
        metrics,
        channelId: this.#channelId,
        bridgeId: this.#bridgeId,
        prefix: `${this.#prefix}${++this.#paths}-`,
        hungUp: this.hungUp,
        tell: (event) => {
          this.#tell(event);
        },
        heard: this.#options.record && ((audio, atMs) => this.#recorder?.caller(audio, atMs)),
        sinceAnswerMs: () => performance.now() - this.#answeredAtMs,
        onLost: (reason) => {
          this.#replace(path, reason);
        },
      });
      try {
        await path.start(answered);
        this.#kind = path.kind;
        return path;
      } catch (error) {
        await path.close();
        this.hungUp.throwIfAborted();
        if (at === paths.length - 1) throw error;
        log.warn('the audio is carried in another way', { failed: path.kind, error });
      }
    }
    throw new Error('a line needs a way to carry audio');
  }

  #replace(lost: AudioPath, reason: string): void {
    if (this.hungUp.aborted || this.#closing !== undefined) return;
    this.#options.log.warn('the caller’s audio broke off', { path: lost.kind, reason });
    this.#options.metrics.audioLost(lost.kind);
    const next = lost.close().then(() => this.#open(Promise.resolve()));
    this.#path = next;
    next.then(
      (path) => (this.#away ? path.suspend() : undefined),
      (error: unknown) => {
        if (!this.hungUp.aborted) this.#options.log.error('the caller can no longer be heard', { error });
      },
    );
  }

  async #tearDown(): Promise<void> {
    const { ari, log, onClosed } = this.#options;
    const { commands } = ari;
    const steps = [
      async () => (await this.#path)?.close(),
      () => (this.hungUp.aborted ? Promise.resolve() : commands.hangUp(this.#channelId)),
      () => commands.destroyBridge(this.#bridgeId),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        if (!isGone(error) && !this.hungUp.aborted)
          log.warn('the line could not be tidied up wholly; the sweep will', { error });
      }
    }
    await this.#endRecording();
    this.markHungUp();
    this.#listener = undefined;
    onClosed(this);
  }

  /** Never throws. */
  async #endRecording(): Promise<void> {
    const recorder = this.#recorder;
    const size = await recorder?.close();
    if (recorder === undefined || size === undefined) return;
    this.#recording = { file: recorder.file, startedAtMs: recorder.startedAtMs, ...size };
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
        this.#tell({ kind: 'digit', digit: event.digit });
        return;
      default:
    }
  }

  #tell(event: LineEvent): void {
    if (this.#away || this.hungUp.aborted) return;
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
