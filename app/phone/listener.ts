import type { Audio } from '../audio/pcm.ts';
import { sliceMs } from '../audio/pcm.ts';
import { ParleyError } from '../errors.ts';
import type { Ears } from './ears/ears.ts';
import { expectation, type Expectation } from './ears/expectation.ts';
import type { HeardTrack } from './heard-track.ts';
import { findSounds } from './sounds.ts';

export interface ListenOptions {
  /** Silence after which the other side has finished. */
  readonly silenceMs?: number | undefined;
  /** How long to wait at most. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type HearOptions = ListenOptions;

export interface ExpectOptions extends ListenOptions {
  /** Gives up earlier: when something was said that does not fit, and then nothing for so long. */
  readonly patienceMs?: number | undefined;
}

interface ListenerOptions {
  readonly heard: HeardTrack;
  readonly ears: Ears;
  /** The call is over. */
  readonly over: AbortSignal;
}

export const turnTaking = { silenceMs: 700, timeoutMs: 20_000, patienceMs: 5_000, interruptMs: 500 } as const;

/** Sentences are recognised one by one: a synthesiser pauses for 300 ms between them, and for 180 ms at a comma. */
const sentencePauseMs = 250;
const shortestPieceMs = 60;
/** Silence around a piece, which the recogniser is used to. */
const marginMs = 120;

/** The understanding half of a call: when has the other side finished, what has it said, does that fit. */
export class Listener {
  readonly #options: ListenerOptions;
  /** What was recognised already, by where it stands in the audio. */
  readonly #known = new Map<string, Promise<string>>();
  #askedMs = -Infinity;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#askedMs = performance.now();
  }

  /** From now on only what is said after this counts. */
  ask(atMs: number): void {
    this.#askedMs = atMs;
    this.#known.clear();
  }

  async listen(options: ListenOptions = {}): Promise<'quiet' | 'over' | 'late'> {
    const { silenceMs = turnTaking.silenceMs, timeoutMs = turnTaking.timeoutMs, signal } = options;
    return this.#untilQuiet(this.#askedMs, silenceMs, performance.now() + timeoutMs, signal);
  }

  async untilSpeaking(
    options: ListenOptions & { readonly forMs?: number | undefined } = {},
  ): Promise<'speaking' | 'over' | 'late'> {
    const { timeoutMs = turnTaking.timeoutMs, forMs = turnTaking.interruptMs, signal } = options;
    const reached = await this.#untilQuiet(this.#askedMs, 0, performance.now() + timeoutMs, signal);
    if (reached !== 'quiet') return reached;
    await this.#pause(performance.now() + forMs, false, signal);
    return this.#options.over.aborted ? 'over' : 'speaking';
  }

  async hear(options: HearOptions = {}): Promise<string> {
    await this.listen(options);
    return this.transcribe(options);
  }

  /** @throws ParleyError `stt-unavailable`; the signal's reason. */
  async transcribe(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    const pieces = this.#pieces();
    const texts = await Promise.all(pieces.map((piece) => this.#recognise(piece, options.signal)));
    return joined(texts);
  }

  async expect(pattern: string | RegExp, options: ExpectOptions = {}): Promise<string> {
    const {
      silenceMs = turnTaking.silenceMs,
      timeoutMs = turnTaking.timeoutMs,
      patienceMs = turnTaking.patienceMs,
      signal,
    } = options;
    const wanted = expectation(pattern);
    const lastMs = performance.now() + timeoutMs;
    /** Pieces in which the phrases were looked for already, in vain. */
    const tried = new Set<string>();
    let checkedMs = this.#askedMs;
    let untilMs = lastMs;
    for (;;) {
      const reached = await this.#untilQuiet(checkedMs, silenceMs, untilMs, signal);
      checkedMs = performance.now();
      const found = await this.#find(wanted, tried, signal);
      if (found !== undefined) return found;
      if (reached === 'over' || reached === 'late') break;
      untilMs = Math.min(lastMs, checkedMs - silenceMs + patienceMs);
    }
    const heard = await this.transcribe(options);
    throw new ParleyError('phone-expectation-failed', {
      expected: wanted.source,
      heard: heard === '' ? 'nothing' : heard,
    });
  }

  /** All that was said, when it fits. */
  async #find(
    wanted: Expectation,
    tried: Set<string>,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const pieces = this.#pieces();
    const texts = await Promise.all(pieces.map((piece) => this.#recognise(piece, signal)));
    if (wanted.matches(joined(texts))) return joined(texts);
    for (const [i, { key, audio }] of pieces.entries()) {
      if (tried.has(key)) continue;
      tried.add(key);
      const found = await this.#options.ears.spot(audio, wanted.phrases, { signal: orNever(signal) });
      if (found === undefined || !wanted.matches(found)) continue;
      this.#known.set(key, Promise.resolve(found));
      return joined(texts.with(i, found));
    }
    return undefined;
  }

  #recognise({ key, audio }: Piece, signal: AbortSignal | undefined): Promise<string> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const text = this.#options.ears.recognise(audio, { signal: orNever(signal) });
    this.#known.set(key, text);
    // What failed is tried again the next time.
    text.catch(() => this.#known.delete(key));
    return text;
  }

  /** What was said since the caller asked, sentence by sentence. */
  #pieces(): Piece[] {
    const all = this.#options.heard.slice(this.#askedMs, performance.now());
    const sounds = findSounds(all.samples, all.sampleRateHz, {
      joinMs: sentencePauseMs,
      shortestMs: shortestPieceMs,
    });
    const ms = (position: number): number => (position / all.sampleRateHz) * 1000;
    return sounds.map(({ from, to }) => ({
      key: `${String(from)}-${String(to)}`,
      audio: sliceMs(all, ms(from) - marginMs, ms(to) + marginMs),
    }));
  }

  /**
   * Waits for a sound after `afterMs` and then for silence that was heard: where no frames come, because the machine is
   * too busy, nobody knows whether it is silent. After the end of the call, all is silent.
   */
  async #untilQuiet(
    afterMs: number,
    silenceMs: number,
    untilMs: number,
    signal: AbortSignal | undefined,
  ): Promise<'quiet' | 'over' | 'late'> {
    const { heard, over } = this.#options;
    for (;;) {
      signal?.throwIfAborted();
      const lastMs = heard.lastSoundMs(afterMs);
      const quietMs = lastMs === undefined ? Infinity : lastMs + silenceMs;
      if ((heard.endMs ?? -Infinity) >= quietMs) return 'quiet';
      if (over.aborted) return 'over';
      const nowMs = performance.now();
      if (nowMs >= untilMs) return 'late';
      const knowsWhen = lastMs !== undefined && nowMs < quietMs;
      await this.#pause(knowsWhen ? Math.min(untilMs, quietMs) : untilMs, !knowsWhen, signal);
    }
  }

  /** Until a time by the clock, the next frame, the end of the call, or the signal. */
  async #pause(untilMs: number, orFrame: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { over, heard } = this.#options;
    if (over.aborted || signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const wake = (): void => resolve(undefined);
    // A timer may ring a moment early by another clock.
    const timer = setTimeout(wake, Math.max(1, Math.ceil(untilMs - performance.now())));
    const unsubscribe = orFrame ? heard.onFrame(wake) : undefined;
    over.addEventListener('abort', wake, { once: true });
    signal?.addEventListener('abort', wake, { once: true });
    await promise;
    clearTimeout(timer);
    unsubscribe?.();
    over.removeEventListener('abort', wake);
    signal?.removeEventListener('abort', wake);
  }
}

interface Piece {
  readonly key: string;
  readonly audio: Audio;
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

function orNever(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? new AbortController().signal;
}
