import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { tryBind } from '../../asterisk/local/ports.ts';
import { inspectAri } from '../../asterisk/ari/inspect.ts';
import { messageOf, ParleyError } from '../../errors.ts';
import { fine, note, troubleWith, warning } from '../findings.ts';
import type { Check, Exam, Finding } from '../spec.ts';

/** Addresses that mean nothing outside their own network (RFC 1918, RFC 6598, RFC 3927). */
const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const)
  privateAddresses.addSubnet(network, prefix);

/** The ports that npm start takes are free, or held by the Parley that runs. */
export const portsCheck: Check = {
  name: 'ports',
  title: 'Ports',
  deadlineMs: 5_000,
  async examine(exam, { signal }) {
    const { asterisk, ari, media } = exam.config;
    if (exam.running) return [fine('in use by the Parley that runs')];
    const wanted: { protocol: 'udp' | 'tcp'; port: number; host: string; what: string; field: string }[] = [
      { protocol: 'tcp', port: media.port, host: media.bind, what: 'media', field: 'media.port' },
    ];
    if (ari.url === undefined) {
      const host = asterisk.bind;
      wanted.push(
        { protocol: 'udp', port: asterisk.sipPort, host, what: 'SIP, udp', field: 'asterisk.sipPort' },
        { protocol: 'tcp', port: asterisk.sipPort, host, what: 'SIP, tcp', field: 'asterisk.sipPort' },
        {
          protocol: 'tcp',
          port: asterisk.httpPort,
          host: '127.0.0.1',
          what: 'ARI',
          field: 'asterisk.httpPort',
        },
      );
      if (asterisk.tlsCertificate !== undefined)
        wanted.push({
          protocol: 'tcp',
          port: asterisk.tlsPort,
          host,
          what: 'SIP over TLS',
          field: 'asterisk.tlsPort',
        });
    }
    const fixed = wanted.filter(({ port }) => port !== 0);
    const findings: Finding[] = [];
    for (const { protocol, port, host, what, field } of fixed) {
      const problem = await tryBind(protocol, port, host);
      if (problem === undefined) continue;
      const busy = 'code' in problem && problem.code === 'EADDRINUSE';
      // In a container the bot is started without npm start, and holds the port.
      if (busy && field === 'media.port' && (await botRuns(exam, signal))) continue;
      findings.push(
        busy
          ? troubleWith(new ParleyError('asterisk-port-in-use', { port, what, field }))
          : {
              verdict: 'failed',
              says: `${host}:${port} (${what}): ${messageOf(problem)}`,
              remedy: `Correct ${field} or the address beside it.`,
            },
      );
    }
    if (findings.length > 0) return findings;
    const ports = [...new Set(fixed.map(({ port }) => port))].join(', ');
    return [fine(ports === '' ? 'free ones are taken' : `free: ${ports}`)];
  },
};

/** There is a port for the audio of as many calls as there may be. */
export const rtpCheck: Check = {
  name: 'rtp',
  title: 'RTP ports',
  deadlineMs: 10_000,
  async examine({ config, running }) {
    const { rtpFrom: from, rtpTo: to, bind } = config.asterisk;
    const { capacity: calls } = config.calls;
    if (config.ari.url !== undefined) {
      const needed = 2 * calls;
      return [
        note(
          `rtp.conf of that Asterisk must hold ${needed} ports or more (rtpstart, rtpend) for ${calls} calls`,
        ),
      ];
    }
    if (from === 0) return [fine('a free range is taken')];
    const ports = to - from + 1;
    // RTP and RTCP.
    const needed = 2 * calls;
    const all = Array.from({ length: ports }, (_, i) => from + i);
    const taken = running
      ? []
      : (await Promise.all(all.map((port) => tryBind('udp', port, bind)))).filter((it) => it !== undefined);
    const free = ports - taken.length;
    if (free < needed) throw new ParleyError('asterisk-rtp-range', { from, to, ports, free, calls, needed });
    const says = `${from} to ${to}: ${free} free, for ${calls} calls at once`;
    if (free < 2 * needed)
      return [note(`${says}; callers who are connected to a telephone take twice as many ports`)];
    return [fine(says)];
  },
};

/** The address that telephones are told is one that they can reach. */
export const addressesCheck: Check = {
  name: 'addresses',
  title: 'Addresses (NAT)',
  deadlineMs: 1_000,
  examine({ config }) {
    const { bind, externalAddress, localNetwork } = config.asterisk;
    if (config.ari.url !== undefined)
      return Promise.resolve([
        fine('those of its own: external_media_address and local_net in its pjsip.conf'),
      ]);
    return Promise.resolve([addressFinding({ bind, externalAddress, localNetwork, own: ownAddresses() })]);
  },
};

/** Exported for its test: what is found depends on the machine's addresses. */
export function addressFinding(options: {
  readonly bind: string;
  readonly externalAddress: string | undefined;
  readonly localNetwork: string | undefined;
  readonly own: readonly string[];
}): Finding {
  const { bind, externalAddress, localNetwork, own } = options;
  const set =
    'Set asterisk.externalAddress to the public address and asterisk.localNetwork to the network at home';
  if (isPrivate(bind) && bind.startsWith('127.'))
    return note('only telephones on this machine can call (asterisk.bind is a loopback address)');
  if (externalAddress !== undefined) {
    if (isPrivate(externalAddress) && own.some((address) => !isPrivate(address)))
      return warning(
        `asterisk.externalAddress (${externalAddress}) is a private address: telephones outside have no audio`,
        `${set}.`,
      );
    if (localNetwork === undefined && !own.includes(externalAddress))
      return warning(
        `telephones on the local network, too, are told to send their audio to ${externalAddress}`,
        'Set asterisk.localNetwork, such as 192.168.1.0/24.',
      );
    return fine(`telephones outside are told ${externalAddress}`);
  }
  const open = own.filter((address) => !isPrivate(address));
  if (open.length > 0) return fine(`telephones reach this machine at ${open.join(', ')}`);
  if (own.length === 0)
    return note('this machine has no address but loopback: no other telephone reaches it');
  return note(
    `telephones on the local network reach this machine at ${own.join(', ')}; those outside have no audio`,
    `${set}, and forward the ports, when telephones outside are to call.`,
  );
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

function isPrivate(address: string): boolean {
  return isIP(address) === 4 && privateAddresses.check(address);
}

async function botRuns(exam: Exam, signal: AbortSignal): Promise<boolean> {
  if (exam.config.ari.url === undefined) return false;
  const asterisk = await exam.asterisk();
  return inspectAri(asterisk)
    .hasApplication(exam.config.ari.app, { signal })
    .catch(() => false);
}
