import type { Audio } from '../../audio/pcm.ts';
import type { Log } from '../../ops/log.ts';
import type { Metrics } from '../../ops/metrics.ts';
import type { AriConnection } from '../ari/connection.ts';
import type { LineEvent, Said, SayOptions, Speech } from './spec.ts';

/** How a caller's audio is carried, both ways. A line has one at a time and may change it in the middle of a call. */
export interface AudioPath {
  readonly kind: 'streamed' | 'recorded';
  /**
   * Begins to hear the caller.
   * @param answered resolves when the call is answered and the caller in the bridge, which exists already.
   * @throws ParleyError `ari-*`, `line-recording-failed`; the reason of `hungUp`.
   */
  start(answered: Promise<void>): Promise<void>;
  /** As `Line.say`. @throws ParleyError `line-audio-lost` when this way of carrying audio has broken off. */
  say(speech: Speech, options: SayOptions): Promise<Said>;
  /** The caller talks with somebody else: nothing is heard or told until `resume`. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  /** Leaves nothing behind on Asterisk. Idempotent; never throws. */
  close(): Promise<void>;
}

/** What an audio path knows of its line. */
export interface PathOptions {
  readonly ari: AriConnection;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The caller. */
  readonly channelId: string;
  readonly bridgeId: string;
  /** Begins the name of all that is made on Asterisk. */
  readonly prefix: string;
  readonly hungUp: AbortSignal;
  readonly tell: (event: LineEvent) => void;
  /** Told all that comes from the caller, speech or not, for the recording; `atMs` is when it began, by `performance.now()`. */
  readonly heard?: ((audio: Audio, atMs: number) => void) | undefined;
  /** Milliseconds since the call was answered. */
  readonly sinceAnswerMs: () => number;
  /** The path has broken off by itself; it is to be closed. */
  readonly onLost: (reason: string) => void;
}
