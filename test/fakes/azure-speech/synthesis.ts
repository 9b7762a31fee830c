import { pcmToBytes } from '../../../app/audio/pcm.ts';
import { lateMs, type Order, type Speaks, type Wire } from './spec.ts';
import { type UspMessage, uspAudio, uspText } from './usp.ts';

/** An odd number, so that samples are cut in the middle. */
const pieceBytes = 3_201;

/** The parts of `synthesis.context` that are looked at. */
interface SynthesisContext {
  readonly synthesis?: { readonly audio?: { readonly outputFormat?: string } };
}

/** Text between tags: no markup, only whole entities, no character that XML 1.0 does not have. */
const content = String.raw`(?:[^<&\p{Cc}\p{Cs}\uFFFE\uFFFF]|&(?:amp|lt|gt|quot|apos);)*`;
const quoted = String.raw`(?:[^<&"\p{Cc}\p{Cs}\uFFFE\uFFFF]|&(?:amp|lt|gt|quot|apos);)*`;
const ssmlForm = new RegExp(
  `^<speak version="1\\.0" xmlns="http://www\\.w3\\.org/2001/10/synthesis" xml:lang="(?<language>${quoted})">` +
    `<voice name="(?<voice>${quoted})">` +
    `(?:<prosody rate="(?<rate>${quoted})">(?<paced>${content})</prosody>|(?<plain>${content}))` +
    `</voice></speak>$`,
  'u',
);

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(xml: string): string {
  return xml.replace(/&(\w+);/g, (_, name: string) => characters[name] ?? '');
}

/** One connection to the synthesiser. @returns what takes its messages. */
export function synthesise(
  wire: Wire,
  speaks: Speaks,
  onOrder: (order: Order) => void,
): (message: UspMessage) => void {
  let outputFormat = '';

  const speak = async (requestId: string, ssml: string): Promise<void> => {
    const found = ssmlForm.exec(ssml)?.groups;
    // As the service answers what is not well formed.
    if (found === undefined) {
      wire.close(1007, 'Ssml should be well formed');
      return;
    }
    const order: Order = {
      ssml,
      text: unescape(found['paced'] ?? found['plain'] ?? ''),
      voice: unescape(found['voice'] ?? ''),
      language: unescape(found['language'] ?? ''),
      rate: found['rate'],
      outputFormat,
      sampleRateHz: Number(/^raw-(\d+)khz-16bit-mono-pcm$/.exec(outputFormat)?.[1]) * 1000,
    };
    onOrder(order);
    const sound = pcmToBytes(await speaks(order));
    const { behaviour } = wire;
    if (behaviour === 'garbage') {
      wire.send('what is this');
      wire.send(Buffer.from([0xff, 0xff, 1, 2, 3]));
      return;
    }
    if (behaviour === 'throttled') {
      wire.close(4429, 'Throttled due to too many requests');
      return;
    }
    if (behaviour === 'bad-request') {
      wire.close(1007, 'Unsupported voice');
      return;
    }
    const answer = (): void => {
      const streamId = 'S1';
      wire.send(uspText('turn.start', requestId, { context: { serviceTag: 'fake' } }));
      wire.send(
        uspText('response', requestId, {
          context: { serviceTag: 'fake' },
          audio: { type: 'inline', streamId },
        }),
      );
      for (let at = 0; at < sound.length; at += pieceBytes) {
        wire.send(uspAudio(requestId, streamId, sound.subarray(at, at + pieceBytes)));
        if (behaviour === 'no-final') return;
        if (behaviour === 'reset-midway') {
          wire.later(20, () => wire.reset());
          return;
        }
        if (behaviour === 'close-midway') {
          wire.close(1000, 'that is all');
          return;
        }
      }
      wire.send(uspText('turn.end', requestId, {}));
    };
    if (behaviour === 'late') wire.later(lateMs, answer);
    else answer();
  };

  return ({ path, requestId, body }) => {
    if (wire.behaviour === 'silent') return;
    if (path === 'synthesis.context')
      outputFormat = (JSON.parse(body.toString()) as SynthesisContext).synthesis?.audio?.outputFormat ?? '';
    if (path === 'ssml') void speak(requestId, body.toString());
  };
}
