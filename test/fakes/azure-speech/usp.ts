/**
 * The framing of the speech service's WebSocket messages, as the SDK reads and writes it: headers like those of HTTP and
 * a body; a binary message has the length of its headers in front, two bytes, big-endian.
 */
export interface UspMessage {
  readonly path: string;
  readonly requestId: string;
  readonly contentType: string;
  /** Empty where there is none. */
  readonly body: Buffer;
}

const headEnd = '\r\n\r\n';

export function readUsp(data: Buffer, isBinary: boolean): UspMessage {
  const [from, to] = isBinary ? [2, 2 + data.readUInt16BE(0)] : [0, data.indexOf(headEnd)];
  const headers = new Map(
    data
      .toString('latin1', from, to)
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  return {
    path: headers.get('path') ?? '',
    requestId: headers.get('x-requestid') ?? '',
    contentType: headers.get('content-type') ?? '',
    body: data.subarray(isBinary ? to : to + headEnd.length),
  };
}

/** A text message with a body of JSON. */
export function uspText(path: string, requestId: string, body: unknown): string {
  return `X-RequestId:${requestId}\r\nPath:${path}\r\nContent-Type:application/json; charset=utf-8${headEnd}${JSON.stringify(body)}`;
}

/** A binary message with sound. */
export function uspAudio(requestId: string, streamId: string, audio: Uint8Array): Buffer {
  const head = Buffer.from(
    `X-RequestId:${requestId}\r\nX-StreamId:${streamId}\r\nPath:audio\r\nContent-Type:audio/x-wav\r\n`,
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(head.length);
  return Buffer.concat([length, head, audio]);
}
