import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalAsterisk } from '../../../app/asterisk/local/start.ts';
import { passwords, runningAsterisk, temporaryFolder } from './support.ts';

export interface TelephoneOptions {
  /** Over TLS, with audio that must be encrypted. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Calls a number, sounding a tone of 400 Hz for up to four seconds; gives what was heard, as a WAV file of 8 kHz. */
export type Call = (number: string) => Promise<Buffer>;

/** A second Asterisk as a telephone with the account 6099. */
export async function telephone(
  t: TestContext,
  parley: LocalAsterisk,
  options: TelephoneOptions = {},
): Promise<Call> {
  const { tls } = options;
  const folder = await temporaryFolder(t);
  // An unescaped semicolon begins a comment in Asterisk's files.
  const port = tls ? `${String(parley.tlsPort)}\\;transport=tls` : String(parley.sipPort);
  const phone = await runningAsterisk(t, {
    phones: {},
    callerPassword: undefined,
    ...(tls && { tls }),
    extraConf: {
      'pjsip.conf': [
        '[parley]',
        'type = endpoint',
        'context = nowhere',
        'disallow = all',
        'allow = ulaw',
        'outbound_auth = parley',
        'from_user = 6099',
        'aors = parley',
        ...(tls ? ['media_encryption = sdes', 'media_encryption_optimistic = no'] : []),
        '[parley]',
        'type = auth',
        'auth_type = userpass',
        'username = 6099',
        `password = ${passwords.caller}`,
        '[parley]',
        'type = aor',
        `contact = sip:127.0.0.1:${port}`,
        '',
      ].join('\n'),
      'modules.conf': 'load = app_playtones.so\n',
      'extensions.conf': [
        '[ear]',
        `exten => _call.,1,MixMonitor(${folder}/\${EXTEN}-both.wav,r(${folder}/\${EXTEN}.wav))`,
        ' same => n,Playtones(400)',
        ' same => n,Wait(4)',
        ' same => n,Hangup()',
        '',
      ].join('\n'),
    },
  });
  let calls = 0;
  return async (number) => {
    calls += 1;
    const name = `call${String(calls)}`;
    await phone.command(`channel originate PJSIP/${number}@parley extension ${name}@ear`, t);
    // MixMonitor writes the end of the file when the channel is gone, and says so.
    for (let quiet = 0; ;) {
      const log = await readFile(phone.logFile, 'utf8');
      if (log.split('End MixMonitor').length > calls) return readFile(path.join(folder, `${name}.wav`));
      const count = await phone.command('core show channels count', t);
      quiet = count.startsWith('0 active channels') ? quiet + 1 : 0;
      if (quiet > 20) throw new Error(`the call to ${number} was not answered; see the log:\n${log}`);
      await delay(100, undefined, { signal: t.signal });
    }
  };
}
