import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadRoad, type BadNetwork } from '../../../app/phone/network/bad-road.ts';

/** When each of a call's packets, one every 20 ms, goes on. */
function drive(network: BadNetwork, packets = 5_000): (number | undefined)[] {
  const road = new BadRoad(network);
  return Array.from({ length: packets }, (_, i) => road.take(i * 20));
}

test('of a hundred packets as many are lost as was asked for, the same ones for the same seed', () => {
  for (const lossPercent of [2, 5]) {
    const went = drive({ lossPercent, jitterMs: 0, seed: 1 });
    const lost = went.filter((at) => at === undefined).length;
    assert.ok(Math.abs(lost / 50 - lossPercent) < 0.5, `${lost} of 5000`);
    assert.deepEqual(went, drive({ lossPercent, jitterMs: 0, seed: 1 }));
    assert.notDeepEqual(went, drive({ lossPercent, jitterMs: 0, seed: 2 }));
  }
});

test('packets come late, at most as late as was asked for, and none overtakes another', () => {
  const went = drive({ lossPercent: 0, jitterMs: 60, seed: 1 });
  let lastMs = 0;
  for (const [i, atMs] of went.entries()) {
    assert.ok(atMs !== undefined && atMs >= lastMs && atMs >= i * 20 && atMs <= i * 20 + 60);
    lastMs = atMs;
  }
  assert.ok(went.some((atMs, i) => atMs! - i * 20 > 50));
});

test('another jitter loses the same packets', () => {
  const lost = (jitterMs: number): boolean[] =>
    drive({ lossPercent: 5, jitterMs, seed: 3 }).map((at) => at === undefined);
  assert.deepEqual(lost(0), lost(60));
});

test('it counts what it did', () => {
  const road = new BadRoad({ lossPercent: 50, jitterMs: 10, seed: 1 });
  for (let i = 0; i < 100; i++) road.take(i * 20);
  const { passed, dropped, longestDelayMs } = road.counts;
  assert.equal(passed + dropped, 100);
  assert.ok(dropped > 30 && dropped < 70);
  assert.ok(longestDelayMs > 5 && longestDelayMs <= 10);
});

test('behind a jitter buffer all packets are as late as the latest', () => {
  const road = new BadRoad({ lossPercent: 0, jitterMs: 60, seed: 1 }, { evened: true });
  assert.deepEqual([road.take(0), road.take(20), road.take(40)], [60, 80, 100]);
});
