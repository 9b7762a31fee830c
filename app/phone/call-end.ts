import type { AriEvent } from '../asterisk/ari/events.ts';

/** How a call ended, or why it was never answered. */
export interface CallEnd {
  /** Which side ended it. */
  readonly by: 'phone' | 'other';
  /** ITU-T Q.850; 0 when it is not known. */
  readonly cause: number;
  /** The cause in words, such as `Normal Clearing`. */
  readonly says: string;
  /** The SIP status of a call that was refused. */
  readonly sipStatus?: number;
}

export function endingOf(event: AriEvent & { type: 'ChannelDestroyed' }, byPhone: boolean): CallEnd {
  const { cause, cause_txt: says, tech_cause: sipStatus } = event;
  return { by: byPhone ? 'phone' : 'other', cause, says, ...(sipStatus !== undefined && { sipStatus }) };
}

/** For people: what became of a call. */
export function describeEnd({ cause, says, sipStatus }: CallEnd): string {
  const sip = sipStatus === undefined || sipStatus < 300 ? '' : `, SIP ${String(sipStatus)}`;
  return `${says || 'no reason given'} (cause ${String(cause)}${sip})`;
}
