import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findAsterisk } from '../../app/asterisk/local/find.ts';
import { isGone } from '../../app/asterisk/ari/connection.ts';
import type { Audio } from '../../app/audio/pcm.ts';
import { writeWav } from '../../app/audio/wav.ts';
import { messageOf } from '../../app/errors.ts';
import { codecs, endpointOf, nameOf, type PhoneAccount } from '../../app/phone/accounts.ts';
import { PhoneAsterisk } from '../../app/phone/phone-asterisk.ts';
import { type CallRecording, takeRecordedFile } from '../../app/phone/recording.ts';
import { recordingLog } from '../fakes/log.ts';
import { testCacheDir } from '../support/asterisk.ts';
import type { Owner } from '../support/owner.ts';
import type { Outcome } from './harness.ts';
import { pidOfAsterisk } from './processes.ts';

const { sampleRateHz, recordingExtension } = codecs.ulaw;
const ringSeconds = 20;
const botHungUp = 'the bot hung up';
/** Beyond what is said, for what comes late. */
const patienceMs = 10_000;

/**
 * Callers for a crowd: real SIP and RTP from an Asterisk of their own, like those of a `Phone`, but each plays one file
 * from beginning to end, whatever the bot does, and is recorded by Asterisk. No audio passes through this process, so
 * a hundred of them cost little, and what is measured is the bot.
 */
export class LoadPhone {
  readonly #asterisk: PhoneAsterisk;
  readonly #account: PhoneAccount;
  #count = 0;

  private constructor(asterisk: PhoneAsterisk, account: PhoneAccount) {
    this.#asterisk = asterisk;
    this.#account = account;
  }

  static async start(owner: Owner, account: PhoneAccount): Promise<LoadPhone> {
    const { signal } = owner;
    const program = await findAsterisk({ cacheDir: testCacheDir(), signal });
    const log = recordingLog();
    const asterisk = await PhoneAsterisk.start({ program, accounts: [account], log, signal });
    owner.after(() => asterisk.close());
    return new LoadPhone(asterisk, account);
  }

  /** The number of its Asterisk's process. */
  pid(): Promise<number> {
    return pidOfAsterisk(this.#asterisk.runDir);
  }

  /** Makes what callers say ready. @returns the sound's name for `call`. */
  async prepare(name: string, audio: Audio): Promise<string> {
    const file = path.join(this.#asterisk.runDir, name);
    await writeFile(`${file}.wav`, writeWav(audio));
    return file;
  }

  /**
   * One call, from the INVITE to the end of what the caller plays. What goes wrong in it is counted, not thrown.
   * @param sayMs where in the file the caller says something.
   * @throws the signal's reason.
   */
  async call(
    sound: string,
    options: {
      readonly says: { readonly fromMs: number; readonly toMs: number };
      readonly signal: AbortSignal;
    },
  ): Promise<Outcome> {
    const { says, signal } = options;
    const { ari, runDir } = this.#asterisk;
    const { commands } = ari;
    const channelId = `load-${++this.#count}`;
    const fileOf = (side: string): string => path.join(runDir, `${channelId}-${side}.${recordingExtension}`);
    const [tx, rx] = [fileOf('tx'), fileOf('rx')];
    try {
      const deadlineMs = ringSeconds * 1_000;
      const answered = ari.waitFor('channel', channelId, ['StasisStart', 'ChannelDestroyed'], {
        signal,
        deadlineMs,
      });
      const inviteMs = performance.now();
      const originated = commands.originateIntoDialplan({
        channelId,
        endpoint: `PJSIP/1000@${endpointOf(nameOf(this.#account))}`,
        context: 'phone-placed',
        extension: 's',
        callerId: this.#account.user,
        timeoutSeconds: ringSeconds,
        variables: { PHONE_TX: tx, PHONE_RX: rx },
      });
      const [event] = await Promise.all([answered, originated]);
      if (event.type === 'ChannelDestroyed') return { recording: undefined, failure: event.cause_txt };
      const startMs = performance.now() - inviteMs;
      await this.#play(channelId, sound, signal);
      await this.#hangUp(channelId, signal);
      const [caller, bot] = await Promise.all([takeRecordedFile(tx), takeRecordedFile(rx)]);
      const recording: CallRecording = { caller, bot, sampleRateHz, startMs, turns: [says] };
      return { recording };
    } catch (error) {
      // It may be over already; what is wrong with Asterisk shows in other calls.
      await commands.hangUp(channelId).catch(() => undefined);
      signal.throwIfAborted();
      const failure = isGone(error) ? botHungUp : messageOf(error);
      return { recording: undefined, failure };
    }
  }

  async #hangUp(channelId: string, signal: AbortSignal): Promise<void> {
    const { ari } = this.#asterisk;
    const ended = ari.waitFor('channel', channelId, ['ChannelDestroyed'], { signal });
    ended.catch(() => undefined);
    await ari.commands.hangUp(channelId);
    await ended;
  }

  async #play(channelId: string, sound: string, signal: AbortSignal): Promise<void> {
    const { ari } = this.#asterisk;
    const id = `${channelId}-says`;
    const over = new AbortController();
    const unsubscribe = ari.onSubject('channel', channelId, ({ type }) => {
      if (type === 'ChannelDestroyed') over.abort(new Error(botHungUp));
    });
    const until = AbortSignal.any([signal, over.signal]);
    const deadlineMs = 60_000 + patienceMs;
    try {
      const done = ari.waitFor('playback', id, ['PlaybackFinished'], { signal: until, deadlineMs });
      await Promise.all([done, ari.commands.play(channelId, id, `sound:${sound}`)]);
    } finally {
      unsubscribe();
    }
  }
}

/** Starts so many things, spread evenly over a time. */
export async function spread<Result>(
  count: number,
  overMs: number,
  signal: AbortSignal,
  begin: (at: number) => Promise<Result>,
): Promise<Result[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      await delay((at * overMs) / count, undefined, { signal });
      return begin(at);
    }),
  );
}
