import { rmsDbfs } from '../../audio/level.ts';
import type { Audio, Pcm } from '../../audio/pcm.ts';
import { sliceMs } from '../../audio/pcm.ts';
import type { CallEnd } from '../call-end.ts';
import type { CallRecording } from '../recording.ts';
import { findSounds } from '../sounds.ts';
import type { Span } from '../turn-times.ts';
import { locate } from './locate.ts';
import type { Scenario, ScenarioStep } from './schema.ts';

/** One thing that had to be so, and whether it was. */
export interface Check {
  /** Of the step, from 1; undefined for what the whole call must fulfil. */
  readonly step: number | undefined;
  readonly ok: boolean;
  /** With what was measured. */
  readonly says: string;
}

/** A step in which the caller is heard, as it was taken. */
export interface Act {
  /** Position of its step. */
  readonly step: number;
  /** Undefined for keys. */
  readonly audio: Audio | undefined;
}

/** The bot speaks on over a pause between two sentences. */
const betweenSentencesMs = 450;
/** So long after the caller the bot must still not have stopped. */
const afterwardsMs = 1_000;
const noGapMs = 60;
const edgeMs = 20;
const nearEdgeMs = 300;
/** Speech begins and ends softer than it is; a word that is cut does not. */
const softerDb = 6;
/** After its last sound a voice dies away, for this long at most; after a cut there is nothing at all. */
const tailMs = 60;
const nothingDbfs = -70;

/** What can be measured in the recording of a call, once it is over. */
export class Judge {
  readonly #scenario: Scenario;
  readonly #acts: readonly Act[];
  readonly #recording: CallRecording;
  readonly #bot: Audio;
  /** First and last sound of each act; undefined where it was not found. */
  readonly #spans: readonly (Span | undefined)[];

  /** @param acts those that were taken, in order; the recording has a turn for each. */
  constructor(scenario: Scenario, acts: readonly Act[], recording: CallRecording) {
    this.#scenario = scenario;
    this.#recording = recording;
    const { caller, bot, sampleRateHz, turns } = recording;
    this.#bot = { samples: bot, sampleRateHz };
    this.#acts = acts.slice(0, turns.length);
    this.#spans = this.#acts.map(({ audio }, i) => {
      const turn = turns[i];
      if (audio === undefined || turn === undefined) return turn;
      return locate(audio, { samples: caller, sampleRateHz }, turn.fromMs);
    });
  }

  /** @param taken how many steps were taken. */
  checks(taken: number, end: CallEnd): Check[] {
    const { steps, endedBy } = this.#scenario;
    const checks = steps.slice(0, taken).flatMap((step, i) => {
      const act = this.#acts.findIndex((each) => each.step === i);
      const all = 'hear' in step ? this.#heard(step, i) : act < 0 ? [] : this.#acted(step, act);
      return all.map((check) => ({ step: i + 1, ...check }));
    });
    const by = end.by === 'phone' ? 'caller' : 'bot';
    return [...checks, { step: undefined, ok: by === endedBy, says: `the ${by} hung up` }];
  }

  /** From the caller's last sound to the bot's first, for each act; undefined where there is none. */
  answerMs(act: number): number | undefined {
    const lastMs = this.#spans[act]?.toMs;
    if (lastMs === undefined) return undefined;
    const answer = this.#botSounds(lastMs, this.#beginOf(act + 1)).find(({ fromMs }) => fromMs >= lastMs);
    return answer && answer.fromMs - lastMs;
  }

  #heard(step: Extract<ScenarioStep, { hear: string }>, at: number): Omit<Check, 'step'>[] {
    const act = this.#acts.findLastIndex((each) => each.step < at);
    const fromMs = act < 0 ? 0 : (this.#spans[act]?.toMs ?? Infinity);
    const sounds = this.#botSounds(fromMs, this.#beginOf(act + 1));
    const checks: Omit<Check, 'step'>[] = [];
    if (step.withinMs !== undefined) {
      const afterMs = act < 0 ? sounds[0]?.fromMs : this.answerMs(act);
      checks.push(atMost('the bot’s first sound came after', afterMs, step.withinMs));
    }
    if (step.gapBelowMs !== undefined)
      checks.push(atMost('the bot’s longest silence was', longestGapMs(sounds), step.gapBelowMs));
    if (step.firstWordWhole) checks.push(this.#isWhole('first', sounds[0]));
    if (step.lastWordWhole) checks.push(this.#isWhole('last', sounds.at(-1)));
    return checks;
  }

  #acted(step: ScenarioStep, act: number): Omit<Check, 'step'>[] {
    if ('hear' in step || 'wait' in step || 'hangUp' in step) return [];
    const checks: Omit<Check, 'step'>[] = [];
    const { botSilentWithinMs, botGapBelowMs, botWaits } = step;
    const span = this.#spans[act];
    if (span === undefined) return [{ ok: false, says: 'the caller is not in the recording' }];
    if (botSilentWithinMs !== undefined)
      checks.push(atMost('the bot fell silent after', this.#silentAfterMs(span), botSilentWithinMs));
    if (botGapBelowMs !== undefined) {
      const toMs = span.toMs + afterwardsMs;
      const sounds = this.#botSounds(span.fromMs, toMs);
      const edges = [{ fromMs: span.fromMs, toMs: span.fromMs }, ...sounds, { fromMs: toMs, toMs }];
      checks.push(atMost('the bot’s longest silence was', longestGapMs(edges), botGapBelowMs));
    }
    if (botWaits) {
      const cutIn = this.#botSounds(span.fromMs, span.toMs, betweenSentencesMs).find(
        ({ fromMs }) => fromMs > span.fromMs,
      );
      const says =
        cutIn === undefined
          ? 'the bot heard the caller out'
          : `the bot spoke ${inMs(span.toMs - cutIn.fromMs)} before the caller had finished`;
      checks.push({ ok: cutIn === undefined, says });
    }
    return checks;
  }

  /** From the caller's first sound to the end of what the bot is saying then; undefined when it says nothing. */
  #silentAfterMs({ fromMs }: Span): number | undefined {
    const spoken = this.#botSounds(0, Infinity, betweenSentencesMs);
    // The caller may have begun between two sentences.
    const interrupted = spoken.findLast(
      (sound) => sound.fromMs <= fromMs && sound.toMs > fromMs - betweenSentencesMs,
    );
    return interrupted && Math.max(0, interrupted.toMs - fromMs);
  }

  #isWhole(which: 'first' | 'last', sound: Span | undefined): Omit<Check, 'step'> {
    if (sound === undefined) return { ok: false, says: `there is no ${which} word` };
    const { fromMs, toMs } = sound;
    const [edge, inside] =
      which === 'first'
        ? [this.#level(fromMs, fromMs + edgeMs), loudest(this.#bot, fromMs, fromMs + nearEdgeMs)]
        : [this.#endLevel(toMs), loudest(this.#bot, toMs - nearEdgeMs, toMs)];
    const differenceDb = inside - edge;
    const says = `the ${which} word ${which === 'first' ? 'begins' : 'ends'} ${differenceDb.toFixed(0)} dB below its loudest`;
    return { ok: differenceDb >= softerDb, says };
  }

  /** Of the last of what is heard, its dying away included. */
  #endLevel(toMs: number): number {
    let endMs = toMs;
    while (endMs < toMs + tailMs && this.#level(endMs, endMs + edgeMs / 2) > nothingDbfs) endMs += edgeMs / 2;
    return this.#level(endMs - edgeMs, endMs);
  }

  #level(fromMs: number, toMs: number): number {
    return rmsDbfs(sliceMs(this.#bot, fromMs, toMs).samples);
  }

  #beginOf(act: number): number {
    return this.#spans[act]?.fromMs ?? this.#recording.turns[act]?.fromMs ?? Infinity;
  }

  /** The parts of the bot's sounds between two times. */
  #botSounds(fromMs: number, toMs: number, joinMs = noGapMs): Span[] {
    const { samples, sampleRateHz } = this.#bot;
    return findSounds(samples, sampleRateHz, { joinMs })
      .map(({ from, to }) => ({ fromMs: (from / sampleRateHz) * 1000, toMs: (to / sampleRateHz) * 1000 }))
      .filter((sound) => sound.toMs > fromMs && sound.fromMs < toMs);
  }
}

function longestGapMs(sounds: readonly Span[]): number | undefined {
  if (sounds.length === 0) return undefined;
  return Math.max(0, ...sounds.slice(1).map(({ fromMs }, i) => fromMs - (sounds[i]?.toMs ?? fromMs)));
}

function loudest(audio: Audio, fromMs: number, toMs: number): number {
  const { samples, sampleRateHz } = sliceMs(audio, fromMs, toMs);
  const window = Math.round((edgeMs * sampleRateHz) / 1000);
  const windows = Array.from({ length: Math.max(1, Math.floor(samples.length / window)) }, (_, i): Pcm =>
    samples.subarray(i * window, (i + 1) * window),
  );
  return Math.max(...windows.map(rmsDbfs));
}

function atMost(what: string, measuredMs: number | undefined, limitMs: number): Omit<Check, 'step'> {
  if (measuredMs === undefined) return { ok: false, says: `${what} … never: the bot said nothing then` };
  const ok = measuredMs <= limitMs;
  return { ok, says: `${what} ${inMs(measuredMs)}, ${ok ? '' : 'not '}within ${inMs(limitMs)}` };
}

function inMs(ms: number): string {
  return `${String(Math.round(ms))} ms`;
}
