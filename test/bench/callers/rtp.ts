import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Arrivals, packetBytes, packetMs, silent } from './playout.ts';
import { StolenTime } from './stolen-time.ts';

const headerBytes = 12;
/** RFC 3551: PCMU. */
const muLaw = 0;
const tickMs = 5;
/** A process that did nothing for longer was held up, for the timer wakes it more often. */
const heldUpMs = 3 * tickMs;
/** A second of so many calls has room in one socket's buffer where 200 kB are allowed, as they are by default. */
const callsPerSocket = 16;
const receiveBufferBytes = 1 << 20;

interface Port {
  readonly socket: Socket;
  readonly port: number;
  /** By the port that the other side sends from. */
  readonly streams: Map<number, Stream>;
}

/** The audio of all callers: RTP (RFC 3550) with mu-law, 20 ms a packet, all of it sent by one timer. */
export class Media {
  readonly #ports: readonly Port[];
  readonly #host: string;
  readonly #streams = new Set<Stream>();
  readonly #tick: NodeJS.Timeout;
  readonly #stolen = new StolenTime();
  #opened = 0;
  #latestMs = 0;
  /** The time of the last tick but one and of the last, by `performance.now()`. */
  #tickedBeforeMs = 0;
  #tickedMs = performance.now();

  private constructor(ports: readonly Port[], host: string) {
    this.#ports = ports;
    this.#host = host;
    for (const { socket, streams } of ports) {
      socket.on('message', (packet: Buffer, from: RemoteInfo) => {
        const nowMs = performance.now();
        streams.get(from.port)?.take(packet, nowMs, this.#heldMs(nowMs));
      });
    }
    this.#tick = setInterval(() => this.#sendDue(), tickMs);
  }

  /** For so many calls at once. */
  static async open(calls: number, host: string): Promise<Media> {
    const ports = await Promise.all(
      Array.from({ length: Math.ceil(calls / callsPerSocket) }, async () => {
        const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes, lookup });
        // Bound at once where nothing has to be looked up.
        const listening = once(socket, 'listening');
        socket.bind(0, host);
        await listening;
        return { socket, port: socket.address().port, streams: new Map<number, Stream>() };
      }),
    );
    return new Media(ports, host);
  }

  /** The port to be offered for a call. */
  portOf(call: number): number {
    return this.#portAt(call).port;
  }

  /**
   * Begins to send and to keep what comes.
   * @param sound what is sent, mu-law; silence when it is over, until the stream is closed.
   * @param phase from 0 to 1: where in each 20 ms.
   * @param sinceMs the call's beginning, by `performance.now`.
   */
  begin(options: {
    readonly call: number;
    readonly remotePort: number;
    readonly sound: Uint8Array;
    readonly phase: number;
    readonly sinceMs: number;
  }): Stream {
    const { socket, streams } = this.#portAt(options.call);
    const { remotePort } = options;
    const send = (packet: Uint8Array): void => socket.send(packet, remotePort, this.#host);
    const stream = new Stream(options, ++this.#opened, send, () => {
      this.#streams.delete(stream);
      streams.delete(remotePort);
    });
    this.#streams.add(stream);
    streams.set(remotePort, stream);
    return stream;
  }

  /** How late the latest packet was since the last question: what is found to be later than that is not the callers' doing. */
  takeLatestMs(): number {
    const latestMs = this.#latestMs;
    this.#latestMs = 0;
    return latestMs;
  }

  /** How late the host may have made what came then. @param atMs by `performance.now()`. */
  stolenMs(atMs: number): number {
    return this.#stolen.before(atMs);
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#tick);
    for (const stream of this.#streams) stream.close();
    for (const { socket } of this.#ports) socket.close();
  }

  #portAt(call: number): Port {
    const port = this.#ports[call % this.#ports.length];
    if (port === undefined) throw new Error('there are no ports for calls');
    return port;
  }

  /** How long what is looked at now may have lain there: since the last tick, or the one before if that was a late one. */
  #heldMs(nowMs: number): number {
    const sinceMs = this.#tickedMs - this.#tickedBeforeMs > heldUpMs ? this.#tickedBeforeMs : this.#tickedMs;
    return nowMs - sinceMs > heldUpMs ? nowMs - sinceMs : 0;
  }

  #sendDue(): void {
    const nowMs = performance.now();
    this.#tickedBeforeMs = this.#tickedMs;
    this.#tickedMs = nowMs;
    this.#stolen.look(nowMs);
    for (const stream of this.#streams) {
      const lateMs = stream.sendDue(nowMs);
      if (lateMs > this.#latestMs) this.#latestMs = lateMs;
    }
  }
}

/** One call's audio, both ways. */
export class Stream {
  /** Resolves when all of the sound is sent. */
  readonly sent: Promise<void>;
  /** When its first sample was sent, in milliseconds of the call. */
  readonly fromMs: number;
  readonly #sound: Uint8Array;
  readonly #sinceMs: number;
  readonly #firstMs: number;
  readonly #send: (packet: Uint8Array) => void;
  readonly #onClose: () => void;
  readonly #finished = Promise.withResolvers<undefined>();
  readonly #packet = new Uint8Array(headerBytes + packetBytes);
  readonly #header = new DataView(this.#packet.buffer);
  #next = 0;
  #kept = 0;
  readonly #arrivals: Omit<Arrivals, 'count'>;

  constructor(
    options: { readonly sound: Uint8Array; readonly phase: number; readonly sinceMs: number },
    ssrc: number,
    send: (packet: Uint8Array) => void,
    onClose: () => void,
  ) {
    const { sound, phase, sinceMs } = options;
    this.#sound = sound;
    this.#sinceMs = sinceMs;
    this.#send = send;
    this.#onClose = onClose;
    this.sent = this.#finished.promise;
    const offsetMs = phase * packetMs;
    this.#firstMs = Math.ceil((performance.now() - offsetMs) / packetMs) * packetMs + offsetMs;
    this.fromMs = this.#firstMs - sinceMs;
    this.#header.setUint32(8, ssrc);
    // Room for as much again as the call is expected to last.
    const room = 2 * Math.ceil(sound.length / packetBytes) + 500;
    this.#arrivals = {
      arrivalsMs: new Float64Array(room),
      heldMs: new Float64Array(room),
      timestamps: new Uint32Array(room),
      sequences: new Uint16Array(room),
      sources: new Uint32Array(room),
      markers: new Uint8Array(room),
      payloads: new Uint8Array(room * packetBytes),
    };
  }

  get arrivals(): Arrivals {
    return { ...this.#arrivals, count: this.#kept };
  }

  /** Idempotent. */
  close(): void {
    this.#onClose();
  }

  /** @returns how late the latest of what was due was sent, in milliseconds. */
  sendDue(nowMs: number): number {
    let latestMs = 0;
    for (;;) {
      const lateMs = nowMs - (this.#firstMs + this.#next * packetMs);
      if (lateMs < 0) return latestMs;
      latestMs = Math.max(latestMs, lateMs);
      this.#sendNext();
    }
  }

  #sendNext(): void {
    const from = this.#next * packetBytes;
    const part = this.#sound.subarray(from, from + packetBytes);
    this.#packet[0] = 0x80;
    this.#packet[1] = muLaw | (this.#next === 0 ? 0x80 : 0);
    this.#header.setUint16(2, this.#next & 0xffff);
    this.#header.setUint32(4, from);
    this.#packet.fill(silent, headerBytes + part.length);
    this.#packet.set(part, headerBytes);
    this.#send(this.#packet);
    this.#next += 1;
    if (this.#next * packetBytes >= this.#sound.length) this.#finished.resolve(undefined);
  }

  take(packet: Buffer, nowMs: number, heldMs: number): void {
    const kept = this.#kept;
    const { arrivalsMs, heldMs: held, timestamps, sequences, sources, markers, payloads } = this.#arrivals;
    if (packet.length !== headerBytes + packetBytes || kept === markers.length) return;
    const second = packet[1] ?? 0;
    if (packet[0] !== 0x80 || (second & 0x7f) !== muLaw) return;
    arrivalsMs[kept] = nowMs - this.#sinceMs;
    held[kept] = heldMs;
    markers[kept] = second >> 7;
    sequences[kept] = packet.readUInt16BE(2);
    timestamps[kept] = packet.readUInt32BE(4);
    sources[kept] = packet.readUInt32BE(8);
    payloads.set(packet.subarray(headerBytes), kept * packetBytes);
    this.#kept += 1;
  }
}

/** All addresses are numbers, which need not be looked up in the system. */
function lookup(
  host: string,
  _options: unknown,
  done: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  done(null, host, 4);
}
