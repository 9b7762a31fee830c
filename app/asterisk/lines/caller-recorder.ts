import type { Log } from '../../ops/log.ts';
import { ParleyError, messageOf } from '../../errors.ts';
import { type AriConnection, isGone } from '../ari/connection.ts';

/** A finished recording of the caller alone. */
export interface CallerRecording {
  readonly wav: Uint8Array;
  /** When it began and ended, by Asterisk's clock (ms since 1970). */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/** How long the end of the last recording is waited for. */
const lastDeadlineMs = 1_000;

export interface CallerRecorderOptions {
  readonly ari: AriConnection;
  readonly channelId: string;
  /** Begins the name of all that is made on Asterisk. */
  readonly prefix: string;
  /** Is given what was recorded last, when it is closed; without it, that is thrown away. */
  readonly onLast?: ((recording: Pick<CallerRecording, 'wav' | 'startedAtMs'>) => void) | undefined;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Records what the caller says, without the bot, through a snoop channel: the only way to record one side of a
 * channel that is in a bridge. One recording follows the other; `take` ends one and begins the next.
 */
export class CallerRecorder {
  readonly #options: CallerRecorderOptions;
  readonly #snoopId: string;
  #current: { readonly name: string; readonly startedAtMs: number } | undefined;
  #count = 0;
  #closed = false;

  constructor(options: CallerRecorderOptions) {
    this.#options = options;
    this.#snoopId = `${options.prefix}snoop`;
  }

  /** Begins to record. @throws ParleyError `line-recording-failed`, `ari-*`; the signal's reason. */
  async start(): Promise<void> {
    const { ari, channelId, signal } = this.#options;
    const ready = ari.waitFor('channel', this.#snoopId, ['StasisStart'], { signal });
    await Promise.all([ready, ari.commands.snoop(channelId, this.#snoopId, ari.app)]);
    await this.#begin();
  }

  get recording(): boolean {
    return this.#current !== undefined;
  }

  /**
   * Ends the running recording, begins the next one and fetches what was recorded.
   * @throws ParleyError `line-recording-failed`, `ari-*`; the signal's reason.
   */
  async take(): Promise<CallerRecording> {
    const { ari, log } = this.#options;
    const ended = await this.#end();
    // The next recording begins before the last one is fetched: the caller may already go on.
    const [wav] = await Promise.all([ari.commands.fetchRecording(ended.name), this.#begin()]);
    ari.commands.deleteRecording(ended.name).catch((error: unknown) => {
      if (!isGone(error)) log.warn('a recording was left on Asterisk', { recording: ended.name, error });
    });
    return { wav, startedAtMs: ended.startedAtMs, endedAtMs: ended.endedAtMs };
  }

  /** Stops recording and throws away what was recorded, as while the caller talks to somebody else. */
  async pause(): Promise<void> {
    const { ari } = this.#options;
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    try {
      await ari.commands.cancelRecording(current.name);
    } catch (error) {
      // A hang-up ended the recording before we could: then it is stored already.
      if (!isGone(error)) throw error;
      await ari.commands.deleteRecording(current.name).catch(ignoreGone);
    }
  }

  async resume(): Promise<void> {
    if (this.#current === undefined && !this.#closed) await this.#begin();
  }

  /** Leaves neither the snoop channel nor a recording. Idempotent; never throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { ari, log } = this.#options;
    try {
      await this.#giveLast();
      await this.pause();
      await ari.commands.hangUp(this.#snoopId).catch(ignoreGone);
    } catch (error) {
      log.warn('could not end the recording of the caller', { error });
    }
  }

  /** A hang-up ends a recording by itself; what is left is to fetch it. */
  async #giveLast(): Promise<void> {
    const { ari, onLast } = this.#options;
    const current = this.#current;
    if (onLast === undefined || current === undefined) return;
    const { name, startedAtMs } = current;
    // The call's own signal is aborted already.
    const over = ari.waitFor('recording', name, ['RecordingFinished', 'RecordingFailed'], {
      signal: AbortSignal.timeout(lastDeadlineMs),
    });
    const stopped = await ari.commands.stopRecording(name).then(
      () => true,
      (error: unknown) => {
        ignoreGone(error);
        return false;
      },
    );
    if (stopped) await over;
    else over.catch(() => undefined);
    this.#current = undefined;
    onLast({ wav: await ari.commands.fetchRecording(name), startedAtMs });
    await ari.commands.deleteRecording(name).catch(ignoreGone);
  }

  async #begin(): Promise<void> {
    const { ari, prefix, signal } = this.#options;
    const name = `${prefix}recording-${++this.#count}`;
    const started = ari.waitFor('recording', name, ['RecordingStarted', 'RecordingFailed'], { signal });
    const [event] = await Promise.all([started, ari.commands.record(this.#snoopId, name)]);
    if (event.type === 'RecordingFailed')
      throw new ParleyError('line-recording-failed', { reason: event.recording.cause ?? 'no reason given' });
    this.#current = { name, startedAtMs: Date.parse(event.timestamp) };
    // The line was closed while the recording began.
    if (this.#closed) await this.pause();
  }

  async #end(): Promise<{ name: string; startedAtMs: number; endedAtMs: number }> {
    const { ari, signal } = this.#options;
    const current = this.#current;
    if (current === undefined) throw new ParleyError('line-recording-failed', { reason: 'none was running' });
    this.#current = undefined;
    const over = ari.waitFor('recording', current.name, ['RecordingFinished', 'RecordingFailed'], { signal });
    const [event] = await Promise.all([over, ari.commands.stopRecording(current.name)]);
    if (event.type === 'RecordingFailed')
      throw new ParleyError('line-recording-failed', { reason: event.recording.cause ?? 'no reason given' });
    return { ...current, endedAtMs: Date.parse(event.timestamp) };
  }
}

function ignoreGone(error: unknown): void {
  if (!isGone(error)) throw error instanceof Error ? error : new Error(messageOf(error));
}
