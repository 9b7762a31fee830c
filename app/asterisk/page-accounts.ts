import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, ParleyError } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import { type AriConnection, isGone } from './ari/connection.ts';

export interface PageAccount {
  readonly user: string;
  readonly password: string;
}

/** An account of this kind, and only such a one, is named like this. Its name is the caller's number, too. */
const prefix = 'visitor';
const modules = ['res_http_websocket.so', 'res_pjsip_transport_websocket.so', 'res_srtp.so'];

/** How long Asterisk may take to end a call, and how often it is asked. */
const [hangUpMs, lookEveryMs] = [2_000, 50];

/** What a browser needs, and nothing beyond a call to the bot: no transfer, no subscription, no other extension. */
const browser = {
  webrtc: 'yes',
  dtls_auto_generate_cert: 'yes',
  context: 'console',
  disallow: 'all',
  allow: 'opus,ulaw',
  max_video_streams: '0',
  direct_media: 'no',
  dtmf_mode: 'rfc4733',
  identify_by: 'username',
  allow_subscribe: 'no',
  allow_transfer: 'no',
  trust_id_inbound: 'no',
  send_pai: 'no',
  // A page that was closed in the middle of a call sends nothing any more; a muted one does.
  rtp_timeout: '30',
};

/**
 * SIP accounts for browsers, made by ARI in Asterisk's memory (asterisk-conf/sorcery.conf): one for each visit, never
 * registered, so that nobody can call it.
 */
export class PageAccounts {
  readonly #ari: AriConnection;
  readonly #log: Log;

  constructor(options: { readonly ari: AriConnection; readonly log: Log }) {
    this.#ari = options.ari;
    this.#log = options.log;
  }

  /** The name of the account of a visit. @param id letters and digits. */
  nameOf(id: string): string {
    return `${prefix}${id}`;
  }

  /**
   * Whether this Asterisk can have a telephone in a page; tried for real, by making something and removing it. What a
   * process that died has left is removed.
   * @throws ParleyError `telephone-unavailable`.
   */
  async check(): Promise<void> {
    const { commands } = this.#ari;
    for (const name of modules) {
      if (!(await commands.hasModule(name))) throw unavailable(`its Asterisk has not loaded ${name}`);
    }
    const trial = this.nameOf('Trial');
    try {
      await commands.putSipObject('auth', trial, {
        auth_type: 'userpass',
        username: trial,
        password: randomBytes(18).toString('base64url'),
      });
    } catch (error) {
      throw unavailable(`its Asterisk makes no accounts while it runs (${messageOf(error)})`, error);
    }
    await this.remove(trial);
  }

  /** Removes all accounts but those that are named. @throws ParleyError `ari-*`. */
  async sweep(kept: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#ari.commands.listEndpoints('PJSIP')) {
      if (name.startsWith(prefix) && !kept.has(name)) await this.remove(name);
    }
  }

  /** @throws ParleyError `telephone-unavailable`, `ari-*`. */
  async make({ user, password }: PageAccount): Promise<void> {
    const { commands } = this.#ari;
    try {
      await commands.putSipObject('auth', user, { auth_type: 'userpass', username: user, password });
      await commands.putSipObject('endpoint', user, {
        ...browser,
        auth: user,
        callerid: `"Telephone in the console" <${user}>`,
      });
    } catch (error) {
      await this.remove(user);
      throw unavailable(`Asterisk did not make its account (${messageOf(error)})`, error);
    }
  }

  /** Removes an account and ends its calls; one that is gone already is fine. Never rejects. */
  async remove(user: string): Promise<void> {
    const { commands } = this.#ari;
    // First what it calls with, so that no call is begun while the others are ended.
    await this.#gone(user, commands.deleteSipObject('auth', user));
    await this.#gone(user, this.#hangUp(user));
    await this.#gone(user, commands.deleteSipObject('endpoint', user));
  }

  /** An account that is removed under its call stays among the endpoints of Asterisk (22.10) for ever. */
  async #hangUp(user: string): Promise<void> {
    const { commands } = this.#ari;
    for (let waitedMs = 0; waitedMs < hangUpMs; waitedMs += lookEveryMs) {
      const channels = (await commands.listChannels()).filter(({ name }) =>
        name.startsWith(`PJSIP/${user}-`),
      );
      if (channels.length === 0) return;
      for (const { id } of channels) await this.#gone(user, commands.hangUp(id));
      await sleep(lookEveryMs);
    }
  }

  async #gone(user: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!isGone(error)) this.#log.warn('an account of the page could not be removed', { user, error });
    }
  }
}

function unavailable(reason: string, cause?: unknown): ParleyError {
  return new ParleyError('telephone-unavailable', { reason }, { cause });
}
