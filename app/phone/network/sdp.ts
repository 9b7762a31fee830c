/** Where audio is to be sent. */
export interface MediaAddress {
  readonly host: string;
  readonly port: number;
}

/** The parts of a SIP message (RFC 3261): lines of a head, an empty line, a body. Latin-1, so that each byte stays as it is. */
function parts(message: Buffer): { readonly head: string; readonly body: string } {
  const text = message.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? { head: text, body: '' } : { head: text.slice(0, end), body: text.slice(end + 4) };
}

/** The call that a SIP message belongs to; '' when it does not say. */
export function callIdOf(message: Buffer): string {
  return /^(?:Call-ID|i)\s*:\s*(\S+)/im.exec(parts(message).head)?.[1] ?? '';
}

/** Where the sender of a SIP message wants audio (SDP, RFC 8866, IPv4); undefined when it does not say. */
export function audioAddressOf(message: Buffer): MediaAddress | undefined {
  const { body } = parts(message);
  const port = Number(/^m=audio (\d+) /m.exec(body)?.[1] ?? 0);
  // The address of the audio itself stands after `m=`, that of the whole session before it.
  const [session = '', audio = ''] = body.split(/^(?=m=audio )/m);
  const host = hostIn(audio) ?? hostIn(session);
  return port === 0 || host === undefined ? undefined : { host, port };
}

function hostIn(lines: string): string | undefined {
  return /^c=IN IP4 ([\d.]+)/m.exec(lines)?.[1];
}

/** The same message with audio wanted elsewhere; the rest of it, but for its length, stays as it is. */
export function withAudioAddress(message: Buffer, { host, port }: MediaAddress): Buffer {
  const { head, body } = parts(message);
  const changed = body
    .replace(/^c=IN IP4 [\d.]+/gm, `c=IN IP4 ${host}`)
    .replace(/^m=audio \d+ /m, `m=audio ${String(port)} `)
    // Reports about the audio (RTCP) would otherwise still take the direct road.
    .replace(/^a=rtcp:.*\r\n/gm, '');
  const length = String(Buffer.byteLength(changed, 'latin1'));
  return Buffer.from(
    `${head.replace(/^((?:Content-Length|l)\s*:)\s*\d+/im, `$1 ${length}`)}\r\n\r\n${changed}`,
    'latin1',
  );
}
