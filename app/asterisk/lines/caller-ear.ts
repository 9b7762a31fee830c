import type { EchoGuard } from '../../audio/echo-guard.ts';
import type { Pcm } from '../../audio/pcm.ts';
import { Halver } from '../../audio/halve.ts';
import { VoiceActivity, type VoiceFrame, type VoiceRules } from '../../audio/voice-activity.ts';
import type { VoiceDetector, VoiceStream } from '../../audio/voice-detector.ts';
import type { LineEvent } from './spec.ts';

export interface CallerEarOptions {
  readonly detector: VoiceDetector;
  readonly rules: VoiceRules;
  /** Of what is heard: the detector's rate, or twice that. */
  readonly sampleRateHz: number;
  readonly maxUtteranceMs: number;
  /** Milliseconds since the call was answered. */
  readonly sinceAnswerMs: () => number;
  /** Knows what may come back of the bot's own voice. */
  readonly echo: EchoGuard;
  readonly tell: (event: LineEvent) => void;
}

/** Audio told from before the speech began: soft first sounds are no voice to the detector. */
const prerollMs = 300;
/** Audio that is kept while nobody speaks: the preroll, and what the detector takes to be sure. */
const keptMs = 1_000;
/**
 * How fast what is later for good becomes usual, with each piece (one is 8 ms), and from what on it is so at once: some of
 * it was lost, or the telephone sends nothing while its user is silent.
 */
const usualFollowsMs = 1;
const mostLateMs = 1_500;
/** After so much silence nothing waits for the caller to go on. */
const longestPauseMs = 5_000;
/** After so much silence a caller is not speaking without end any more. */
const longestBreathMs = 1_500;

/**
 * Turns a caller's audio, as it comes, into what happens on a line: speech begins, goes on, pauses. Time is counted in
 * samples. What is to be told waits for the detector, so everything is in order and late by the same few milliseconds.
 */
export class CallerEar {
  readonly #options: CallerEarOptions;
  readonly #stream: VoiceStream;
  readonly #activity: VoiceActivity;
  readonly #halver: Halver | undefined;
  /** Audio samples for each sample of the detector. */
  readonly #ratio: number;
  readonly #kept: Pcm[] = [];
  /** Positions in the audio, in samples since its beginning: of the first that is kept, and of the first not told yet. */
  #keptFrom = 0;
  #told = 0;
  #utteranceFrom = 0;
  #speechEnd = 0;
  /** From the moment at which a piece would have been heard if all had come at once to the one at which it is judged. */
  #usualDelayMs = Infinity;
  /** Silence that was put in the place of audio: what is not judged yet, and how much was. */
  readonly #filled: { readonly samples: number; readonly until: number }[] = [];
  #filledSamples = 0;
  /** How much was heard, that silence included. */
  #heardTo = 0;
  /** `cut`: the longest utterance is over, and the caller goes on speaking. */
  #state: 'silent' | 'speaking' | 'paused' | 'cut' = 'silent';

  constructor(options: CallerEarOptions) {
    const { detector, sampleRateHz, rules } = options;
    this.#options = options;
    this.#ratio = sampleRateHz / detector.sampleRateHz;
    this.#halver = this.#ratio === 1 ? undefined : new Halver();
    this.#activity = new VoiceActivity(rules);
    this.#stream = detector.open();
    this.#stream.onFrame((frame) => {
      this.#heed(frame);
    });
  }

  hear(samples: Pcm): void {
    this.#kept.push(samples);
    this.#heardTo += samples.length;
    this.#stream.push(this.#halver?.push(samples) ?? samples);
  }

  /** Silence in the place of what did not come. */
  fill(samples: number): void {
    this.hear(new Int16Array(samples));
    this.#filled.push({ samples, until: this.#heardTo });
  }

  /** Idempotent. */
  close(): void {
    this.#stream.close();
    this.#kept.length = 0;
  }

  #heed(frame: VoiceFrame): void {
    const { tell, echo } = this.#options;
    const nowMs = performance.now();
    const lateMs = this.#lateness(nowMs);
    const change = this.#activity.feed(frame, echo.thresholdDbfs(nowMs, lateMs));
    if (this.#state !== 'speaking') echo.heard(frame.levelDbfs, nowMs, lateMs);
    switch (change) {
      case 'started':
      case 'resumed':
        if (this.#state !== 'cut') this.#begin();
        break;
      case 'paused':
      case 'ended-without-speech':
        if (this.#state === 'cut') this.#state = 'silent';
        if (this.#state !== 'speaking') break;
        this.#tellSpeech();
        this.#state = 'paused';
        this.#speechEnd = this.#activity.lastSpeechSample * this.#ratio;
        tell({
          kind: 'pause',
          endedAtMs: this.#atMs(this.#silenceMs),
          silenceMs: this.#silenceMs,
          over: false,
        });
        break;
      default:
        if (frame.more) return;
        if (this.#state === 'speaking') this.#goOn();
        else if (this.#state === 'paused') {
          tell({ kind: 'quiet', silenceMs: this.#silenceMs });
          if (this.#silenceMs > longestPauseMs) this.#state = 'silent';
        }
    }
    if (this.#state !== 'speaking') this.#forget(this.#position - this.#toSamples(keptMs));
  }

  #begin(): void {
    const { tell } = this.#options;
    const from = this.#activity.speechStartSample * this.#ratio;
    this.#told = Math.max(this.#told, this.#keptFrom, from - this.#toSamples(prerollMs));
    if (this.#state !== 'paused' || this.#silenceMs > longestBreathMs) this.#utteranceFrom = this.#told;
    this.#state = 'speaking';
    tell({ kind: 'speech-started', atMs: this.#atMs(this.#msSince(from)) });
    this.#tellSpeech();
  }

  #goOn(): void {
    this.#tellSpeech();
    const { maxUtteranceMs, tell } = this.#options;
    if (this.#position - this.#utteranceFrom < this.#toSamples(maxUtteranceMs)) return;
    this.#state = 'cut';
    tell({ kind: 'pause', endedAtMs: this.#atMs(0), silenceMs: 0, over: true });
  }

  /** Tells the audio up to what the detector has judged. */
  #tellSpeech(): void {
    const { tell, sampleRateHz } = this.#options;
    const samples = this.#between(this.#told, this.#position);
    this.#told = this.#position;
    this.#forget(this.#told);
    if (samples.length > 0) tell({ kind: 'speech', audio: { samples, sampleRateHz } });
  }

  #between(from: number, to: number): Pcm {
    const samples = new Int16Array(Math.max(0, to - from));
    let at = this.#keptFrom;
    for (const piece of this.#kept) {
      if (at < to && at + piece.length > from)
        samples.set(piece.subarray(Math.max(0, from - at), to - at), Math.max(0, at - from));
      at += piece.length;
    }
    return samples;
  }

  #forget(before: number): void {
    for (;;) {
      const [first] = this.#kept;
      if (first === undefined || this.#keptFrom + first.length > before) return;
      this.#kept.shift();
      this.#keptFrom += first.length;
    }
  }

  /**
   * By how much what is judged now came later than usual: 0 as a rule. What came is counted, not what stands for it: after
   * a moment in which nothing got through, it comes all at once, and is as old as that moment was long.
   */
  #lateness(nowMs: number): number {
    for (;;) {
      const [first] = this.#filled;
      if (first === undefined || first.until > this.#position) break;
      this.#filledSamples += first.samples;
      this.#filled.shift();
    }
    const delayMs = nowMs - this.#toMs(this.#position - this.#filledSamples);
    const usualMs = Math.max(this.#usualDelayMs + usualFollowsMs, delayMs - mostLateMs);
    this.#usualDelayMs = Math.min(delayMs, usualMs);
    return delayMs - this.#usualDelayMs;
  }

  /** How far the detector has judged. */
  get #position(): number {
    return this.#activity.position * this.#ratio;
  }

  #toSamples(ms: number): number {
    return (ms * this.#options.sampleRateHz) / 1000;
  }

  get #silenceMs(): number {
    return this.#msSince(this.#speechEnd);
  }

  #msSince(position: number): number {
    return this.#toMs(this.#position - position);
  }

  #toMs(samples: number): number {
    return (samples * 1000) / this.#options.sampleRateHz;
  }

  #atMs(agoMs: number): number {
    return this.#options.sinceAnswerMs() - agoMs;
  }
}
