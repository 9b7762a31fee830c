import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../audio/g711.ts';
import { hasCode } from '../../errors.ts';
import type { AriConnection } from '../ari/connection.ts';
import { bytesToPcm, type Pcm, pcmToBytes } from '../../audio/pcm.ts';

/** How a caller's audio is written in the messages of a media WebSocket. */
export interface MediaCodec {
  /** Asterisk's name of it, for `externalMedia`. */
  readonly format: string;
  readonly sampleRateHz: number;
  readonly decode: (bytes: Uint8Array) => Pcm;
  readonly encode: (samples: Pcm) => Uint8Array;
}

/** 16-bit samples as they are. @param format `slin` for 8 kHz, `slin16` for 16 kHz. */
export function linearCodec(format: string, sampleRateHz: number): MediaCodec {
  return { format, sampleRateHz, decode: bytesToPcm, encode: pcmToBytes };
}

/** The telephone's own codec: Asterisk hands its bytes through, and has nothing to convert (docs/decisions/0021). */
const g711: Readonly<Record<string, MediaCodec>> = {
  ulaw: { format: 'ulaw', sampleRateHz: 8_000, decode: decodeMuLaw, encode: encodeMuLaw },
  alaw: { format: 'alaw', sampleRateHz: 8_000, decode: decodeALaw, encode: encodeALaw },
};
const narrowBand = linearCodec('slin', 8_000);
/** What any other codec is brought to and from. */
export const wideBand = linearCodec('slin16', 16_000);

/** Asterisk's names of codecs with more than 8 kHz. */
const wide = /^(g722|slin\d+|siren\d+|silk(12|16|24)|speex\d+|opus|amrwb|evs)$/;

/**
 * What to carry the audio of a channel in: G.711 as it is, all else as linear samples of its rate.
 * @param formats its native formats as Asterisk writes them, such as `(ulaw)` or `(g722|alaw)`.
 */
export function codecFor(formats: string): MediaCodec {
  const [first = '', ...others] = formats.replace(/[()\s]/g, '').split('|');
  const known = g711[first];
  if (known !== undefined && others.length === 0) return known;
  return first !== '' && [first, ...others].every((name) => !wide.test(name)) ? narrowBand : wideBand;
}

/**
 * The native formats of a channel; '' where Asterisk cannot tell, as without func_channel. A channel that is gone is
 * noticed by what is done with it next.
 * @throws ParleyError `ari-unreachable`, `ari-command-timeout`.
 */
export async function nativeFormats({ commands }: AriConnection, channelId: string): Promise<string> {
  try {
    return await commands.getVariable(channelId, 'CHANNEL(audionativeformat)');
  } catch (error) {
    if (hasCode(error, 'ari-command-failed')) return '';
    throw error;
  }
}
