import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { ParleyError } from '../errors.ts';
import type { Session } from './contract.ts';
import type { Sessions } from './session.ts';

export interface GuardOptions {
  readonly sessions: Sessions;
  /** The address that the console listens on. */
  readonly bind: string;
  /** Further names under which it is reached. */
  readonly hosts: readonly string[];
  readonly tls: boolean;
}

/** Whether an address, or the name in a request, is this machine alone. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'))
  );
}

const cookieName = 'parley-session';
const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Looks at every request before anything else does. Three things are kept out: other sites' pages that make the
 * operator's browser ask (Origin, Sec-Fetch-Site, the csrf token), names that another site lets point here (DNS
 * rebinding: Host), and whoever has no token where one is needed.
 */
export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** @throws ParleyError `console-host-refused`, `console-origin-refused`. */
  checkSite({ headers }: IncomingMessage): void {
    const { bind, hosts } = this.#options;
    const host = (headers.host ?? '').toLowerCase();
    const name = host.replace(/:\d+$/, '');
    // Beyond this machine the token protects: a browser keeps its cookie from another name.
    if (isLoopback(bind) && !isLoopback(name) && !hosts.includes(name))
      throw new ParleyError('console-host-refused');
    const { origin } = headers;
    const isOurs = origin === undefined || origin.toLowerCase().replace(/^https?:\/\//, '') === host;
    const site = headers['sec-fetch-site'];
    const isLink = headers['sec-fetch-mode'] === 'navigate';
    if (!isOurs || ((site === 'cross-site' || site === 'same-site') && !isLink))
      throw new ParleyError('console-origin-refused');
  }

  /**
   * Whether whoever asks may, and carries what shows that the console's own page (or a program) asks.
   * @throws ParleyError `console-token-*`, `console-too-many-tries`, `console-csrf`.
   */
  checkAccess(request: IncomingMessage): void {
    const { sessions } = this.#options;
    const [, bearer] = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (bearer !== undefined && sessions.needsToken) {
      sessions.checkToken(bearer, addressOf(request));
      return;
    }
    const name = this.#nameOf(request);
    if (name === undefined) throw new ParleyError('console-token-needed');
    if (changesNothing.has(request.method ?? '')) return;
    const csrf = request.headers['x-csrf-token'];
    if (typeof csrf !== 'string' || !sessions.isCsrf(csrf, name)) throw new ParleyError('console-csrf');
  }

  /** For an upgrade to a WebSocket, which no route sees. @throws as the others. */
  checkUpgrade(request: IncomingMessage): void {
    this.checkSite(request);
    this.checkAccess(request);
  }

  sessionOf(request: IncomingMessage): Session {
    const { sessions } = this.#options;
    const name = this.#nameOf(request);
    const { needsToken } = sessions;
    return name === undefined
      ? { authenticated: false, csrf: '', needsToken }
      : { authenticated: true, csrf: sessions.csrfOf(name), needsToken };
  }

  /** @returns the header that gives the browser its session. @throws ParleyError `console-token-wrong`, `console-too-many-tries`. */
  signIn(token: string, request: IncomingMessage): { readonly setCookie: string; readonly session: Session } {
    const { sessions } = this.#options;
    sessions.checkToken(token, addressOf(request));
    const { cookie, name, maxAgeSeconds } = sessions.open();
    const session = { authenticated: true, csrf: sessions.csrfOf(name), needsToken: sessions.needsToken };
    return { setCookie: this.#cookie(cookie, maxAgeSeconds), session };
  }

  /** @returns the header that takes it away. */
  signOut(request: IncomingMessage): string {
    const name = this.#nameOf(request);
    if (name !== undefined) this.#options.sessions.end(name);
    return this.#cookie('', 0);
  }

  #nameOf({ headers }: IncomingMessage): string | undefined {
    const { sessions } = this.#options;
    if (!sessions.needsToken) return '';
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [key = '', value = ''] = pair.trim().split('=', 2);
      const name = key === cookieName ? sessions.nameOf(value) : undefined;
      if (name !== undefined) return name;
    }
    return undefined;
  }

  #cookie(value: string, maxAgeSeconds: number): string {
    const secure = this.#options.tls ? '; Secure' : '';
    return `${cookieName}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
  }
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
