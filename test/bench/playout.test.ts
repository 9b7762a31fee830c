import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetBytes, packetMs, type Played, playOut, silent } from './callers/playout.ts';

interface Packet {
  readonly atMs: number;
  /** Its place in what is said: also what its samples are, so that they can be found again. */
  readonly n: number;
  readonly sequence?: number;
  readonly timestamp?: number;
  readonly source?: number;
  readonly marker?: boolean;
  readonly heldMs?: number;
}

const bufferMs = 60;

function play(
  packets: readonly Packet[],
  lengthMs = 1_000,
  excusedMs?: (arrivedMs: number) => number,
): Played {
  const arrivals = {
    count: packets.length,
    arrivalsMs: Float64Array.from(packets, ({ atMs }) => atMs),
    heldMs: Float64Array.from(packets, ({ heldMs = 0 }) => heldMs),
    timestamps: Uint32Array.from(packets, ({ n, timestamp = n * packetBytes }) => timestamp),
    sequences: Uint16Array.from(packets, ({ n, sequence = n }) => sequence),
    sources: Uint32Array.from(packets, ({ source = 7 }) => source),
    markers: Uint8Array.from(packets, ({ marker }) => Number(marker ?? false)),
    payloads: new Uint8Array(packets.length * packetBytes),
  };
  packets.forEach(({ n }, i) => arrivals.payloads.fill(n + 1, i * packetBytes, (i + 1) * packetBytes));
  return playOut(arrivals, { bufferMs, lengthMs, ...(excusedMs && { excusedMs }) });
}

/** Packets `n` as they stand in the audio, each with where it begins. */
function heard({ audio }: Played): [n: number, fromMs: number][] {
  const found: [number, number][] = [];
  audio.forEach((code, i) => {
    if (code !== silent && code !== audio[i - 1]) found.push([code - 1, (i * packetMs) / packetBytes]);
  });
  return found;
}

/** In time, from 100 ms on. */
const steady = (count: number): Packet[] =>
  Array.from({ length: count }, (_, n) => ({ atMs: 100 + n * packetMs, n }));
const places = (...ns: number[]): [number, number][] => ns.map((n) => [n, 100 + n * packetMs]);

test('what comes in time lies where it came, without a gap', () => {
  const played = play(steady(4));
  assert.deepEqual(heard(played), places(0, 1, 2, 3));
  assert.equal(played.audio.filter((code) => code !== silent).length, 4 * packetBytes);
  assert.equal(played.audio.length, 8_000);
});

test('what comes within the buffer’s time is heard as if it had come in time', () => {
  const packets = steady(4).map((packet) =>
    packet.n === 2 ? { ...packet, atMs: packet.atMs + 60 } : packet,
  );
  const played = play(packets.toSorted((a, b) => a.atMs - b.atMs));
  assert.deepEqual(heard(played), places(0, 1, 2, 3));
  assert.equal(played.late, 0);
});

test('what comes later than the buffer waits is a hole', () => {
  const packets = steady(8).map((packet) =>
    packet.n === 2 ? { ...packet, atMs: packet.atMs + 61 } : packet,
  );
  const played = play(packets.toSorted((a, b) => a.atMs - b.atMs));
  assert.deepEqual(heard(played), places(0, 1, 3, 4, 5, 6, 7));
  assert.equal(played.late, 1);
});

test('what may have lain there in time while nobody looked is no hole', () => {
  const packets = steady(6).map((packet) =>
    packet.n === 2 || packet.n === 3 ? { ...packet, atMs: 221, heldMs: 62 } : packet,
  );
  const played = play(packets.toSorted((a, b) => a.atMs - b.atMs));
  assert.deepEqual(heard(played), places(0, 1, 2, 3, 4, 5));
  assert.equal(played.late, 0);
});

test('what is lost is a hole of its own length', () => {
  assert.deepEqual(heard(play(steady(5).filter(({ n }) => n !== 2))), places(0, 1, 3, 4));
});

test('what comes twice is heard once, and what was overtaken in its place', () => {
  const [zero, one, two, three] = steady(4) as [Packet, Packet, Packet, Packet];
  const played = play([
    zero,
    zero,
    { ...two, atMs: 121 },
    { ...one, atMs: 122 },
    { ...one, atMs: 123 },
    three,
  ]);
  assert.deepEqual(heard(played), places(0, 1, 2, 3));
  assert.equal(played.late, 0);
});

test('a marker begins anew where the packet came', () => {
  const later = steady(3).map(({ n }) => ({ atMs: 407 + n * packetMs, n: n + 3, marker: n === 0 }));
  const again = [3, 4, 5].map((n): [number, number] => [n, 407 + (n - 3) * packetMs]);
  assert.deepEqual(heard(play([...steady(3), ...later])), [...places(0, 1, 2), ...again]);
});

test('so does another source, and a leap of the timestamps that nobody told of', () => {
  const others = { timestamp: 4_000_000_000, atMs: 407, n: 3 };
  for (const packet of [{ ...others, source: 8 }, others])
    assert.deepEqual(heard(play([...steady(3), packet])), [...places(0, 1, 2), [3, 407]]);
});

test('what is sent on after a long silence as if there had been none is heard when it comes', () => {
  assert.deepEqual(heard(play([...steady(2), { atMs: 1_500, n: 2 }], 2_000)), [...places(0, 1), [2, 1_500]]);
});

test('what begins anew in the middle of what waits is heard after it', () => {
  // A sender that was held up sends three at once, then begins anew.
  const burst = [0, 1, 2].map((n) => ({ atMs: 100, n }));
  const next = { atMs: 110, n: 3, marker: true, timestamp: 9_000 };
  assert.deepEqual(heard(play([...burst, next])), places(0, 1, 2, 3));
});

test('when all that comes is late, the telephone takes its clock anew from the third', () => {
  const packets = steady(10).map((packet) => (packet.n < 3 ? packet : { ...packet, atMs: packet.atMs + 70 }));
  const played = play(packets);
  const shifted = [5, 6, 7, 8, 9].map((n): [number, number] => [n, 170 + n * packetMs]);
  assert.deepEqual(heard(played), [...places(0, 1, 2), ...shifted]);
  assert.equal(played.late, 2);
});

test('timestamps and sequence numbers go round', () => {
  const packets = steady(4).map((packet) => ({
    ...packet,
    timestamp: (2 ** 32 - packetBytes + packet.n * packetBytes) % 2 ** 32,
    sequence: (65_534 + packet.n) % 65_536,
  }));
  assert.deepEqual(heard(play(packets)), places(0, 1, 2, 3));
});

test('what is heard after the caller has hung up is not kept', () => {
  const { audio } = play(steady(4), 150);
  assert.equal(audio.length, 1_200);
  assert.equal(audio[1_199], 3);
});

test('what was held up by the host is heard where it belongs, and not what is later than that', () => {
  const packets = steady(5).map((packet) =>
    packet.n === 2
      ? { ...packet, atMs: packet.atMs + 150 }
      : packet.n === 4
        ? { ...packet, atMs: packet.atMs + 170 }
        : packet,
  );
  const inOrder = packets.toSorted((a, b) => a.atMs - b.atMs);
  assert.deepEqual(heard(play(inOrder)), places(0, 1, 3));
  const spared = play(inOrder, undefined, () => 100);
  assert.deepEqual(heard(spared), places(0, 1, 2, 3));
  assert.equal(spared.late, 1);
});
