import type { PushAudioInputStream, SpeechRecognizer } from 'microsoft-cognitiveservices-speech-sdk';
import { z } from 'zod';
import type { Pcm } from '../../audio/pcm.ts';
import { hasCode } from '../../errors.ts';
import { type Clock, systemClock } from '../../ops/clock.ts';
import { abortable, abortablePieces } from '../abortable.ts';
import type { Heard, Language, ListenOptions, PhraseSet, SpeechToText } from '../spec.ts';
import { Account, type AzureConfig } from './account.ts';
import { Inbox } from './inbox.ts';
import { Pool } from './pool.ts';
import { loadSdk } from './sdk.ts';
import { type Made, Session } from './session.ts';
import { provider, rejected, troubleFrom, unavailable } from './trouble.ts';

export interface AzureSttOptions {
  readonly config: AzureConfig;
  readonly clock?: Clock;
}

interface Key {
  readonly language: Language;
  readonly sampleRateHz: number;
}

interface Recogniser {
  readonly sdk: SpeechRecognizer;
  readonly audio: PushAudioInputStream;
  readonly addPhrases: (phrases: readonly string[]) => void;
}

/** A part of what was said, as the service cut it. */
interface Segment {
  readonly text: string;
  readonly confidence: number;
}

/** The service's own limit for a phrase list. */
const mostPhrases = 500;
const longestMs = 120_000;
/** Our own turn-taking says when an utterance is over; the service cuts it at silences that are as long as it allows. */
const segmentationSilenceMs = 5_000;
/** An idle connection is closed by the service after some minutes. */
const maxAgeMs = 60_000;

export const azureSttCan = {
  interim: true,
  phrases: true,
  connects: true,
  sampleRatesHz: [8_000, 16_000],
} as const satisfies Partial<SpeechToText['can']>;

/**
 * Azure speech to text by Microsoft's SDK: one recogniser for each utterance, connected ahead of need, because results
 * of a session come later the longer it lasts (reported: 1 s behind when fresh, 5 s after 5 minutes).
 * @throws ParleyError `provider-not-configured`.
 */
export function createAzureStt({ config, clock = systemClock }: AzureSttOptions): SpeechToText {
  const account = new Account('stt', config, clock);
  const can: SpeechToText['can'] = { ...azureSttCan, languages: config.languages };
  const { deadlineMs } = config;
  const open = (key: Key): Session<Recogniser> =>
    new Session({ kind: 'stt', make: (signal) => makeRecogniser(account, key, signal), clock, deadlineMs });
  const pool = new Pool({ open, prepared: config.prepared, maxAgeMs, clock });
  const closed = new AbortController();

  async function* listen(audio: AsyncIterable<Pcm>, options: ListenOptions): AsyncGenerator<Heard> {
    const { language, sampleRateHz } = options;
    options.signal.throwIfAborted();
    closed.signal.throwIfAborted();
    if (!can.languages.includes(language)) throw rejected('stt', `it is not set up for ${language}`);
    if (!can.sampleRatesHz.includes(sampleRateHz)) throw rejected('stt', `it cannot take ${sampleRateHz} Hz`);
    const session = pool.take({ language, sampleRateHz });
    const left = new AbortController();
    const signal = AbortSignal.any([options.signal, closed.signal, session.over, left.signal]);
    try {
      const recogniser = await abortable(session.ready, signal);
      options.onConnected?.();
      yield* recognise(recogniser, audio, { ...options, signal });
    } catch (error) {
      if (hasCode(error, 'speech-key-refused')) account.refused();
      throw error;
    } finally {
      left.abort();
      session.cut();
    }
  }

  /** One utterance. @yields as {@link SpeechToText.listen}. */
  async function* recognise(
    recogniser: Recogniser,
    audio: AsyncIterable<Pcm>,
    { sampleRateHz, phrases, signal }: ListenOptions,
  ): AsyncGenerator<Heard> {
    const partials = new Inbox<string>();
    const segments = follow(recogniser.sdk, partials);
    if (phrases) recogniser.addPhrases(phrases.phrases);
    recogniser.sdk.startContinuousRecognitionAsync(undefined, (details) => {
      partials.fail(troubleFrom('stt', details));
    });
    const pumped = pump(audio, recogniser.audio, sampleRateHz, signal).then(async (samples) => {
      // There is nothing to wait for.
      if (samples === 0) partials.end();
      await clock.sleep(deadlineMs, signal);
      throw unavailable('stt', `there was no result within ${deadlineMs} ms`);
    });
    pumped.catch((error: unknown) => partials.fail(error));
    let last = '';
    for (;;) {
      const text = await abortable(partials.next(), signal);
      if (text === undefined) break;
      if (text !== '' && text !== last) yield { kind: 'partial', text: (last = text) };
    }
    yield { kind: 'final', ...joined(segments) };
  }

  return {
    name: provider,
    can,
    listen,
    async warmUp(_phrases: readonly PhraseSet[]) {
      closed.signal.throwIfAborted();
      await loadSdk();
    },
    async probe({ signal }) {
      const session = open({ language: config.languages[0] ?? 'en-US', sampleRateHz: 16_000 });
      try {
        await abortable(session.ready, signal);
        return account.place;
      } finally {
        session.cut();
      }
    },
    close() {
      closed.abort(unavailable('stt', 'it was closed'));
      pool.close();
      account.close();
      return Promise.resolve();
    },
  };
}

async function makeRecogniser(
  account: Account,
  { language, sampleRateHz }: Key,
  signal: AbortSignal,
): Promise<Made<Recogniser>> {
  const { sdk, config } = await account.open(signal);
  const { PropertyId, OutputFormat } = sdk;
  config.speechRecognitionLanguage = language;
  config.outputFormat = OutputFormat.Detailed;
  config.setProperty(PropertyId.Speech_SegmentationSilenceTimeoutMs, String(segmentationSilenceMs));
  // Of what comes at once, which is all of a recorded turn, the SDK sends 5 s and the rest at twice the speed of speech.
  config.setProperty('SPEECH-TransmitLengthBeforThrottleMs', String(longestMs));
  // Whoever uses this has a plan of their own for when a connection fails.
  config.setProperty('SPEECH-Error-MaxRetryCount', '0');
  const audio = sdk.AudioInputStream.createPushStream(
    sdk.AudioStreamFormat.getWaveFormatPCM(sampleRateHz, 16, 1),
  );
  const recognizer = new sdk.SpeechRecognizer(config, sdk.AudioConfig.fromStreamInput(audio));
  return {
    client: {
      sdk: recognizer,
      audio,
      addPhrases: (phrases) =>
        sdk.PhraseListGrammar.fromRecognizer(recognizer).addPhrases(spread(phrases, mostPhrases)),
    },
    connection: sdk.Connection.fromRecognizer(recognizer),
    insides: recognizer.internalData,
  };
}

/** Puts what is heard so far into the inbox, which ends with the utterance. @returns the segments, which grow until then. */
function follow(recognizer: SpeechRecognizer, partials: Inbox<string>): readonly Segment[] {
  const segments: Segment[] = [];
  const soFar = (text: string): string => [...segments.map((segment) => segment.text), text].join(' ').trim();
  recognizer.recognizing = (_, { result }) => partials.push(soFar(result.text));
  recognizer.recognized = (_, { result }) => {
    // What was no speech, or none that it understood, has no text.
    if (result.text) segments.push({ text: result.text.trim(), confidence: confidenceIn(result.json) });
  };
  recognizer.canceled = (_, { errorDetails }) => {
    if (errorDetails) partials.fail(troubleFrom('stt', errorDetails));
    else partials.end();
  };
  recognizer.sessionStopped = () => partials.end();
  return segments;
}

/** Hands the audio over as it comes. @returns how much there was. @throws what the audio throws; ParleyError `stt-rejected`; the signal's reason. */
async function pump(
  audio: AsyncIterable<Pcm>,
  to: PushAudioInputStream,
  sampleRateHz: number,
  signal: AbortSignal,
): Promise<number> {
  let samples = 0;
  for await (const piece of abortablePieces(audio, signal)) {
    samples += piece.length;
    if (samples > (longestMs / 1000) * sampleRateHz)
      throw rejected('stt', `it is longer than ${longestMs / 1000} seconds`);
    // The SDK keeps what it is given, and wants a buffer without anything around it.
    if (piece.length > 0) to.write(piece.slice().buffer);
  }
  to.close();
  return samples;
}

const detailed = z.object({ NBest: z.array(z.object({ Confidence: z.number().min(0).max(1) })).min(1) });

/** How sure the service is of its best guess, in the detailed form of a result. */
function confidenceIn(json: string): number {
  const result = detailed.safeParse(JSON.parse(json));
  return result.data?.NBest[0]?.Confidence ?? 0;
}

/** All segments as one; each counts for the confidence by its length. */
function joined(segments: readonly Segment[]): { readonly text: string; readonly confidence: number } {
  const text = segments.map((segment) => segment.text).join(' ');
  const letters = segments.reduce((sum, segment) => sum + segment.text.length, 0);
  const weighed = segments.reduce((sum, segment) => sum + segment.confidence * segment.text.length, 0);
  return { text, confidence: letters === 0 ? 0 : weighed / letters };
}

/** At most so many of them, from all over the list: neighbours are often alike. */
function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return items.filter(
    (_, at) => Math.floor((at * most) / items.length) !== Math.floor(((at - 1) * most) / items.length),
  );
}
