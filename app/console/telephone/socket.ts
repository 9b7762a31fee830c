import { type RawData, WebSocket } from 'ws';
import type { Log } from '../../ops/log.ts';

export interface SipBridgeOptions {
  /** Asterisk's WebSocket for SIP, such as `ws://127.0.0.1:8088/ws`. */
  readonly url: string;
  readonly connectDeadlineMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** The subprotocol of SIP over WebSocket (RFC 7118, section 4.1). */
export const sipProtocol = 'sip';
/** The longest message: an INVITE of a browser has some 5,000 bytes. */
export const longestMessageBytes = 65_536;
/** What may wait for a side that does not read. */
const mostWaitingBytes = 262_144;

const lingerMs = 1_000;

/** Codes of RFC 6455, section 7.4. */
const closing = { normal: 1000, goingAway: 1001, tooSlow: 1008, unreachable: 1011 } as const;

/**
 * Carries SIP between a page and Asterisk, message by message; neither side learns of more than that.
 * @returns resolves when it is over: whether the page closed it, and was not just lost.
 */
export function bridgeSip(page: WebSocket, options: SipBridgeOptions): Promise<{ readonly left: boolean }> {
  const { url, connectDeadlineMs, signal, log } = options;
  const asterisk = new WebSocket(url, sipProtocol, {
    handshakeTimeout: connectDeadlineMs,
    maxPayload: longestMessageBytes,
    perMessageDeflate: false,
  });
  // Nothing is read before there is somebody to tell.
  page.pause();
  asterisk.on('open', () => {
    page.resume();
  });
  const carry = (to: WebSocket) => (data: RawData, isBinary: boolean) => {
    if (to.readyState !== WebSocket.OPEN) return;
    if (to.bufferedAmount > mostWaitingBytes) end(closing.tooSlow);
    else to.send(data, { binary: isBinary });
  };
  const { promise, resolve } = Promise.withResolvers<{ readonly left: boolean }>();
  let ended = false;
  const end = (code: number): void => {
    if (ended) return;
    ended = true;
    signal.removeEventListener('abort', over);
    page.close(code);
    page.resume();
    asterisk.close();
    // A page that does not answer must not keep the console from closing.
    const late = setTimeout(() => {
      page.terminate();
    }, lingerMs);
    page.once('close', () => {
      clearTimeout(late);
    });
    resolve({ left: false });
  };
  const over = (): void => {
    end(closing.goingAway);
  };
  signal.addEventListener('abort', over);
  page.on('message', carry(asterisk));
  asterisk.on('message', carry(page));
  page.on('error', (error) => {
    log.debug('the socket of a telephone in the page failed', { error });
  });
  asterisk.on('error', (error) => {
    if (!ended) log.warn('Asterisk does not take the telephone in the page', { url, error });
    end(closing.unreachable);
  });
  page.on('close', (code) => {
    // 1005: closed without a code, as pages do; 1006: lost.
    resolve({ left: code === closing.normal || code === closing.goingAway || code === 1005 });
    end(closing.normal);
  });
  asterisk.on('close', () => {
    end(closing.goingAway);
  });
  if (signal.aborted) over();
  return promise;
}
