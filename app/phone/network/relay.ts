import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type BadNetwork, BadRoad, type RoadCounts } from './bad-road.ts';
import { audioAddressOf, callIdOf, type MediaAddress, withAudioAddress } from './sdp.ts';

export interface RelayOptions {
  /** The SIP server behind the bad network, over UDP. */
  readonly server: MediaAddress;
  readonly network: BadNetwork;
}

/** What became of the audio's packets, both ways. */
export interface RelayCounts {
  readonly toBot: RoadCounts;
  readonly toCaller: RoadCounts;
}

const host = '127.0.0.1';

/**
 * A bad network on loopback, without privileges: whoever calls its address reaches the SIP server behind it, and the
 * call's audio takes a bad road. SIP passes unharmed (it repeats what is lost anyway); in its messages only the place
 * where audio is wanted is changed, to a port of the relay, once for each side. So both sides speak with the relay and
 * neither with the other, as behind a router.
 */
export class Relay {
  readonly #options: RelayOptions;
  /** SIP: the one that faces the phone, and the one that faces the server. */
  readonly #phoneSide: Socket;
  readonly #serverSide: Socket;
  readonly #calls = new Map<string, Promise<AudioRelay>>();
  readonly #roads: Readonly<Record<keyof RelayCounts, BadRoad>>;
  #phone: RemoteInfo | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: RelayOptions, phoneSide: Socket, serverSide: Socket) {
    this.#options = options;
    this.#phoneSide = phoneSide;
    this.#serverSide = serverSide;
    const { network } = options;
    this.#roads = {
      toBot: new BadRoad(network),
      // Asterisk plays what comes when it comes; the jitter buffer of a real telephone has to be here.
      toCaller: new BadRoad({ ...network, seed: network.seed + 1 }, { evened: true }),
    };
    phoneSide.on('message', (message, from) => {
      this.#phone = from;
      void this.#pass(message, 'phone');
    });
    serverSide.on('message', (message) => void this.#pass(message, 'server'));
  }

  static async start(options: RelayOptions): Promise<Relay> {
    return new Relay(options, await bound(), await bound());
  }

  /** The SIP server's address for the phone. */
  get address(): MediaAddress {
    return { host, port: this.#phoneSide.address().port };
  }

  /** All calls together. */
  get counts(): RelayCounts {
    return { toBot: this.#roads.toBot.counts, toCaller: this.#roads.toCaller.counts };
  }

  /** Idempotent. Packets that are still held up are lost. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const calls = await Promise.all(this.#calls.values());
    for (const call of calls) call.close();
    this.#phoneSide.close();
    this.#serverSide.close();
  }

  async #pass(message: Buffer, from: 'phone' | 'server'): Promise<void> {
    const audio = audioAddressOf(message);
    const changed = audio === undefined ? message : await this.#divert(message, audio, from);
    if (this.#closing !== undefined) return;
    if (from === 'phone')
      this.#serverSide.send(changed, this.#options.server.port, this.#options.server.host);
    else if (this.#phone !== undefined) this.#phoneSide.send(changed, this.#phone.port, this.#phone.address);
  }

  async #divert(message: Buffer, audio: MediaAddress, from: 'phone' | 'server'): Promise<Buffer> {
    const callId = callIdOf(message);
    const opening = this.#calls.get(callId) ?? AudioRelay.open(this.#roads);
    this.#calls.set(callId, opening);
    const call = await opening;
    return withAudioAddress(message, { host, port: call.announce(from, audio) });
  }
}

/** The audio of one call: a port that faces the phone and one that faces the server. */
class AudioRelay {
  readonly #phoneSide: Socket;
  readonly #serverSide: Socket;
  readonly #ways: readonly Way[];
  #phone: MediaAddress | undefined;
  #server: MediaAddress | undefined;

  private constructor(
    phoneSide: Socket,
    serverSide: Socket,
    roads: Readonly<Record<keyof RelayCounts, BadRoad>>,
  ) {
    this.#phoneSide = phoneSide;
    this.#serverSide = serverSide;
    const toBot = new Way(roads.toBot, (packet) => send(serverSide, packet, this.#server));
    const toCaller = new Way(roads.toCaller, (packet) => send(phoneSide, packet, this.#phone));
    this.#ways = [toBot, toCaller];
    phoneSide.on('message', (packet, from) => {
      if (isFrom(from, this.#phone)) toBot.take(packet);
    });
    serverSide.on('message', (packet, from) => {
      if (isFrom(from, this.#server)) toCaller.take(packet);
    });
  }

  static async open(roads: Readonly<Record<keyof RelayCounts, BadRoad>>): Promise<AudioRelay> {
    return new AudioRelay(await bound(), await bound(), roads);
  }

  /** One side says where it wants audio. @returns the port where the other side is to send it. */
  announce(side: 'phone' | 'server', address: MediaAddress): number {
    if (side === 'phone') this.#phone = address;
    else this.#server = address;
    return (side === 'phone' ? this.#serverSide : this.#phoneSide).address().port;
  }

  close(): void {
    for (const way of this.#ways) way.close();
    this.#phoneSide.close();
    this.#serverSide.close();
  }
}

/** Packets on their way, in order. */
class Way {
  readonly #road: BadRoad;
  readonly #send: (packet: Buffer) => void;
  readonly #held: { readonly packet: Buffer; readonly untilMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(road: BadRoad, deliver: (packet: Buffer) => void) {
    this.#road = road;
    this.#send = deliver;
  }

  take(packet: Buffer): void {
    const untilMs = this.#road.take(performance.now());
    if (untilMs === undefined) return;
    this.#held.push({ packet, untilMs });
    if (this.#held.length === 1) this.#deliver();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#held.length = 0;
  }

  #deliver(): void {
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      const waitMs = next.untilMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(waitMs));
        return;
      }
      this.#held.shift();
      this.#send(next.packet);
    }
  }
}

/** Reports about the audio (RTCP) come from the port above it and are not passed on. */
function isFrom(from: RemoteInfo, side: MediaAddress | undefined): boolean {
  return from.port === side?.port && from.address === side.host;
}

function send(socket: Socket, packet: Buffer, to: MediaAddress | undefined): void {
  if (to !== undefined) socket.send(packet, to.port, to.host);
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}
