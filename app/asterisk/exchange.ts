import { randomBytes } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { VoiceRecorder } from '../media/voice-recorder.ts';
import type { Log } from '../ops/log.ts';
import type { Metrics } from '../ops/metrics.ts';
import { type AriConnection, isGone } from './ari/connection.ts';
import type { AriBridge, AriChannel } from './ari/events.ts';
import { callOf, isLeg } from './lines/names.ts';
import type { PathOptions } from './lines/audio-path.ts';
import { CallerLine } from './lines/caller-line.ts';
import { RecordedPath, type RecordedPathSettings } from './lines/recorded-path.ts';
import type { Line } from './lines/spec.ts';
import { StreamedPath, type StreamedPathSettings } from './lines/streamed-path.ts';

export interface LineSettings {
  /** How a caller's audio is carried; `auto` is streamed wherever Asterisk can, and so is `streamed`, with a warning. */
  readonly kind: 'auto' | 'streamed' | 'recorded';
  readonly ringMs: number;
  /** Dial string with `{extension}`, such as `PJSIP/{extension}`. */
  readonly dialString: string;
  readonly streamed: StreamedPathSettings;
  /** Makes the recording of both voices of a call, where they are kept. */
  readonly record?: ((callId: string) => VoiceRecorder) | undefined;
  readonly recorded: RecordedPathSettings;
}

export interface ExchangeOptions {
  readonly ari: AriConnection;
  readonly line: LineSettings;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called for each call; `resumed` when it was in the hands of a process that died. */
  readonly onCall: (
    line: Line,
    call: {
      readonly resumed: boolean;
      readonly args: readonly string[];
      readonly channelLanguage: string;
    },
  ) => void;
}

/**
 * Makes a Line of each call that Asterisk hands over, and keeps Asterisk tidy: after every (re)connect it looks at
 * what is there, takes over callers whom a dead process left waiting, notices hang-ups that were missed, and removes
 * bridges, channels and recordings that belong to no call.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #lines = new Map<string, CallerLine>();
  /** Callers of a dead process who talk with another phone: they are taken over when that is over. */
  readonly #talking = new Set<string>();
  #sweeping: Promise<void> = Promise.resolve();
  /** Whether this Asterisk carries audio over a WebSocket. Who calls before it has answered waits for that. */
  #streams = Promise.resolve(false);

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { ari, log } = options;
    ari.onType('StasisStart', ({ channel, args }) => {
      if (callOf(ari.app, channel.id) === undefined) this.#take(channel, { resumed: false, args });
    });
    ari.onConnected(() => {
      this.#streams = this.#canStream();
      this.sweep().catch((error: unknown) => {
        log.warn('could not look at what is on Asterisk', { error });
      });
    });
  }

  /** Hangs up on a caller. @returns whether there is such a call. */
  hangUp(callId: string): boolean {
    const line = this.#lines.get(callId);
    void line?.hangUp();
    return line !== undefined;
  }

  /** Looks at what is on Asterisk and puts it in order. One at a time. @throws ParleyError `ari-*`. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.catch(() => undefined).then(() => this.#sweep());
    return this.#sweeping;
  }

  #take(channel: AriChannel, call: { readonly resumed: boolean; readonly args: readonly string[] }): void {
    const { ari, line: settings, metrics } = this.#options;
    if ([...this.#lines.values()].some((line) => line.channelId === channel.id)) return;
    // It names the call for as long as it is kept.
    const callId = randomBytes(8).toString('hex');
    const log = this.#options.log.with({ callId });
    const streamed = (path: PathOptions) => new StreamedPath({ ...path, ...settings.streamed });
    const recorded = (path: PathOptions) => new RecordedPath({ ...path, ...settings.recorded });
    const line = new CallerLine(channel, callId, {
      ari,
      log,
      metrics,
      ringMs: settings.ringMs,
      dialString: settings.dialString,
      paths: this.#streams.then((streams) => (streams ? [streamed, recorded] : [recorded])),
      record: settings.record,
      onClosed: () => this.#lines.delete(callId),
    });
    this.#lines.set(callId, line);
    this.#options.onCall(line, { ...call, channelLanguage: channel.language });
  }

  async #canStream(): Promise<boolean> {
    const { ari, line, log } = this.#options;
    if (line.kind === 'recorded') return false;
    try {
      if (await ari.commands.hasModule('chan_websocket.so')) return true;
      const level = line.kind === 'streamed' ? 'warn' : 'info';
      log[level]('callers are recorded, for this Asterisk has no chan_websocket (20.18, 22.8)');
    } catch (error) {
      log.warn('callers are recorded, for Asterisk could not be asked for chan_websocket', { error });
    }
    return false;
  }

  async #sweep(): Promise<void> {
    const { ari } = this.#options;
    const { app, commands } = ari;
    // What arrives while Asterisk makes its lists is not in them.
    const linesBefore = [...this.#lines.values()];
    const [channels, bridges, inApp, recordings] = await Promise.all([
      commands.listChannels(),
      commands.listBridges(),
      commands.applicationChannels(app),
      commands.listRecordings(),
    ]);

    for (const line of linesBefore) {
      if (!channels.some((channel) => channel.id === line.channelId)) line.markHungUp();
    }

    const orphaned = (name: string): boolean => {
      const callId = callOf(app, name);
      return callId !== undefined && !this.#lines.has(callId);
    };
    const talks = bridges.filter(
      (bridge) => orphaned(bridge.name) && bridge.channels.some((id) => isLeg(app, id)),
    );
    const kept = new Set(talks.flatMap((bridge) => [bridge.id, ...bridge.channels]));
    const callers = channels.filter(
      (channel) => inApp.includes(channel.id) && callOf(app, channel.id) === undefined,
    );
    for (const bridge of talks) this.#awaitEnd(bridge, callers);

    await this.#remove(
      'bridge',
      bridges.map(({ id }) => id).filter((id) => orphaned(id) && !kept.has(id)),
    );
    await this.#remove(
      'channel',
      channels.map(({ id }) => id).filter((id) => orphaned(id) && !kept.has(id)),
    );
    await this.#remove('recording', recordings.filter(orphaned));

    for (const caller of callers) {
      // It is still in Stasis: the dialplan's arguments are those it came with.
      const [, ...args] = caller.dialplan.appData.split(',');
      if (!kept.has(caller.id)) this.#take(caller, { resumed: true, args });
    }
  }

  /** Two people talk, and the process that connected them is dead: they are not disturbed. */
  #awaitEnd(bridge: AriBridge, callers: readonly AriChannel[]): void {
    const { ari, log } = this.#options;
    const leg = bridge.channels.find((id) => isLeg(ari.app, id));
    const caller = callers.find(({ id }) => bridge.channels.includes(id));
    if (leg === undefined || caller === undefined || this.#talking.has(caller.id)) return;
    this.#talking.add(caller.id);
    const unsubscribe = ari.onSubject('channel', leg, (event) => {
      if (event.type !== 'StasisEnd' && event.type !== 'ChannelDestroyed') return;
      unsubscribe();
      this.#talking.delete(caller.id);
      this.sweep().catch((error: unknown) => {
        log.warn('could not take a caller over', { error });
      });
    });
  }

  async #remove(kind: 'bridge' | 'channel' | 'recording', names: readonly string[]): Promise<void> {
    const { commands } = this.#options.ari;
    const remove = {
      bridge: (id: string) => commands.destroyBridge(id),
      channel: (id: string) => commands.hangUp(id),
      recording: (name: string) => commands.deleteRecording(name),
    }[kind];
    for (const name of names) {
      try {
        await remove(name);
        this.#options.log.info('removed what nobody owns', { kind, name });
      } catch (error) {
        if (!isGone(error))
          this.#options.log.warn('could not remove what nobody owns', {
            kind,
            name,
            reason: messageOf(error),
          });
      }
    }
  }
}
