import { ParleyError } from '../../errors.ts';

export const provider = 'azure';

export type Kind = 'stt' | 'tts';

/** How the SDK words a refused upgrade (it is that of `ws`), and a connection that was closed. */
const httpStatus = /Unexpected server response: (\d{3})/;
const closeCode = /websocket error code: (\d{4})/;
/** The service says so with several codes, 1007 (bad request) among them. */
const throttled = /throttl|too many|exceeded|quota/i;
const badRequest = /invalid parameter/i;

/**
 * What the SDK tells of a failure, as an error from the table. It tells it as text and nothing else, whose form this
 * is the only place to know. Addresses are left out: the SDK writes the key into them.
 */
export function troubleFrom(kind: Kind, details: string): ParleyError {
  const status = Number(httpStatus.exec(details)?.[1]);
  const code = Number(closeCode.exec(details)?.[1]);
  if (status === 401 || status === 403) return keyRefused(status);
  if (status === 429 || code === 4429 || throttled.test(details)) return overloaded();
  const reason = reasonIn(details);
  if ((status >= 400 && status < 500) || code === 1007 || badRequest.test(details))
    return rejected(kind, reason);
  return unavailable(kind, reason);
}

export function keyRefused(status: number): ParleyError {
  return new ParleyError('speech-key-refused', { provider, status });
}

export function overloaded(): ParleyError {
  return new ParleyError('speech-overloaded', { provider, waiting: 'too many' });
}

export function rejected(kind: Kind, reason: string): ParleyError {
  return new ParleyError(`${kind}-rejected`, { provider, reason });
}

export function unavailable(kind: Kind, reason: string): ParleyError {
  return new ParleyError(`${kind}-unavailable`, { provider, reason });
}

function reasonIn(details: string): string {
  const told = /Reason:\s*(.*)$/s.exec(details)?.[1] ?? details;
  return (
    told
      .replace(closeCode, 'it closed the connection ($1)')
      .replace(/\b\w+:\/\/\S+/g, '')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 300) || 'the connection was refused'
  );
}
