import type { Audio, Pcm } from '../../audio/pcm.ts';

/** Who calls. Both may be ''. Never part of a log message's text. */
export interface CallerId {
  readonly number: string;
  readonly name: string;
}

/** What a caller does. The times are milliseconds since the line was answered. */
export type LineEvent =
  /** Also when the caller goes on after a pause. */
  | { readonly kind: 'speech-started'; readonly atMs: number }
  /**
   * What the caller says, in order, from a little before it was noticed: piece by piece as it is spoken, or all of it
   * at its end. May hold no speech at all (a cough, noise).
   */
  | { readonly kind: 'speech'; readonly audio: Audio }
  /**
   * The caller has stopped: when, and how much silence it took to notice. `over` when the line itself has judged that
   * the turn is over; otherwise `quiet` tells how the silence grows, until the caller goes on or has been silent for
   * longer than any pause.
   */
  | {
      readonly kind: 'pause';
      readonly endedAtMs: number;
      readonly silenceMs: number;
      readonly over: boolean;
    }
  | { readonly kind: 'quiet'; readonly silenceMs: number }
  | { readonly kind: 'digit'; readonly digit: string };

/** Something to be heard by the caller. */
export interface Speech {
  readonly audio: AsyncIterable<Pcm> | Pcm;
  readonly sampleRateHz: number;
  /** Set for what is spoken again and again: the line may keep it ready under this name. */
  readonly key?: string;
}

/** How much of a `Speech` the caller heard. */
export interface Said {
  readonly completed: boolean;
  readonly heardMs: number;
}

export interface SayOptions {
  readonly signal: AbortSignal;
  /** Called when the first of it is on its way to the caller, and when Asterisk has begun to play it. */
  readonly onSent?: () => void;
  readonly onStarted?: () => void;
  /** Called now and then, where the line knows it: so much of it Asterisk has played, in milliseconds. */
  readonly onPlayed?: (playedMs: number) => void;
}

/** Both voices of a call in one file: the caller left, the bot right. */
export interface LineRecording {
  /** Below the recordings' folder, such as `2026-11-22/1f2e3d4c5b6a7988.wav`. */
  readonly file: string;
  /** When its first sample was, in milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly ms: number;
  readonly bytes: number;
  readonly sampleRateHz: number;
}

export type ConnectOutcome = 'talked' | 'busy' | 'no-answer' | 'unknown' | 'failed';

/** A caller's two-way audio, however it is carried. */
export interface Line {
  readonly callId: string;
  readonly caller: CallerId;
  /** The extension that was dialled. */
  readonly dialled: string;
  /** How the audio is carried now; absent before the call is answered, and where it is not known. */
  readonly kind?: 'streamed' | 'recorded' | undefined;
  /** Set when the line is closed, if both voices were kept. */
  readonly recording?: LineRecording | undefined;
  /** Aborted, with a ParleyError `line-hung-up` as its reason, when the caller is gone. */
  readonly hungUp: AbortSignal;
  /** Set when it was not the caller who hung up. */
  readonly hungUpBy?: 'operator' | undefined;
  /** One listener; what happens before there is one is kept (bounded). A listener that throws does not harm the call. */
  onEvent(listener: (event: LineEvent) => void): void;
  /** Takes the call: ring, answer, bridge. @throws ParleyError `line-hung-up`, `ari-*`. */
  answer(): Promise<void>;
  /**
   * Speaks, and resolves when the caller has heard it or how much of it.
   * Aborting `signal` stops the sound at once; that is not an error.
   * @throws ParleyError `line-playback-failed`, `line-hung-up`; whatever the speech's audio throws.
   */
  say(speech: Speech, options: SayOptions): Promise<Said>;
  /** Connects the caller to a phone and resolves when that is over; `signal` ends it. @throws ParleyError `line-hung-up`. */
  connect(
    extension: string,
    options: { readonly signal: AbortSignal; readonly ringMs: number },
  ): Promise<ConnectOutcome>;
  /** Ends the call from the bot's side and leaves nothing behind. Idempotent; never throws. */
  close(): Promise<void>;
}
