import { ParleyError } from '../errors.ts';

/** One account of the phone at a SIP server. */
export interface PhoneAccount {
  readonly user: string;
  /** Undefined: the server is expected to ask for none. */
  readonly password?: string | undefined;
  readonly server: { readonly host: string; readonly port: number };
  /** What the phone calls it; the user when absent. */
  readonly name?: string | undefined;
  /** Registers, so that the account can be called. */
  readonly register?: boolean | undefined;
  readonly transport?: 'udp' | 'tcp' | undefined;
  readonly codec?: Codec | undefined;
}

export type Codec = 'ulaw' | 'alaw' | 'g722';

/**
 * How one codec's audio is kept: as PCM of its own rate. Asterisk mixes the first two seconds of every call at 8 kHz
 * before it goes up to what the call can carry.
 */
export const codecs: Readonly<
  Record<
    Codec,
    { readonly sampleRateHz: number; readonly format: string; readonly recordingExtension: string }
  >
> = {
  ulaw: { sampleRateHz: 8_000, format: 'slin', recordingExtension: 'wav' },
  alaw: { sampleRateHz: 8_000, format: 'slin', recordingExtension: 'wav' },
  g722: { sampleRateHz: 16_000, format: 'slin16', recordingExtension: 'wav16' },
};

export function nameOf(account: PhoneAccount): string {
  return account.name ?? account.user;
}

/** The endpoint of an account in the phone's Asterisk. */
export function endpointOf(accountName: string): string {
  return `line-${accountName}`;
}

export function registrationOf(accountName: string): string {
  return `registration-${accountName}`;
}

/** The account that a channel such as `PJSIP/line-6001-0000002a` belongs to. */
export function accountOfChannel(channelName: string): string {
  return /^PJSIP\/line-(.+)-[0-9a-f]{8}$/.exec(channelName)?.[1] ?? '';
}

/** The phone's part of pjsip.conf. @throws ParleyError `phone-usage` for what such a file cannot hold. */
export function pjsipConf(accounts: readonly PhoneAccount[]): string {
  const seen = new Set<string>();
  return accounts
    .map((account) => {
      const name = checked('the name of an account', nameOf(account), /^[\w.-]+$/);
      if (seen.has(name))
        throw new ParleyError('phone-usage', { reason: `there are two accounts called ${name}` });
      seen.add(name);
      return sections(name, account);
    })
    .join('\n');
}

function sections(name: string, account: PhoneAccount): string {
  const { password, register = false, transport = 'udp', codec = 'ulaw' } = account;
  const user = checked('a SIP user', account.user, /^[\w.+*~!-]+$/);
  const host = checked('a SIP server', account.server.host, /^[\w.:-]+$/);
  const server = `${host.includes(':') ? `[${host}]` : host}:${String(account.server.port)}`;
  const suffix = transport === 'tcp' ? '\\;transport=tcp' : '';
  const endpoint = endpointOf(name);
  const auth = password === undefined ? '' : `outbound_auth = ${endpoint}`;
  const lines = [
    `[${endpoint}]`,
    'type = endpoint',
    'context = phone-called',
    `transport = transport-${transport}`,
    'disallow = all',
    `allow = ${codec}`,
    'dtmf_mode = rfc4733',
    'direct_media = no',
    'rtp_symmetric = yes',
    `from_user = ${user}`,
    `from_domain = ${host}`,
    `aors = ${endpoint}`,
    auth,
    `[${endpoint}]`,
    'type = aor',
    `contact = sip:${server}${suffix}`,
  ];
  if (password !== undefined) {
    lines.push(`[${endpoint}]`, 'type = auth', 'auth_type = userpass', `username = ${user}`);
    lines.push(`password = ${escaped(checked('a SIP password', password, /^[\x21-\x7e]+$/))}`);
  }
  if (register) {
    lines.push(
      `[${registrationOf(name)}]`,
      'type = registration',
      `transport = transport-${transport}`,
      auth,
      `server_uri = sip:${server}${suffix}`,
      `client_uri = sip:${user}@${server}${suffix}`,
      `contact_user = ${user}`,
      // A call that comes in is told apart by a parameter that the registration adds to its contact.
      'line = yes',
      `endpoint = ${endpoint}`,
      'expiration = 300',
      // One try: whoever waits for it wants to hear of a refusal at once.
      'max_random_initial_delay = 0',
      'auth_rejection_permanent = yes',
      'forbidden_retry_interval = 0',
      'fatal_retry_interval = 0',
      'max_retries = 0',
    );
  }
  return `${lines.filter(Boolean).join('\n')}\n`;
}

/** `;` begins a comment in Asterisk's files. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll(';', '\\;');
}

function checked(what: string, value: string, pattern: RegExp): string {
  if (pattern.test(value)) return value;
  // The value itself may be a password.
  throw new ParleyError('phone-usage', { reason: `${what} holds a character that cannot be used` });
}

/**
 * The phone's part of extensions.conf. A call that was placed is recorded from the moment it is answered, both sides
 * apart and sample-aligned (`S` fills up whichever side is silent), and then handed to the app. One that comes in is
 * handed to the app first, which lets it ring, refuses it, or sends it on to be answered and recorded.
 */
export function phoneDialplan(app: string): string {
  const record = 'MixMonitor(,r(${PHONE_RX})t(${PHONE_TX})S)';
  return `
[phone-placed]
exten => s,1,${record}
 same => n,Stasis(${app},placed)
 same => n,Hangup()

[phone-called]
exten => _[0-9a-zA-Z+].,1,Stasis(${app},called)
 same => n,Hangup()

[phone-answered]
exten => s,1,Answer()
 same => n,${record}
 same => n,Stasis(${app},answered)
 same => n,Hangup()
`;
}
