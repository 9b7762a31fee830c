import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { headerOf, parseSip, writeAnswer } from './message.ts';
import { type Route, SipCall } from './sip-call.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
  readonly server: { readonly host: string; readonly port: number };
}

/** A telephone with one account and any number of lines, over UDP. It does not register: it calls. */
export class SipAgent {
  readonly #socket: Socket;
  readonly #account: Account;
  readonly #host: string;
  /** By Call-ID. Those that are over stay: what was lost is asked for again. */
  readonly #calls = new Map<string, SipCall>();

  private constructor(socket: Socket, account: Account, host: string) {
    this.#socket = socket;
    this.#account = account;
    this.#host = host;
    socket.on('message', (bytes) => this.#take(bytes.toString('latin1')));
  }

  /** @param host where this side is to be reached. */
  static async open(account: Account, host: string): Promise<SipAgent> {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new SipAgent(socket, account, host);
  }

  call(number: string, sdp: string): SipCall {
    const route: Route = {
      ...this.#account,
      number,
      local: { host: this.#host, port: this.#socket.address().port },
      send: (text) => this.#send(text),
    };
    const call = new SipCall(route, sdp);
    this.#calls.set(call.id, call);
    return call;
  }

  /** Ends calls that are not over yet, and hears nothing more after so long. */
  async close(deadlineMs: number): Promise<void> {
    const calls = [...this.#calls.values()];
    for (const call of calls) call.hangUp();
    const over = Promise.all(calls.map((call) => call.over));
    await Promise.race([over, delay(deadlineMs, undefined, { ref: false })]);
    for (const call of calls) call.drop();
    this.#socket.close();
  }

  #take(text: string): void {
    const message = parseSip(text);
    if (message === undefined) return;
    const call = this.#calls.get(headerOf(message, 'call-id'));
    if (call !== undefined) call.take(message);
    else if (message.kind === 'request' && message.method === 'OPTIONS')
      this.#send(writeAnswer(message, '200 OK'));
    else if (message.kind === 'request' && message.method !== 'ACK')
      this.#send(writeAnswer(message, '481 Call/Transaction Does Not Exist'));
  }

  #send(text: string): void {
    const { host, port } = this.#account.server;
    this.#socket.send(text, port, host);
  }
}
