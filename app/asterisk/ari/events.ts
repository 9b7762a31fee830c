/**
 * The ARI events that Parley uses, as Asterisk sends them (https://docs.asterisk.org, Asterisk REST Interface, Events).
 * Fields that Parley does not read are left out.
 */

export interface AriChannel {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly caller: { readonly name: string; readonly number: string };
  readonly dialplan: {
    readonly context: string;
    readonly exten: string;
    /** What the application was called with, such as `parley,lang=es-ES`. */
    readonly appData: string;
  };
  readonly creationtime: string;
  readonly language: string;
}

export interface AriBridge {
  readonly id: string;
  readonly name: string;
  readonly channels: readonly string[];
}

export interface AriPlayback {
  readonly id: string;
  readonly media_uri: string;
  readonly state: 'queued' | 'playing' | 'continuing' | 'done' | 'failed';
}

export interface AriRecording {
  readonly name: string;
  readonly state: string;
  readonly cause?: string;
}

interface Stamped {
  /** ISO 8601 with milliseconds, by Asterisk's clock. */
  readonly timestamp: string;
}

export type AriEvent = Stamped &
  (
    | { readonly type: 'StasisStart'; readonly channel: AriChannel; readonly args: readonly string[] }
    | { readonly type: 'StasisEnd'; readonly channel: AriChannel }
    | { readonly type: 'ChannelStateChange'; readonly channel: AriChannel }
    | {
        readonly type: 'ChannelDestroyed';
        readonly channel: AriChannel;
        /** ITU-T Q.850. */
        readonly cause: number;
        readonly cause_txt: string;
        /** The SIP status of a call that failed; not in every Asterisk. */
        readonly tech_cause?: number;
      }
    | { readonly type: 'ChannelHangupRequest'; readonly channel: AriChannel; readonly cause?: number }
    | { readonly type: 'ChannelDtmfReceived'; readonly channel: AriChannel; readonly digit: string }
    | { readonly type: 'ChannelTalkingStarted'; readonly channel: AriChannel }
    | { readonly type: 'ChannelTalkingFinished'; readonly channel: AriChannel; readonly duration: number }
    | { readonly type: 'PlaybackStarted'; readonly playback: AriPlayback }
    | { readonly type: 'PlaybackFinished'; readonly playback: AriPlayback }
    | { readonly type: 'RecordingStarted'; readonly recording: AriRecording }
    | { readonly type: 'RecordingFinished'; readonly recording: AriRecording }
    | { readonly type: 'RecordingFailed'; readonly recording: AriRecording }
    | { readonly type: 'ApplicationReplaced'; readonly application: string }
  );

export type AriEventType = AriEvent['type'];

const known: ReadonlySet<string> = new Set<AriEventType>([
  'StasisStart',
  'StasisEnd',
  'ChannelStateChange',
  'ChannelDestroyed',
  'ChannelHangupRequest',
  'ChannelDtmfReceived',
  'ChannelTalkingStarted',
  'ChannelTalkingFinished',
  'PlaybackStarted',
  'PlaybackFinished',
  'RecordingStarted',
  'RecordingFinished',
  'RecordingFailed',
  'ApplicationReplaced',
]);

/** Whether it is an event that Parley uses; every other one, of any shape, is passed over. */
export function isAriEvent(event: unknown): event is AriEvent {
  return typeof event === 'object' && event !== null && 'type' in event && known.has(String(event.type));
}

/** What an event is about, as the key that listeners subscribe to. */
export function subjectOf(event: AriEvent): string {
  if ('channel' in event) return `channel:${event.channel.id}`;
  if ('playback' in event) return `playback:${event.playback.id}`;
  if ('recording' in event) return `recording:${event.recording.name}`;
  return `application:${event.application}`;
}
