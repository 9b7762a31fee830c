import { randomBytes } from 'node:crypto';
import { authorize, isMd5, parseChallenge } from './digest.ts';
import {
  cseqOf,
  headerOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  uriOf,
  writeAnswer,
  writeSip,
} from './message.ts';

/** Whom a call is from and to. */
export interface Route {
  readonly user: string;
  readonly password: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly number: string;
  /** Where this side hears SIP. */
  readonly local: { readonly host: string; readonly port: number };
  send(text: string): void;
}

/** RFC 3261, section 17.1.1.1: the first wait for an answer, and the longest between two tries. */
const t1Ms = 500;
const t2Ms = 4_000;
/** Timers B and F. */
const giveUpMs = 64 * t1Ms;

type State = 'calling' | 'proceeding' | 'cancelling' | 'up' | 'leaving' | 'over';

/** One call of a caller, from its INVITE on (RFC 3261). */
export class SipCall {
  readonly id: string;
  /** The SDP of the other side. Rejects with why there was no answer. */
  readonly answered: Promise<string>;
  /** Resolves when nothing more is to be expected, with whether the other side ended it; never rejects. */
  readonly over: Promise<{ readonly byOther: boolean }>;
  readonly #route: Route;
  readonly #sdp: string;
  readonly #tag = token();
  readonly #answer = Promise.withResolvers<string>();
  readonly #end = Promise.withResolvers<{ readonly byOther: boolean }>();
  #state: State = 'calling';
  #cseq = 1;
  #branch = branch();
  #challenged = false;
  #cancelled = false;
  /** The other side as of its answer. */
  #to: string;
  #target: string;
  #ack: string | undefined;
  #tryAgain: NodeJS.Timeout | undefined;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(route: Route, sdp: string) {
    this.#route = route;
    this.#sdp = sdp;
    this.id = `${token()}@${route.local.host}`;
    this.#target = `sip:${route.number}@${route.server.host}:${route.server.port}`;
    this.#to = `<${this.#target}>`;
    this.answered = this.#answer.promise;
    this.over = this.#end.promise;
    // Whoever ends a call that was not answered need not listen.
    this.answered.catch(() => undefined);
    this.#invite();
  }

  /** CANCEL before the answer, BYE after it; `over` tells when it has ended. Idempotent. */
  hangUp(): void {
    if (this.#state === 'up') {
      this.#leave();
    } else if (this.#state === 'proceeding') {
      this.#state = 'cancelling';
      this.#cancel();
    } else if (this.#state === 'calling') {
      // Nothing may be cancelled before the first provisional answer (section 9.1): it will be then.
      this.#state = 'cancelling';
    }
  }

  /** Nothing more is sent or expected. Idempotent. */
  drop(): void {
    this.#finish(false);
  }

  /** What came for this call. */
  take(message: SipMessage): void {
    if (message.kind === 'request') this.#takeRequest(message);
    else this.#takeResponse(message);
  }

  #takeRequest(request: SipRequest): void {
    const { send } = this.#route;
    switch (request.method) {
      case 'ACK':
        return;
      case 'BYE':
        send(writeAnswer(request, '200 OK'));
        this.#finish(true);
        return;
      case 'INVITE':
      case 'UPDATE':
        if (this.#state === 'over') send(writeAnswer(request, '481 Call/Transaction Does Not Exist'));
        else if (request.body === '' && request.method === 'UPDATE') send(writeAnswer(request, '200 OK'));
        else send(writeAnswer(request, '200 OK', [this.#contact(), sdpType], this.#sdp));
        return;
      case 'OPTIONS':
        send(writeAnswer(request, '200 OK', [allow]));
        return;
      default:
        send(writeAnswer(request, '405 Method Not Allowed', [allow]));
    }
  }

  #takeResponse(response: SipResponse): void {
    const { number, method } = cseqOf(response);
    if (method === 'INVITE' && this.#ack !== undefined) {
      // The acknowledgement was lost.
      if (response.status >= 200) this.#route.send(this.#ack);
      return;
    }
    if (number !== this.#cseq) return;
    if (method === 'BYE' && response.status >= 200) this.#finish(false);
    if (method === 'CANCEL' && response.status >= 200) this.#quiet();
    if (method !== 'INVITE') return;
    if (response.status < 200) this.#ringing();
    else if (response.status < 300) this.#accepted(response);
    else this.#refused(response);
  }

  #ringing(): void {
    if (this.#state === 'calling') {
      this.#state = 'proceeding';
      this.#quiet();
    } else if (this.#state === 'cancelling' && !this.#cancelled) {
      this.#cancel();
    }
  }

  #cancel(): void {
    this.#cancelled = true;
    // The branch of what is cancelled (section 9.1).
    this.#again(this.#request('CANCEL', this.#cseq, this.#branch));
  }

  #accepted(response: SipResponse): void {
    this.#quiet();
    clearTimeout(this.#giveUp);
    this.#to = headerOf(response, 'to');
    this.#target = uriOf(headerOf(response, 'contact')) || this.#target;
    // A transaction of its own (section 13.2.2.4).
    this.#ack = this.#request('ACK', this.#cseq, branch());
    this.#route.send(this.#ack);
    const wanted = this.#state === 'calling' || this.#state === 'proceeding';
    this.#state = 'up';
    if (wanted) this.#answer.resolve(response.body);
    else this.#leave();
  }

  #refused(response: SipResponse): void {
    this.#quiet();
    // Part of the same transaction (section 17.1.1.3).
    const to = headerOf(response, 'to');
    this.#route.send(this.#request('ACK', this.#cseq, this.#branch, [], '', to));
    if (this.#state === 'over') return;
    const proxy = response.status === 407;
    if ((proxy || response.status === 401) && !this.#challenged && this.#state !== 'cancelling') {
      const values = response.headers.get(proxy ? 'proxy-authenticate' : 'www-authenticate') ?? [];
      const challenge = values.flatMap((value) => parseChallenge(value) ?? []).find(isMd5);
      if (challenge !== undefined) {
        const { user, password } = this.#route;
        const asked = { method: 'INVITE', uri: this.#target, user, password, cnonce: token() };
        this.#challenged = true;
        this.#cseq += 1;
        this.#branch = branch();
        this.#state = 'calling';
        this.#invite([[proxy ? 'Proxy-Authorization' : 'Authorization', authorize(challenge, asked)]]);
        return;
      }
    }
    this.#finish(true, `${response.status} ${response.reason}`);
  }

  #invite(headers: readonly (readonly [string, string])[] = []): void {
    const request = this.#request(
      'INVITE',
      this.#cseq,
      this.#branch,
      [...headers, allow, sdpType],
      this.#sdp,
    );
    this.#again(request, Infinity);
    clearTimeout(this.#giveUp);
    this.#giveUp = setTimeout(() => {
      this.hangUp();
      this.#finish(false, 'no answer');
    }, giveUpMs);
  }

  #leave(): void {
    this.#state = 'leaving';
    this.#cseq += 1;
    this.#again(this.#request('BYE', this.#cseq, branch()));
    this.#giveUp = setTimeout(() => this.#finish(false), giveUpMs);
  }

  #finish(byOther: boolean, failure = 'the call was ended'): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#quiet();
    clearTimeout(this.#giveUp);
    this.#answer.reject(new Error(failure));
    this.#end.resolve({ byOther });
  }

  /** Sends it again and again until `#quiet` (timers A and E). */
  #again(text: string, longestMs = t2Ms, waitMs = t1Ms): void {
    this.#quiet();
    this.#route.send(text);
    this.#tryAgain = setTimeout(() => {
      this.#again(text, longestMs, Math.min(2 * waitMs, longestMs));
    }, waitMs);
  }

  #quiet(): void {
    clearTimeout(this.#tryAgain);
    this.#tryAgain = undefined;
  }

  #contact(): readonly [string, string] {
    const { user, local } = this.#route;
    return ['Contact', `<sip:${user}@${local.host}:${local.port}>`];
  }

  #request(
    method: string,
    cseq: number,
    branchId: string,
    headers: readonly (readonly [string, string])[] = [],
    body = '',
    to = this.#to,
  ): string {
    const { user, server, local } = this.#route;
    return writeSip(
      `${method} ${this.#target} SIP/2.0`,
      [
        ['Via', `SIP/2.0/UDP ${local.host}:${local.port};rport;branch=${branchId}`],
        ['Max-Forwards', '70'],
        ['From', `<sip:${user}@${server.host}>;tag=${this.#tag}`],
        ['To', to],
        ['Call-ID', this.id],
        ['CSeq', `${cseq} ${method}`],
        this.#contact(),
        ...headers,
      ],
      body,
    );
  }
}

const allow = ['Allow', 'INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS'] as const;
const sdpType = ['Content-Type', 'application/sdp'] as const;

function token(): string {
  return randomBytes(8).toString('hex');
}

/** Begins with the cookie that says who follows RFC 3261. */
function branch(): string {
  return `z9hG4bK${token()}`;
}
