import { findAsterisk } from '../../app/asterisk/local/find.ts';
import type { PhoneAccount } from '../../app/phone/accounts.ts';
import { createEars } from '../../app/phone/ears/ears.ts';
import type { PhoneCall } from '../../app/phone/phone-call.ts';
import { Phone, type PlaceOptions } from '../../app/phone/phone.ts';
import { speechWeights } from '../../app/setup/speech-weights.ts';
import { createLocalTts } from '../../app/speech/local/tts.ts';
import { recordingLog } from '../fakes/log.ts';
import { testCacheDir } from './asterisk.ts';
import type { Owner } from './owner.ts';
import { startTestParley, type TestParley } from './parley.ts';

/** A Parley and a telephone with all its accounts, on loopback. */
export interface TestBot extends TestParley {
  readonly phone: Phone;
  /** Calls the bot and hears its greeting out. */
  call(options?: PlaceOptions & { readonly skipGreeting?: boolean }): Promise<PhoneCall>;
}

export interface BotOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Accounts that the phone registers, so that they can be called. */
  readonly registered?: readonly string[];
}

export async function startBot(owner: Owner, options: BotOptions = {}): Promise<TestBot> {
  const parley = await startTestParley(owner, options.settings);
  const { secrets } = parley.parley;
  const accounts: PhoneAccount[] = [
    { user: '6099', password: secrets.caller, server: parley.sip },
    ...(options.registered ?? []).map((user) => ({
      user,
      password: secrets.phones[user],
      server: parley.sip,
      register: true,
    })),
  ];
  const phone = await startPhone(owner, accounts);
  await Promise.all((options.registered ?? []).map((user) => phone.registration(user)));
  return {
    ...parley,
    phone,
    async call({ skipGreeting = false, ...place } = {}) {
      const call = await phone.call('1000', place);
      if (!skipGreeting) await call.listen();
      return call;
    },
  };
}

/** A telephone made of software, with ears and a voice of its own. */
export async function startPhone(owner: Owner, accounts: readonly PhoneAccount[]): Promise<Phone> {
  const { signal } = owner;
  const cacheDir = testCacheDir();
  const { dir: modelDir } = await speechWeights({ cacheDir, signal });
  const ears = createEars({ modelDir });
  const voice = createLocalTts();
  owner.after(async () => {
    await Promise.all([ears.close(), voice.close()]);
  });
  const program = await findAsterisk({ cacheDir, signal });
  const phone = await Phone.start({ program, accounts, ears, voice, log: recordingLog(), signal });
  owner.after(() => phone.close());
  return phone;
}
