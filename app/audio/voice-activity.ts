/** What is known about a short piece of a caller's audio. */
export interface VoiceFrame {
  /** Of speech, 0 to 1. */
  readonly probability: number;
  /** RMS; -Infinity for digital silence. */
  readonly levelDbfs: number;
  readonly samples: number;
  /** Set when the next piece is known already and follows at once: nothing need be done about this one that can wait for it. */
  readonly more?: boolean;
}

/** When a caller is taken to speak. */
export interface VoiceRules {
  readonly sampleRateHz: number;
  /** Probability above which speech begins. */
  readonly startAbove: number;
  /** The same while something is said to the caller: what is taken for speech interrupts it. */
  readonly interruptAbove: number;
  /** Probability above which it goes on. */
  readonly goOnAbove: number;
  /** Speech that it takes to begin or to go on after a pause. */
  readonly minimumSpeechMs: number;
  /** Silence that is more than the gap between two syllables. */
  readonly pauseMs: number;
  /** Less speech than this between two silences was a cough or a click. */
  readonly shortestSpeechMs: number;
  /** Silence after which that is certain. */
  readonly forgetMs: number;
  /** Silence after which what is said next is another utterance, whatever the conversation makes of it. */
  readonly longestPauseMs: number;
  /** Quieter audio is never speech. */
  readonly quietestDbfs: number;
}

export const voiceRules: VoiceRules = {
  sampleRateHz: 8_000,
  startAbove: 0.5,
  interruptAbove: 0.7,
  goOnAbove: 0.35,
  minimumSpeechMs: 32,
  pauseMs: 64,
  shortestSpeechMs: 100,
  forgetMs: 320,
  longestPauseMs: 5_000,
  quietestDbfs: -55,
};

/**
 * - `started`: the caller speaks.
 * - `paused`: no longer; where the speech ended is known. It may be the end, or a breath.
 * - `resumed`: the same utterance goes on.
 * - `ended-without-speech`: it was a cough or a click; the next sound is another `started`.
 */
export type VoiceChange = 'started' | 'paused' | 'resumed' | 'ended-without-speech';

/** Speech stands this far above the noise around it. */
const aboveNoiseDb = 3;
/** The softest sounds of speech lie this far under its vowels. */
const speechRangeDb = 32;
const quietestNoiseDbfs = -70;
/** How fast the noise is followed down and up, as part of the distance for each millisecond. */
const noiseFollows = { down: 0.04, up: 0.0025 };
/** The same for the level of the speech: up within a syllable, down within some words. */
const speechFollows = { down: 0.001, up: 0.04 };
/** Consonants before the first vowel are loud before they are likely; what sounded this long before belongs to it. */
const leadInMs = 250;
/** The stop inside "st" and "sp". */
const longestStopMs = 80;

/**
 * Whether a caller speaks, and where speech began and ended. How likely speech is (a model's view) lags behind by a syllable at
 * the end; so both are placed by the level, and the probability says whether that level is speech at all. Time is counted in samples.
 */
export class VoiceActivity {
  readonly #rules: VoiceRules;
  #phase: 'silent' | 'speaking' | 'paused' = 'silent';
  #position = 0;
  #utteranceStart = 0;
  #speechStart = 0;
  #lastSpeech = 0;
  /** Speech without a gap just now, and where it began. */
  #run = 0;
  #runStart = 0;
  /** Where the sound began that still goes on, speech or not, and where it was heard last. */
  #soundStart = 0;
  #lastSound = 0;
  #noiseDbfs = quietestNoiseDbfs;
  /** How much noise was heard. */
  #noiseSamples = 0;
  #speechDbfs = -Infinity;

  constructor(rules: VoiceRules = voiceRules) {
    this.#rules = rules;
  }

  /** Samples since the beginning of the stream. */
  get position(): number {
    return this.#position;
  }

  /** Where the caller began to speak: what the last `started` or `resumed` told of. */
  get speechStartSample(): number {
    return this.#speechStart;
  }

  /** Up to where the caller spoke. */
  get lastSpeechSample(): number {
    return this.#lastSpeech;
  }

  /** Silence since then; 0 while nothing has been said. */
  get silenceSamples(): number {
    return this.#phase === 'silent' ? 0 : this.#position - this.#lastSpeech;
  }

  /** The caller's turn is over: the next speech is another utterance (`started`). */
  endUtterance(): void {
    this.#phase = 'silent';
    this.#run = 0;
    this.#speechDbfs = -Infinity;
  }

  /**
   * @param frame what comes next.
   * @param aboveDbfs a level that must be exceeded to start or to go on, because something else is known to be as loud: the echo of the bot.
   */
  feed(frame: VoiceFrame, aboveDbfs = -Infinity): VoiceChange | undefined {
    const { startAbove, interruptAbove, goOnAbove, minimumSpeechMs, quietestDbfs } = this.#rules;
    const from = this.#position;
    this.#position += frame.samples;
    const threshold = Math.max(
      quietestDbfs,
      aboveDbfs,
      this.#noiseDbfs + aboveNoiseDb,
      this.#speechDbfs - speechRangeDb,
    );
    const sounds = frame.levelDbfs > threshold;
    if (sounds) {
      if (from - this.#lastSound > this.#inSamples(longestStopMs)) this.#soundStart = from;
      this.#lastSound = this.#position;
    }
    const beginsAbove = aboveDbfs === -Infinity ? startAbove : interruptAbove;
    const speaks = sounds && frame.probability > (this.#phase === 'speaking' ? goOnAbove : beginsAbove);
    if (frame.probability < goOnAbove) this.#followNoise(frame);
    if (!speaks) return this.#afterSilence();
    if (this.#run === 0) this.#runStart = from;
    this.#run += frame.samples;
    this.#followSpeech(frame);
    if (this.#phase !== 'speaking' && this.#run < this.#inSamples(minimumSpeechMs)) return undefined;
    return this.#afterSpeech();
  }

  #afterSpeech(): VoiceChange | undefined {
    const before = this.#phase;
    this.#phase = 'speaking';
    if (before !== 'speaking') {
      const earliest = Math.max(this.#lastSpeech, this.#runStart - this.#inSamples(leadInMs));
      this.#speechStart = Math.max(earliest, Math.min(this.#soundStart, this.#runStart));
    }
    this.#lastSpeech = this.#position;
    if (before === 'silent') this.#utteranceStart = this.#speechStart;
    return before === 'speaking' ? undefined : before === 'paused' ? 'resumed' : 'started';
  }

  #afterSilence(): VoiceChange | undefined {
    const { pauseMs, forgetMs, longestPauseMs, shortestSpeechMs } = this.#rules;
    this.#run = 0;
    const silence = this.silenceSamples;
    if (this.#phase === 'speaking') {
      if (silence < this.#inSamples(pauseMs)) return undefined;
      this.#phase = 'paused';
      return 'paused';
    }
    if (this.#phase === 'silent' || silence < this.#inSamples(forgetMs)) return undefined;
    const wasSpeech = this.#lastSpeech - this.#utteranceStart >= this.#inSamples(shortestSpeechMs);
    if (!wasSpeech || silence >= this.#inSamples(longestPauseMs)) this.endUtterance();
    return wasSpeech ? undefined : 'ended-without-speech';
  }

  #followNoise({ levelDbfs, samples }: VoiceFrame): void {
    const level = Math.max(levelDbfs, quietestNoiseDbfs);
    const follows = level < this.#noiseDbfs ? noiseFollows.down : noiseFollows.up;
    this.#noiseSamples += samples;
    // At first it is the mean of what was heard so far: nothing is known yet that would have to change slowly.
    const share = Math.max(this.#share(follows, samples), samples / this.#noiseSamples);
    this.#noiseDbfs += share * (level - this.#noiseDbfs);
  }

  #followSpeech({ levelDbfs, samples }: VoiceFrame): void {
    if (this.#speechDbfs === -Infinity) this.#speechDbfs = levelDbfs;
    const follows = levelDbfs < this.#speechDbfs ? speechFollows.down : speechFollows.up;
    this.#speechDbfs += this.#share(follows, samples) * (levelDbfs - this.#speechDbfs);
  }

  /** What part of a distance is covered in so many samples. */
  #share(perMs: number, samples: number): number {
    return 1 - (1 - perMs) ** ((samples * 1000) / this.#rules.sampleRateHz);
  }

  #inSamples(ms: number): number {
    return (ms * this.#rules.sampleRateHz) / 1000;
  }
}
