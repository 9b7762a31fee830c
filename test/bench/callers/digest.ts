import { createHash } from 'node:crypto';

/** A server's demand for a password: the value of WWW-Authenticate or Proxy-Authenticate. */
export type Challenge = ReadonlyMap<string, string>;

export interface DigestRequest {
  readonly method: string;
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  /** The client's own nonce. */
  readonly cnonce: string;
}

/** Its parameters, names in lower case; undefined for another scheme than Digest. */
export function parseChallenge(value: string): Challenge | undefined {
  const [, parameters] = /^Digest\s+(.*)$/i.exec(value) ?? [];
  if (parameters === undefined) return undefined;
  const found = parameters.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return new Map(
    [...found].map(([, name = '', quoted, bare = '']) => [name.toLowerCase(), quoted ?? bare] as const),
  );
}

/** Whether `authorize` can answer it: MD5, which is also meant when nothing is said. */
export function isMd5(challenge: Challenge): boolean {
  return (challenge.get('algorithm') ?? 'MD5').toUpperCase() === 'MD5';
}

/** The value of Authorization or Proxy-Authorization (RFC 2617, section 3.2.2), for the first use of a nonce. */
export function authorize(challenge: Challenge, request: DigestRequest): string {
  const { method, uri, user, password, cnonce } = request;
  const realm = challenge.get('realm') ?? '';
  const nonce = challenge.get('nonce') ?? '';
  const opaque = challenge.get('opaque');
  const withQop = (challenge.get('qop') ?? '').split(',').some((qop) => qop.trim() === 'auth');
  const nc = '00000001';
  const secret = md5(`${user}:${realm}:${password}`);
  const asked = md5(`${method}:${uri}`);
  const between = withQop ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
  const fields = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${md5(`${secret}:${between}:${asked}`)}"`,
    'algorithm=MD5',
    ...(withQop ? ['qop=auth', `nc=${nc}`, `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${fields.join(', ')}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
