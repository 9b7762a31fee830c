import { silence } from '../../audio/mix.ts';
import { type Audio, concatPcm, durationMs, sliceMs } from '../../audio/pcm.ts';
import { trimSilence } from '../../audio/trim.ts';
import { readMonoWav, writeWav } from '../../audio/wav.ts';
import { hasCode } from '../../errors.ts';
import { normaliseRecording } from '../../media/sox.ts';
import type { AriEvent } from '../ari/events.ts';
import type { AudioPath, PathOptions } from './audio-path.ts';
import { CallerRecorder, type CallerRecording } from './caller-recorder.ts';
import { codecFor, nativeFormats } from './media-codec.ts';
import type { MediaServer } from './media-server.ts';
import { playToCaller } from './playback.ts';
import type { Said, SayOptions, Speech } from './spec.ts';

export interface RecordedPathSettings {
  readonly media: MediaServer;
  readonly silenceMs: number;
  readonly talkThreshold: number;
  readonly maxUtteranceMs: number;
  readonly soxPath: string;
  readonly trimThresholdDbfs: number;
  readonly trimWindowMs: number;
}

/** Audio kept from before the talk detector noticed the caller: soft first sounds lie under its threshold. */
const prerollMs = 700;
/** A short pause between two words. */
const gapMs = 150;

/**
 * A caller's audio by ARI record and playback, which every Asterisk since 13 can do.
 * Asterisk's talk detector tells in milliseconds when the caller begins and stops to speak; a snoop channel records
 * the caller alone, also while the bot speaks.
 */
export class RecordedPath implements AudioPath {
  readonly kind = 'recorded';
  readonly #options: PathOptions & RecordedPathSettings;
  readonly #recorder: CallerRecorder;
  readonly #unsubscribe: () => void;
  #startedAtMs = 0;
  #playedRateHz = 8_000;
  /** When the caller began to speak, by Asterisk's clock; undefined while the caller is silent. */
  #talkingSinceMs: number | undefined;
  #talkLimit: NodeJS.Timeout | undefined;
  #suspended = false;

  constructor(options: PathOptions & RecordedPathSettings) {
    this.#options = options;
    this.#recorder = new CallerRecorder({
      ari: options.ari,
      channelId: options.channelId,
      prefix: options.prefix,
      onLast: options.heard && ((recording) => this.#tellHeard(recording)),
      signal: options.hungUp,
      log: options.log,
    });
    this.#unsubscribe = options.ari.onSubject('channel', options.channelId, (event) => {
      if (!this.#suspended) this.#heed(event);
    });
  }

  async start(answered: Promise<void>): Promise<void> {
    const { ari, channelId, silenceMs, talkThreshold, sinceAnswerMs } = this.#options;
    const [formats] = await Promise.all([
      nativeFormats(ari, channelId),
      ari.commands.setVariable(channelId, 'TALK_DETECT(set)', `${silenceMs},${talkThreshold}`),
    ]);
    if (formats !== '') this.#playedRateHz = codecFor(formats).sampleRateHz;
    await answered;
    this.#startedAtMs = Date.now() - sinceAnswerMs();
    await this.#recorder.start();
  }

  /**
   * With no more than the rate of the caller's codec: where Asterisk once meets a frame of a higher one, its talk
   * detector takes a second of silence for two from then on (https://github.com/asterisk/asterisk/issues/80).
   */
  say(speech: Speech, options: SayOptions): Promise<Said> {
    const { ari, media, log, channelId, hungUp } = this.#options;
    const sampleRateHz = this.#playedRateHz;
    return playToCaller(speech, { ari, media, log, channelId, hungUp, sampleRateHz, ...options });
  }

  async suspend(): Promise<void> {
    this.#suspended = true;
    this.#endTalk();
    await this.#recorder.pause();
  }

  async resume(): Promise<void> {
    this.#suspended = false;
    await this.#recorder.resume();
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.#endTalk();
    await this.#recorder.close();
  }

  #heed(event: AriEvent): void {
    switch (event.type) {
      case 'ChannelTalkingStarted':
        this.#talkBegan(Date.parse(event.timestamp));
        return;
      case 'ChannelTalkingFinished':
        void this.#talkEnded(Date.parse(event.timestamp));
        return;
      default:
    }
  }

  #talkBegan(atMs: number): void {
    const { log, maxUtteranceMs, tell } = this.#options;
    this.#talkingSinceMs = atMs;
    this.#talkLimit = setTimeout(() => {
      log.info('the caller has spoken for the longest time of a turn');
      void this.#talkEnded(atMs + maxUtteranceMs);
    }, maxUtteranceMs);
    tell({ kind: 'speech-started', atMs: atMs - this.#startedAtMs });
  }

  #endTalk(): number | undefined {
    clearTimeout(this.#talkLimit);
    const since = this.#talkingSinceMs;
    this.#talkingSinceMs = undefined;
    return since;
  }

  async #talkEnded(atMs: number): Promise<void> {
    const { hungUp, log, silenceMs, tell } = this.#options;
    const sinceMs = this.#endTalk();
    if (sinceMs === undefined || !this.#recorder.recording) return;
    try {
      const recording = await this.#recorder.take();
      this.#tellHeard(recording);
      tell({ kind: 'speech', audio: await this.#prepare(recording, sinceMs) });
    } catch (error) {
      if (hungUp.aborted || hasCode(error, 'line-hung-up')) return;
      log.error('the caller could not be recorded', { error });
      if (!this.#suspended) await this.#recorder.resume().catch(() => undefined);
    }
    // Without a recording, too: the conversation asks again instead of waiting for ever.
    tell({ kind: 'pause', endedAtMs: atMs - silenceMs - this.#startedAtMs, silenceMs, over: true });
  }

  #tellHeard({ wav, startedAtMs }: Pick<CallerRecording, 'wav' | 'startedAtMs'>): void {
    this.#options.heard?.(readMonoWav(wav, 'the caller’s recording'), startedAtMs - performance.timeOrigin);
  }

  /** From what Asterisk recorded to what a recogniser wants: the utterance alone, 16 kHz mono. */
  async #prepare({ wav, startedAtMs, endedAtMs }: CallerRecording, sinceMs: number): Promise<Audio> {
    const { soxPath, trimThresholdDbfs, trimWindowMs, hungUp } = this.#options;
    const whole = readMonoWav(wav, 'the caller’s recording');
    // Counted from its beginning and from its end: on a busy machine a recording begins late or has holes, and the
    // earlier of the two places loses no word. Silence that is too much is trimmed below.
    const fromBeginningMs = sinceMs - startedAtMs;
    const fromEndMs = durationMs(whole) - (endedAtMs - sinceMs);
    const recorded = sliceMs(whole, Math.min(fromBeginningMs, fromEndMs) - prerollMs);
    const normalised = await normaliseRecording(writeWav(recorded), { soxPath, signal: hungUp });
    const { sampleRateHz } = normalised;
    const { samples } = trimSilence(normalised.samples, sampleRateHz, {
      thresholdDbfs: trimThresholdDbfs,
      windowMs: trimWindowMs,
    });
    // Words that are said later must not stick to these.
    return { samples: concatPcm([samples, silence(gapMs, sampleRateHz)]), sampleRateHz };
  }
}
