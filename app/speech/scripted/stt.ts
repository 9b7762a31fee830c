import type { Audio, Pcm } from '../../audio/pcm.ts';
import { concatPcm } from '../../audio/pcm.ts';
import { rmsDbfs } from '../../audio/level.ts';
import { ParleyError } from '../../errors.ts';
import { systemClock, type Clock } from '../../ops/clock.ts';
import { abortable, abortablePieces } from '../abortable.ts';
import type { Heard, Language, ListenOptions, PhraseSet, SpeechToText } from '../spec.ts';

export interface ScriptedSttOptions {
  /**
   * What is heard: the texts in this order, one for each utterance with sound in it and '' after the last; or an answer to
   * each utterance (`turn` counts from 0). 'help' again and again when left out.
   */
  readonly hears?: readonly string[] | ((audio: Audio, turn: number) => string);
  /** How long recognising takes once the utterance has ended. */
  readonly delayMs?: number;
  readonly clock?: Clock;
  readonly confidence?: number;
  readonly languages?: readonly Language[];
}

export interface ScriptedStt extends SpeechToText {
  /** Lengths of the utterances that came, in milliseconds. */
  readonly utterancesMs: readonly number[];
  /** Ids of the phrase sets that came along with them. */
  readonly phraseSets: readonly (string | undefined)[];
}

export const scriptedSttCan: SpeechToText['can'] = {
  interim: false,
  phrases: true,
  languages: ['en-US', 'en-GB', 'en'],
  sampleRatesHz: [8_000, 16_000],
};

const provider = 'scripted';
/** Quieter than any voice: nothing is heard in it. */
const quietDbfs = -60;

/** A recogniser that hears what it is told to. For tests, and for measuring what Parley itself takes. */
export function createScriptedStt(options: ScriptedSttOptions = {}): ScriptedStt {
  const { hears = () => 'help', delayMs = 0, clock = systemClock, confidence = 1 } = options;
  const can = { ...scriptedSttCan, ...(options.languages && { languages: options.languages }) };
  const closed = new AbortController();
  const utterancesMs: number[] = [];
  const phraseSets: (string | undefined)[] = [];
  let turn = 0;

  const answer = (audio: Audio): string => {
    if (rmsDbfs(audio.samples) < quietDbfs) return '';
    const at = turn++;
    return typeof hears === 'function' ? hears(audio, at) : (hears[at] ?? '');
  };

  async function* listen(audio: AsyncIterable<Pcm>, listenOptions: ListenOptions): AsyncGenerator<Heard> {
    const { language, sampleRateHz, phrases } = listenOptions;
    listenOptions.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    const refuse = (reason: string): never => {
      throw new ParleyError('stt-rejected', { provider, reason });
    };
    if (!can.languages.includes(language)) refuse(`it does not know ${language}`);
    if (!can.sampleRatesHz.includes(sampleRateHz)) refuse(`it cannot take ${sampleRateHz} Hz`);
    const signal = AbortSignal.any([listenOptions.signal, closed.signal]);
    const pieces: Pcm[] = [];
    for await (const piece of abortablePieces(audio, signal)) pieces.push(piece);
    const samples = concatPcm(pieces);
    utterancesMs.push((samples.length / sampleRateHz) * 1000);
    phraseSets.push(phrases?.id);
    if (delayMs > 0) await abortable(clock.sleep(delayMs, signal), signal);
    const text = answer({ samples, sampleRateHz });
    yield { kind: 'final', text, confidence: text === '' ? 0 : confidence };
  }

  return {
    name: provider,
    can,
    utterancesMs,
    phraseSets,
    listen,
    warmUp(_phrases: readonly PhraseSet[]) {
      return closed.signal.aborted ? Promise.reject(closedError()) : Promise.resolve();
    },
    close() {
      closed.abort(closedError());
      return Promise.resolve();
    },
  };
}

function closedError(): ParleyError {
  return new ParleyError('stt-unavailable', { provider, reason: 'it was closed' });
}
