import { type AriConnection, isGone } from '../asterisk/ari/connection.ts';
import { ParleyError } from '../errors.ts';
import type { PhoneCall } from './phone-call.ts';

interface IncomingCallOptions {
  readonly ari: AriConnection;
  readonly channelId: string;
  readonly account: string;
  readonly from: string;
  readonly answer: (signal: AbortSignal | undefined) => Promise<PhoneCall>;
  /** Called once: it was answered, refused, or the caller gave up. */
  readonly onDone: () => void;
}

/** Causes of ITU-T Q.850, which Asterisk sends as 486 Busy Here and as 403 Forbidden. */
const causes = { busy: 17, declined: 21 } as const;

/** A call that rings on this phone. */
export class IncomingCall {
  /** The account that was called. */
  readonly account: string;
  /** The number that calls. */
  readonly from: string;
  readonly #options: IncomingCallOptions;
  readonly #gone = new AbortController();
  readonly #unsubscribe: () => void;

  constructor(options: IncomingCallOptions) {
    this.account = options.account;
    this.from = options.from;
    this.#options = options;
    this.#unsubscribe = options.ari.onSubject('channel', options.channelId, (event) => {
      if (event.type === 'ChannelDestroyed') this.#done();
    });
  }

  /** Aborted when it no longer rings. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** @throws ParleyError `phone-call-failed` when the caller has given up; `ari-*`; the signal's reason. */
  async answer(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<PhoneCall> {
    this.#gone.signal.throwIfAborted();
    this.#unsubscribe();
    try {
      return await this.#options.answer(options.signal);
    } finally {
      this.#done();
    }
  }

  /** Idempotent; never throws for a caller who has given up. @throws ParleyError `ari-*`. */
  async refuse(how: keyof typeof causes): Promise<void> {
    if (this.#gone.signal.aborted) return;
    this.#done();
    const { ari, channelId } = this.#options;
    await ari.commands.hangUpWithCause(channelId, causes[how]).catch((error: unknown) => {
      if (!isGone(error)) throw error;
    });
  }

  #done(): void {
    if (this.#gone.signal.aborted) return;
    this.#unsubscribe();
    this.#gone.abort(
      new ParleyError('phone-call-failed', { to: this.account, reason: 'it no longer rings' }),
    );
    this.#options.onDone();
  }
}
