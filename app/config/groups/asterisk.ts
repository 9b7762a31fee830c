import { z } from 'zod';
import { address, field, milliseconds, port } from '../field.ts';

/** Where Asterisk is, or what the own one is like, and what it is served. */

export const ari = z.strictObject({
  url: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address of an Asterisk of yours. When it is set, Parley starts none of its own.',
    { env: 'ARI_URL' },
  ),
  user: field(z.string().min(1).default('parley'), 'User in ari.conf.', { env: 'ARI_USER' }),
  password: field(
    z.string().min(1).optional(),
    'Password in ari.conf; needed with ari.url. The own Asterisk gets one that is generated.',
    { env: 'ARI_PASSWORD', secret: true },
  ),
  passwordFile: field(z.string().optional(), 'File that holds that password, where it is not given itself.', {
    env: 'ARI_PASSWORD_FILE',
  }),
  app: field(
    z
      .string()
      .regex(/^[\w-]+$/)
      .default('parley'),
    'Name of the Stasis application in the dialplan.',
    { env: 'ARI_APP' },
  ),
  commandDeadlineMs: field(milliseconds.default(3_000), 'How long one command to Asterisk may take.'),
  heartbeatMs: field(milliseconds.min(100).default(5_000), 'How often the connection to Asterisk is probed.'),
});

export const asterisk = z.strictObject({
  bind: field(address.default('0.0.0.0'), 'Address on which the own Asterisk listens for telephones.'),
  sipPort: field(port.default(5060), 'SIP port, UDP and TCP. 0 takes a free one.'),
  tlsPort: field(
    port.default(5061),
    'SIP port for TLS; used when a certificate is given. 0 takes a free one.',
  ),
  httpPort: field(port.default(8088), 'ARI port, on loopback only. 0 takes a free one.'),
  rtpFrom: field(port.default(10_000), 'First UDP port for audio. 0 takes a range of free ones.'),
  rtpTo: field(port.default(10_199), 'Last UDP port for audio; a call uses two.'),
  phones: field(
    z
      .array(z.string().regex(/^60\d\d$/))
      .min(1)
      .default(['6001', '6002']),
    'Phone accounts to make, from 6000 to 6098; their passwords are generated.',
  ),
  externalAddress: field(
    address.optional(),
    'Address under which telephones outside the local network reach this machine (NAT).',
  ),
  localNetwork: field(
    z.cidrv4().optional(),
    'Network inside which no NAT is assumed, such as 192.168.1.0/24.',
  ),
  tlsCertificate: field(z.string().optional(), 'PEM file with the certificate; switches TLS and SRTP on.'),
  tlsKey: field(z.string().optional(), 'PEM file with the private key of the certificate.'),
});

export const media = z.strictObject({
  bind: field(address.default('127.0.0.1'), 'Address on which the app serves what the bot says to Asterisk.'),
  port: field(port.default(0), 'Port for it. 0 takes a free one.'),
  url: field(
    z.url({ protocol: /^https?$/ }).optional(),
    'Address under which Asterisk reaches it; needed when Asterisk runs on another machine or in another container.',
  ),
});
