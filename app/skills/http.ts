import { gunzipSync } from 'node:zlib';
import { messageOf, ParleyError } from '../errors.ts';
import type { Clock } from '../ops/clock.ts';
import { withDeadline } from '../ops/deadline.ts';

export type Fetch = typeof globalThis.fetch;

export interface GetOptions {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Its name in errors: `weather`, `BBC News`. */
  readonly service: string;
  /** From the first byte sent to the last received, redirects and the second try included. */
  readonly deadlineMs: number;
  /** Of the body, unpacked. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** POSTs it instead, and tries only once: whether the first try did something is not known. */
  readonly body?: string;
}

export interface Got {
  /** 2xx, or 304 to a conditional request. */
  readonly status: number;
  readonly headers: Headers;
  /** Unpacked, whether or not the server said that it was packed. */
  readonly body: Buffer;
}

/**
 * Gets an outside service's answer as a whole: within a deadline, up to a size, tried once more when the connection is reset
 * (a server that closes a kept connection does that to the next request on it).
 * @throws ParleyError `skill-service-unreachable`, or `skill-service-garbled` when it is too large or badly packed; the signal's reason.
 */
export async function getWhole(url: string | URL, options: GetOptions): Promise<Got> {
  const { clock, deadlineMs, service, signal } = options;
  return await withDeadline(
    async (within) => {
      try {
        return await getOnce(url, options, within);
      } catch (error) {
        if (!wasReset(error) || within.aborted || options.body !== undefined)
          throw asServiceError(error, service);
      }
      try {
        return await getOnce(url, options, within);
      } catch (error) {
        throw asServiceError(error, service);
      }
    },
    {
      clock,
      deadlineMs,
      signal,
      onTimeout: () => unreachable(service, `there was no whole answer within ${deadlineMs} ms`),
    },
  );
}

async function getOnce(
  url: string | URL,
  { fetch, headers = {}, maxBytes, service, body: sent }: GetOptions,
  signal: AbortSignal,
): Promise<Got> {
  const response = await fetch(url, {
    signal,
    ...(sent !== undefined && { method: 'POST', body: sent }),
    headers: { 'user-agent': 'Parley (telephone bot)', ...headers },
  });
  const { status } = response;
  if (!response.ok && status !== 304) {
    const body = await readUpTo(response, 2_000).catch(() => undefined);
    const reason = body === undefined ? '' : reasonIn(body);
    throw unreachable(service, `it answered with status ${status}${reason}`);
  }
  const body = await readUpTo(response, maxBytes);
  if (body === undefined) throw garbled(service, `it is larger than ${maxBytes} bytes`);
  return { status, headers: response.headers, body: unpack(body, maxBytes, service) };
}

/** The body, or undefined when it is larger; then the rest is not fetched. */
async function readUpTo(response: Response, maxBytes: number): Promise<Buffer | undefined> {
  if (response.body === null) return Buffer.alloc(0);
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    if (size > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** fetch unpacks what the server declares; some send a .gz file as it is. */
function unpack(body: Buffer, maxBytes: number, service: string): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    throw garbled(service, `it cannot be unpacked: ${messageOf(error)}`);
  }
}

/** The sentence in a JSON error such as Open-Meteo's `{"error":true,"reason":"…"}`. */
function reasonIn(body: Buffer): string {
  const [, reason] = /"reason"\s*:\s*"([^"\\]{1,200})"/.exec(body.toString('utf8')) ?? [];
  return reason === undefined ? '' : `: ${reason}`;
}

function unreachable(service: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError(
    'skill-service-unreachable',
    { service, reason },
    cause === undefined ? {} : { cause },
  );
}

export function garbled(service: string, reason: string, cause?: unknown): ParleyError {
  return new ParleyError('skill-service-garbled', { service, reason }, cause === undefined ? {} : { cause });
}

/** fetch throws `TypeError: fetch failed` (or `terminated`, or of zlib) with what happened as its cause. */
function asServiceError(error: unknown, service: string): Error {
  if (error instanceof ParleyError) return error;
  const codes = causes(error).map(({ code }) => code);
  const code = codes.find((known) => known !== undefined);
  if (code?.startsWith('Z_') === true || code?.startsWith('ERR__ERROR_FORMAT') === true)
    return garbled(service, `it cannot be unpacked: ${code}`, error);
  const last = causes(error).at(-1)?.message ?? messageOf(error);
  return unreachable(service, code === undefined ? last : `${last} (${code})`, error);
}

/** What the connection's sudden end looks like, from the socket and from fetch. */
const resetCodes: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function wasReset(error: unknown): boolean {
  return causes(error).some(({ code }) => resetCodes.has(code));
}

/** An error and its causes, outermost first. */
function causes(error: unknown): { readonly message: string; readonly code: string | undefined }[] {
  const found = [];
  for (let at = error; at instanceof Error && found.length < 8; at = at.cause) {
    const { code } = at as { code?: unknown };
    found.push({ message: at.message, code: typeof code === 'string' ? code : undefined });
  }
  return found;
}
