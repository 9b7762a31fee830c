import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { ParleyError, messageOf } from '../../errors.ts';

/** The ports of one Asterisk. */
export interface Ports {
  readonly sip: number;
  readonly tls: number;
  readonly http: number;
  readonly rtpFrom: number;
  readonly rtpTo: number;
}

/** The ports that are asked for; 0 or undefined takes a free one. */
export interface WantedPorts {
  readonly sip: number;
  /** Undefined when there is no TLS. */
  readonly tls?: number | undefined;
  readonly http: number;
  readonly rtp?: { readonly from: number; readonly to: number } | undefined;
}

export interface ReservedPorts extends Ports {
  /** Gives the reservation up; the ports stay in use while Asterisk has them. */
  readonly release: () => void;
}

/**
 * Free ports are taken a slot at a time. A slot is a block of ports of which the first is held open, as a mark, by the
 * process that uses the block: two processes cannot have the same slot, and the mark is gone when its holder is.
 * All slots lie below the ports that Linux gives to outgoing connections (32768 and up) and above Parley's own default ones.
 */
const slots = { first: 10_752, size: 512, count: 42 } as const;
const offsets = { sip: 2, tls: 3, http: 4, rtp: 16 } as const;

/**
 * Chooses and checks the ports of one Asterisk.
 * @param bind addresses on which telephones and ARI are served.
 * @throws ParleyError `asterisk-port-in-use` for a port that was asked for by its number.
 */
export async function reservePorts(
  wanted: WantedPorts,
  bind: { readonly sip: string; readonly http: string },
): Promise<ReservedPorts> {
  if (wanted.sip) {
    await checkPort('udp', wanted.sip, bind.sip, 'SIP', 'asterisk.sipPort');
    await checkPort('tcp', wanted.sip, bind.sip, 'SIP', 'asterisk.sipPort');
  }
  if (wanted.tls) await checkPort('tcp', wanted.tls, bind.sip, 'SIP over TLS', 'asterisk.tlsPort');
  if (wanted.http) await checkPort('tcp', wanted.http, bind.http, 'ARI', 'asterisk.httpPort');
  const allGiven = wanted.sip && wanted.tls !== 0 && wanted.http && wanted.rtp;

  const start = Math.floor(Math.random() * slots.count);
  for (let tried = 0; tried < slots.count; tried++) {
    const base = slots.first + ((start + tried) % slots.count) * slots.size;
    const ports: Ports = {
      sip: wanted.sip || base + offsets.sip,
      tls: wanted.tls === undefined || wanted.tls === 0 ? base + offsets.tls : wanted.tls,
      http: wanted.http || base + offsets.http,
      rtpFrom: wanted.rtp?.from ?? base + offsets.rtp,
      rtpTo: wanted.rtp?.to ?? base + slots.size - 1,
    };
    if (allGiven) return { ...ports, release: () => undefined };
    const release = await hold(base);
    if (!release) continue;
    const free =
      (wanted.sip !== 0 ||
        ((await isFree('udp', ports.sip, bind.sip)) && (await isFree('tcp', ports.sip, bind.sip)))) &&
      (wanted.tls !== 0 || (await isFree('tcp', ports.tls, bind.sip))) &&
      (wanted.http !== 0 || (await isFree('tcp', ports.http, bind.http)));
    if (free) return { ...ports, release };
    release();
  }
  throw new ParleyError('asterisk-port-in-use', {
    port: `${String(slots.first)}-${String(slots.first + slots.size * slots.count - 1)}`,
    what: 'any of them',
    field: 'asterisk.sipPort and asterisk.httpPort',
  });
}

async function checkPort(
  protocol: 'udp' | 'tcp',
  port: number,
  host: string,
  what: string,
  field: string,
): Promise<void> {
  const problem = await tryBind(protocol, port, host);
  if (problem === undefined) return;
  if ('code' in problem && problem.code === 'EADDRINUSE') {
    throw new ParleyError('asterisk-port-in-use', { port, what: `${what}, ${protocol}`, field });
  }
  throw new ParleyError(
    'asterisk-start-failed',
    {
      reason: `port ${String(port)} (${what}) on ${host} cannot be used: ${messageOf(problem)}`,
      log: 'not written yet',
    },
    { cause: problem },
  );
}

async function isFree(protocol: 'udp' | 'tcp', port: number, host: string): Promise<boolean> {
  return (await tryBind(protocol, port, host)) === undefined;
}

/** What happens when a port is bound, undefined when it is free. */
export function tryBind(protocol: 'udp' | 'tcp', port: number, host: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    if (protocol === 'tcp') {
      const server = createServer();
      server.once('error', resolve);
      server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
    } else {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', (error) => {
        socket.close();
        resolve(error);
      });
      socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
    }
  });
}

/** Holds a slot's first port; undefined when another process holds it. */
function hold(port: number): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => {
      socket.unref();
      let held = true;
      resolve(() => {
        if (held) socket.close();
        held = false;
      });
    });
  });
}
