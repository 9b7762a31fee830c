/** What RTP brought in one call, in the order of arrival. All packets are 20 ms of mu-law. */
export interface Arrivals {
  readonly count: number;
  /** When each came, in milliseconds of the call. */
  readonly arrivalsMs: Float64Array;
  /** How long each may have lain there before it was looked at. */
  readonly heldMs: Float64Array;
  readonly timestamps: Uint32Array;
  readonly sequences: Uint16Array;
  readonly sources: Uint32Array;
  /** 1 where the sender says that its audio begins anew. */
  readonly markers: Uint8Array;
  /** 160 bytes each. */
  readonly payloads: Uint8Array;
}

export interface Played {
  /** Mu-law, from the beginning of the call; silence where nothing was there to be played. */
  readonly audio: Uint8Array;
  /** Packets that came after they should have been played. */
  readonly late: number;
}

export const packetBytes = 160;
export const packetMs = 20;
const perMs = packetBytes / packetMs;
/** Zero in mu-law. */
export const silent = 0xff;
/** So many late ones in a row, and it is not the packets that are late but the clock that is early. */
const mostLate = 3;
/** A timestamp that leaps further than this, back or ahead of the clock, counts anew, told or not. */
const leapSamples = 1_000 * perMs;

/**
 * What a telephone with a jitter buffer of a fixed length plays. The first packet of a talkspurt waits for `bufferMs`;
 * those that follow are due as much later as their timestamps say, and one that comes after its time is not played.
 * A marker, another source or a leap of the timestamps begins a talkspurt, and so do three late packets in a row: the
 * telephone takes its clock from the third. The audio is laid down where it would be without the buffer, which thus
 * only says what is lost: the first packet of a talkspurt lies where it arrived. What may have lain there in time is
 * not late, nor is what was held up for `excusedMs` before it arrived.
 */
export function playOut(
  arrivals: Arrivals,
  options: {
    readonly bufferMs: number;
    readonly lengthMs: number;
    readonly excusedMs?: (arrivedMs: number) => number;
  },
): Played {
  const { excusedMs = () => 0 } = options;
  const audio = new Uint8Array(Math.ceil(options.lengthMs * perMs)).fill(silent);
  const bufferSamples = options.bufferMs * perMs;
  // Timestamp `from` is played at sample `at`.
  let from = 0;
  let at = 0;
  let end = 0;
  let late = 0;
  let lateInRow = 0;
  let newest = -1;
  let source: number | undefined;
  for (let i = 0; i < arrivals.count; i++) {
    const timestamp = arrivals.timestamps[i] ?? 0;
    const sequence = arrivals.sequences[i] ?? 0;
    const arrived = Math.round((arrivals.arrivalsMs[i] ?? 0) * perMs);
    const other = arrivals.sources[i] !== source;
    // What was overtaken on its way cannot begin anything.
    const ahead = other || ((sequence - newest) & 0xffff) < 0x8000;
    let due = at + ((timestamp - from) | 0);
    const leaps = Math.abs(due - Math.max(end, arrived)) > leapSamples;
    const lateSamples = arrived - due - bufferSamples;
    const isLate =
      lateSamples > (arrivals.heldMs[i] ?? 0) * perMs &&
      lateSamples > excusedMs(arrivals.arrivalsMs[i] ?? 0) * perMs;
    lateInRow = isLate ? lateInRow + 1 : 0;
    if (ahead && (other || arrivals.markers[i] === 1 || leaps || lateInRow >= mostLate)) {
      from = timestamp;
      // What still waits to be played is played first.
      at = Math.max(arrived, end);
      due = at;
      lateInRow = 0;
      source = arrivals.sources[i];
    } else if (isLate) late += 1;
    if (ahead) newest = sequence;
    if (lateInRow > 0) continue;
    if (due >= 0 && due < audio.length) {
      const payload = arrivals.payloads.subarray(i * packetBytes, (i + 1) * packetBytes);
      audio.set(payload.subarray(0, audio.length - due), due);
    }
    end = Math.max(end, due + packetBytes);
  }
  return { audio, late };
}
