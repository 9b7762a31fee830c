import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ParleyError } from '../errors.ts';

/** Where recordings lie. */
export interface RecordingFiles {
  /** Undefined for a name that leads out of their folder. */
  pathOf(file: string): string | undefined;
}

/**
 * Sends a WAV file or the part of it that is asked for: one range of bytes (RFC 9110, 14); of several, the whole file.
 * @throws ParleyError `console-not-found` when the file is not there: removed, or on another machine.
 */
export async function sendRecording(
  file: string,
  name: string,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { size, mtimeMs } = await stat(file).catch((cause: unknown) => {
    throw new ParleyError('console-not-found', { what: 'recording' }, { cause });
  });
  const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
  reply.headers({
    'content-type': 'audio/wav',
    'content-disposition': `inline; filename="${name}"`,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    etag,
  });
  if (headers['if-none-match'] === etag) return reply.status(304).send();
  const ifRange = headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(headers.range, size) : 'all';
  if (range === 'none') return reply.status(416).header('content-range', `bytes */${size}`).send();
  if (range === 'all') return reply.header('content-length', size).send(createReadStream(file));
  const { start, end } = range;
  return reply
    .status(206)
    .headers({ 'content-range': `bytes ${start}-${end}/${size}`, 'content-length': end - start + 1 })
    .send(createReadStream(file, { start, end }));
}

/** @returns `none` when the file has no such part; `all` where no part is asked for that can be given. */
function rangeOf(
  header: string | undefined,
  size: number,
): 'all' | 'none' | { readonly start: number; readonly end: number } {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return 'all';
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return 'all';
  return start >= size || end < start ? 'none' : { start, end };
}
