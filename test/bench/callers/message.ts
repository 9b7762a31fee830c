/** A SIP message (RFC 3261, section 7), as far as a caller over UDP needs one. */
export type SipMessage = SipRequest | SipResponse;

interface Parts {
  /** Names in lower case; each value as it stood, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export interface SipRequest extends Parts {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
}

export interface SipResponse extends Parts {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
}

/** RFC 3261, section 7.3.3. */
const longNames: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
};

/** Undefined for what is no SIP message. */
export function parseSip(text: string): SipMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  // A line that begins with a blank goes on with the one before it.
  const [start = '', ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) return undefined;
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = longNames[written] ?? written;
    const values = headers.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    headers.set(name, values);
  }
  const body = text.slice(end + 4);
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(start);
  if (response)
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  return request
    ? { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', headers, body }
    : undefined;
}

/** The first value of a header; '' when there is none. */
export function headerOf(message: SipMessage, name: string): string {
  return message.headers.get(name)?.[0] ?? '';
}

/** Number and method of `CSeq: 2 INVITE`. */
export function cseqOf(message: SipMessage): { readonly number: number; readonly method: string } {
  const [number = '', method = ''] = headerOf(message, 'cseq').split(/\s+/);
  return { number: Number(number), method };
}

/** The address in `"Name" <sip:1000@127.0.0.1:5060>;tag=x`. */
export function uriOf(address: string): string {
  return /<([^>]*)>/.exec(address)?.[1] ?? address.split(';')[0]?.trim() ?? '';
}

export function tagOf(address: string): string | undefined {
  return /;\s*tag=([^;\s]+)/i.exec(address)?.[1];
}

/** @param headers in the order in which they are written; the length of the body is added. */
export function writeSip(
  start: string,
  headers: readonly (readonly [name: string, value: string])[],
  body = '',
): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${start}\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** The answer to a request, with the headers that every answer repeats (RFC 3261, section 8.2.6.2). */
export function writeAnswer(
  request: SipRequest,
  status: string,
  headers: readonly (readonly [name: string, value: string])[] = [],
  body = '',
): string {
  const repeated = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) =>
    (request.headers.get(name.toLowerCase()) ?? []).map((value) => [name, value] as const),
  );
  return writeSip(`SIP/2.0 ${status}`, [...repeated, ...headers], body);
}
