import { rmsDbfs } from '../../../app/audio/level.ts';
import { bytesToPcm } from '../../../app/audio/pcm.ts';
import { type Hearing, type Hears, lateMs, type Utterance, type Wire } from './spec.ts';
import { type UspMessage, uspText } from './usp.ts';

/** Quieter than any voice. */
const quietDbfs = -60;
const partialEveryMs = 400;
const ticksPerMs = 10_000;
const confidence = 0.9;

/** The parts of `speech.context` that are looked at. */
interface SpeechContext {
  readonly dgi?: { readonly groups?: readonly { readonly items: readonly { readonly text: string }[] }[] };
}

/**
 * One connection to the recogniser.
 * @param onEnd told when there is no more audio. @param onUtterance told with all of it, when it is thought about.
 * @returns what takes its messages.
 */
export function recognise(
  wire: Wire,
  hears: Hears,
  onEnd: () => void,
  onUtterance: (utterance: Utterance) => void,
): (message: UspMessage) => void {
  let context: SpeechContext = {};
  let sampleRateHz = 16_000;
  let audio = Buffer.alloc(0);
  let looked = 0;
  let isStarted = false;
  // Results come in the order in which they were asked for.
  let working = Promise.resolve();

  const utterance = (isFinal: boolean): Utterance => ({
    samples: bytesToPcm(audio),
    sampleRateHz,
    language: wire.query.get('language') ?? '',
    format: wire.query.get('format') ?? '',
    phrases: (context.dgi?.groups ?? []).flatMap(({ items }) => items.map(({ text }) => text)),
    context,
    isFinal,
  });
  const lengthMs = (): number => (audio.length / 2 / sampleRateHz) * 1000;
  const think = async (isFinal: boolean): Promise<readonly { text: string; confidence: number }[]> => {
    const said = utterance(isFinal);
    if (isFinal) onUtterance(said);
    const hearing: Hearing = rmsDbfs(said.samples) < quietDbfs ? '' : await hears(said);
    if (typeof hearing !== 'string') return hearing;
    return hearing === '' ? [] : [{ text: hearing, confidence }];
  };

  const partial = async (requestId: string): Promise<void> => {
    const text = (await think(false)).map((segment) => segment.text).join(' ');
    if (text === '') return;
    wire.send(uspText('speech.startDetected', requestId, { Offset: 0 }));
    wire.send(
      uspText('speech.hypothesis', requestId, { Text: text, Offset: 0, Duration: lengthMs() * ticksPerMs }),
    );
  };

  const final = async (requestId: string): Promise<void> => {
    const segments = await think(true);
    const Duration = (lengthMs() * ticksPerMs) / Math.max(1, segments.length);
    const phrases = segments.map(({ text, confidence: Confidence }, at) => ({
      RecognitionStatus: 'Success',
      Offset: at * Duration,
      Duration,
      DisplayText: text,
      NBest: [{ Confidence, Lexical: text.toLowerCase(), ITN: text, MaskedITN: text, Display: text }],
    }));
    const end = { RecognitionStatus: 'EndOfDictation', Offset: lengthMs() * ticksPerMs, Duration: 0 };
    const nothing = {
      RecognitionStatus: 'InitialSilenceTimeout',
      Offset: 0,
      Duration: lengthMs() * ticksPerMs,
    };
    const answer = (): void => {
      if (wire.behaviour === 'garbled')
        wire.send(uspText('speech.phrase', requestId, phrases[0] ?? nothing).slice(0, -20));
      for (const phrase of [...(phrases.length > 0 ? phrases : [nothing]), end])
        wire.send(uspText('speech.phrase', requestId, phrase));
      wire.send(uspText('speech.endDetected', requestId, { Offset: lengthMs() * ticksPerMs }));
      wire.send(uspText('turn.end', requestId, {}));
    };
    if (wire.behaviour === 'late') wire.later(lateMs, answer);
    else answer();
  };

  const hear = ({ requestId, contentType, body }: UspMessage): void => {
    if (contentType === 'audio/x-wav') {
      sampleRateHz = body.readUInt32LE(24);
      return;
    }
    if (!isStarted) {
      isStarted = true;
      wire.send(uspText('turn.start', requestId, { context: { serviceTag: 'fake' } }));
      if (wire.behaviour === 'garbage') {
        wire.send('what is this');
        wire.send(Buffer.from([0xff, 0xff, 1, 2, 3]));
        wire.send(uspText('speech.unheard-of', requestId, {}));
      }
    }
    audio = Buffer.concat([audio, body]);
    if (lengthMs() > 200) {
      if (wire.behaviour === 'reset-midway') wire.reset();
      if (wire.behaviour === 'close-midway') wire.close(1000, 'that is all');
      if (wire.behaviour === 'throttled') wire.close(4429, 'Throttled due to too many requests');
      if (wire.behaviour === 'bad-request') wire.close(1007, 'Invalid audio');
    }
    if (body.length === 0) {
      if (wire.behaviour !== 'no-final' && wire.behaviour !== 'garbage')
        working = working.then(() => final(requestId));
    } else if (lengthMs() - looked >= partialEveryMs) {
      looked = lengthMs();
      working = working.then(() => partial(requestId));
    }
  };

  return (message) => {
    if (message.path === 'audio' && message.body.length === 0) onEnd();
    if (wire.behaviour === 'silent') return;
    if (message.path === 'speech.context') context = JSON.parse(message.body.toString()) as SpeechContext;
    if (message.path === 'audio') hear(message);
  };
}
