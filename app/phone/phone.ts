import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type AriConnection, isGone } from '../asterisk/ari/connection.ts';
import type { AriEvent } from '../asterisk/ari/events.ts';
import type { AsteriskProgram } from '../asterisk/local/find.ts';
import { messageOf, ParleyError } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import type { TextToSpeech } from '../speech/spec.ts';
import { accountOfChannel, codecs, endpointOf, nameOf, type PhoneAccount } from './accounts.ts';
import { describeEnd, endingOf } from './call-end.ts';
import { CallMedia } from './call-media.ts';
import type { Ears } from './ears/ears.ts';
import { IncomingCall } from './incoming-call.ts';
import { IncomingCalls } from './incoming-calls.ts';
import type { Surroundings } from './microphone.ts';
import { PhoneAsterisk } from './phone-asterisk.ts';
import { PhoneCall } from './phone-call.ts';

export interface PhoneOptions {
  /** From `findAsterisk`; 20.18, 22.8 or later. */
  readonly program: AsteriskProgram;
  readonly accounts: readonly PhoneAccount[];
  /** How it understands, and how it speaks. Both stay the caller's to close. */
  readonly ears: Ears;
  readonly voice: TextToSpeech;
  readonly log: Log;
  /** Ends the start. A running phone is ended by `close`. */
  readonly signal: AbortSignal;
}

export interface PlaceOptions {
  /** The name of the account that calls; the first one when absent. */
  readonly account?: string | undefined;
  /** How long the other side may ring. */
  readonly ringMs?: number | undefined;
  /** What is heard of the caller beside speech. */
  readonly surroundings?: Surroundings | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A telephone made of software: a private Asterisk of its own that registers, places and takes calls over SIP and RTP
 * like any other telephone, with a synthesiser for a voice and a recogniser for ears. Many calls at once.
 */
export class Phone {
  readonly #options: PhoneOptions;
  readonly #asterisk: PhoneAsterisk;
  readonly #ari: AriConnection;
  readonly #calls = new Set<PhoneCall>();
  readonly #incoming = new IncomingCalls();
  /** Calls that are being placed or answered; they end with the phone. */
  readonly #beginning = new Set<Promise<PhoneCall>>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  private constructor(options: PhoneOptions, asterisk: PhoneAsterisk) {
    this.#options = options;
    this.#asterisk = asterisk;
    this.#ari = asterisk.ari;
    this.#ari.onType('StasisStart', ({ channel, args }) => {
      if (args[0] === 'called') this.#ring(channel.id, channel.name, channel.caller.number);
    });
    void asterisk.exited.then(() => {
      for (const call of this.#calls)
        call.markOver({ by: 'other', cause: 0, says: 'the phone’s Asterisk has ended' });
    });
  }

  /** @throws ParleyError `phone-usage`, `phone-unfit`, `asterisk-*`, `ari-*`; the signal's reason. */
  static async start(options: PhoneOptions): Promise<Phone> {
    return new Phone(options, await PhoneAsterisk.start(options));
  }

  /** Where its Asterisk writes, for those who look for the reason of something. */
  get logFile(): string {
    return this.#asterisk.logFile;
  }

  /** The calls that are going on. */
  get calls(): readonly PhoneCall[] {
    return [...this.#calls].filter((call) => !call.over.aborted);
  }

  /**
   * Calls a number and resolves when it was answered.
   * @throws ParleyError `phone-call-failed` (with `cause` and `sipStatus` in its details) when it was not; `phone-usage`, `ari-*`; the signal's reason.
   */
  call(number: string, options: PlaceOptions = {}): Promise<PhoneCall> {
    return this.#unlessClosed(options.signal, (signal) => this.#place(number, { ...options, signal }));
  }

  /**
   * The next call that comes in; one that rings already is taken first. It rings until it is answered or refused.
   * @throws ParleyError `phone-call-failed` when none comes in time; the signal's reason.
   */
  nextCall(options: {
    readonly account?: string | undefined;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
  }): Promise<IncomingCall> {
    return this.#incoming.next({ ...options, signal: this.#untilClosed(options.signal) });
  }

  /**
   * Waits until the server has answered the registration of an account.
   * @throws ParleyError `phone-call-failed` when it does not answer in time; the signal's reason.
   */
  registration(
    accountName: string,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<'registered' | 'refused'> {
    const { timeoutMs = 10_000, signal = new AbortController().signal } = options;
    return this.#asterisk.registration(accountName, { timeoutMs, signal });
  }

  /** Registers again after `unregister`. @throws the signal's reason. */
  register(accountName: string, options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#asterisk.sendRegister(accountName, 'register', options);
  }

  /** Takes the registration of an account back: it can no longer be called. @throws the signal's reason. */
  unregister(accountName: string, options: { readonly signal: AbortSignal }): Promise<void> {
    return this.#asterisk.sendRegister(accountName, 'unregister', options);
  }

  /** Hangs up all calls, ends the phone's Asterisk and removes what it wrote. Idempotent; never throws. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed.abort(
      new ParleyError('phone-call-failed', { to: 'anybody', reason: 'the phone was closed' }),
    );
    await Promise.allSettled(this.#beginning);
    await Promise.all([
      ...[...this.#calls].map((call) => call.close()),
      ...this.#incoming.waiting.map((call) => call.refuse('declined')),
    ]);
    await this.#asterisk.close();
  }

  async #place(number: string, options: PlaceOptions & { readonly signal: AbortSignal }): Promise<PhoneCall> {
    const { ringMs = 30_000, signal } = options;
    if (!/^[\w.+*#-]+$/.test(number))
      throw new ParleyError('phone-usage', { reason: `"${number}" cannot be called` });
    const account = this.#account(options.account);
    const id = newId();
    const channelId = `${id}-call`;
    const media = await this.#openMedia(id, account, signal, options.surroundings);
    try {
      const answered = this.#ari.waitFor('channel', channelId, ['StasisStart', 'ChannelDestroyed'], {
        signal,
        deadlineMs: ringMs + 5_000,
      });
      const inviteMs = performance.now();
      const originated = this.#ari.commands.originateIntoDialplan({
        channelId,
        endpoint: `PJSIP/${number}@${endpointOf(nameOf(account))}`,
        context: 'phone-placed',
        extension: 's',
        callerId: account.user,
        timeoutSeconds: Math.ceil(ringMs / 1000),
        variables: this.#recorderVariables(id, account),
      });
      const [event] = await Promise.all([answered, originated]);
      if (event.type === 'ChannelDestroyed') throw notAnswered(number, event);
      return await this.#begin({ id, channelId, number, account, media, inviteMs });
    } catch (error) {
      await this.#hangUp(channelId);
      await media.close();
      throw error;
    }
  }

  #ring(channelId: string, channelName: string, from: string): void {
    const accountName = accountOfChannel(channelName);
    const call: IncomingCall = new IncomingCall({
      ari: this.#ari,
      channelId,
      account: accountName,
      from,
      answer: (signal) =>
        this.#unlessClosed(signal, (either) => this.#answer(channelId, accountName, from, either)),
      onDone: () => this.#incoming.remove(call),
    });
    this.#ari.commands.ring(channelId).catch((error: unknown) => {
      if (!isGone(error)) this.#options.log.warn('a call could not be let ring', { error });
    });
    this.#incoming.add(call);
  }

  async #answer(
    channelId: string,
    accountName: string,
    number: string,
    signal: AbortSignal,
  ): Promise<PhoneCall> {
    const account = this.#account(accountName);
    const id = newId();
    const media = await this.#openMedia(id, account, signal);
    try {
      const { commands } = this.#ari;
      await Promise.all(
        Object.entries(this.#recorderVariables(id, account)).map(([variable, value]) =>
          commands.setVariable(channelId, variable, value),
        ),
      );
      const answered = this.#ari.waitFor('channel', channelId, ['StasisStart', 'ChannelDestroyed'], {
        signal,
      });
      const place = { context: 'phone-answered', extension: 's' };
      const [event] = await Promise.all([answered, commands.continueInDialplan(channelId, place)]);
      if (event.type === 'ChannelDestroyed') throw notAnswered(accountName, event);
      return await this.#begin({ id, channelId, number, account, media, inviteMs: performance.now() });
    } catch (error) {
      await this.#hangUp(channelId);
      await media.close();
      throw error;
    }
  }

  /** The call is answered and recorded; from here on it can hear and be heard. */
  async #begin(answered: {
    readonly id: string;
    readonly channelId: string;
    readonly number: string;
    readonly account: PhoneAccount;
    readonly media: CallMedia;
    readonly inviteMs: number;
  }): Promise<PhoneCall> {
    const { ears, voice, log } = this.#options;
    const { account, ...rest } = answered;
    const { sampleRateHz } = codecs[account.codec ?? 'ulaw'];
    const call = new PhoneCall({
      ...rest,
      ari: this.#ari,
      ears,
      voice,
      sampleRateHz,
      recordedFiles: this.#recordedFiles(answered.id, account),
      recordingMs: performance.now(),
      log,
      onClosed: (closed) => this.#calls.delete(closed),
    });
    this.#calls.add(call);
    try {
      await answered.media.connect(answered.channelId);
      return call;
    } catch (error) {
      await call.hangUp();
      throw error;
    }
  }

  async #unlessClosed(
    signal: AbortSignal | undefined,
    begin: (signal: AbortSignal) => Promise<PhoneCall>,
  ): Promise<PhoneCall> {
    const call = begin(this.#untilClosed(signal));
    this.#beginning.add(call);
    try {
      return await call;
    } finally {
      this.#beginning.delete(call);
    }
  }

  #untilClosed(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
  }

  #openMedia(
    callId: string,
    account: PhoneAccount,
    signal: AbortSignal,
    surroundings?: Surroundings,
  ): Promise<CallMedia> {
    const { format, sampleRateHz } = codecs[account.codec ?? 'ulaw'];
    return CallMedia.open({
      ari: this.#ari,
      ...this.#asterisk.access,
      callId,
      format,
      sampleRateHz,
      surroundings,
      log: this.#options.log,
      signal,
    });
  }

  #recordedFiles(callId: string, account: PhoneAccount): { readonly caller: string; readonly bot: string } {
    const { recordingExtension } = codecs[account.codec ?? 'ulaw'];
    const file = (side: string): string =>
      path.join(this.#asterisk.runDir, `${callId}-${side}.${recordingExtension}`);
    return { caller: file('tx'), bot: file('rx') };
  }

  #recorderVariables(callId: string, account: PhoneAccount): Record<string, string> {
    const { caller, bot } = this.#recordedFiles(callId, account);
    return { PHONE_TX: caller, PHONE_RX: bot };
  }

  #account(name: string | undefined): PhoneAccount {
    const { accounts } = this.#options;
    const account = name === undefined ? accounts[0] : accounts.find((each) => nameOf(each) === name);
    if (account === undefined)
      throw new ParleyError('phone-usage', { reason: `this phone has no account ${name ?? 'at all'}` });
    return account;
  }

  async #hangUp(channelId: string): Promise<void> {
    await this.#ari.commands.hangUp(channelId).catch((error: unknown) => {
      if (!isGone(error)) this.#options.log.warn('a call could not be hung up', { reason: messageOf(error) });
    });
  }
}

function newId(): string {
  return randomBytes(5).toString('hex');
}

function notAnswered(to: string, event: AriEvent & { type: 'ChannelDestroyed' }): ParleyError {
  const end = endingOf(event, false);
  return new ParleyError('phone-call-failed', {
    to,
    reason: describeEnd(end),
    cause: end.cause,
    sipStatus: end.sipStatus ?? 0,
  });
}
