import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSharedCache } from '../../app/skills/shared-cache.ts';
import { manualClock } from '../fakes/clock.ts';
import { never } from './support.ts';

test('the oldest entry goes when there are too many', async () => {
  const cache = createSharedCache<string>({ clock: manualClock(), maxAgeMs: 1_000, maxEntries: 2 });
  const loaded: string[] = [];
  const get = (key: string) =>
    cache.get(
      key,
      () => {
        loaded.push(key);
        return Promise.resolve(key);
      },
      never,
    );
  for (const key of ['a', 'b', 'a', 'c', 'b', 'a']) assert.equal(await get(key), key);
  assert.deepEqual(loaded, ['a', 'b', 'c', 'a']);
});

test('what one load throws, all who share it are told, and the next one tries again', async () => {
  const cache = createSharedCache<string>({ clock: manualClock(), maxAgeMs: 1_000, maxEntries: 2 });
  const failing = () => Promise.reject(new Error('no luck'));
  const both = [cache.get('a', failing, never), cache.get('a', failing, never)];
  for (const one of both) await assert.rejects(one, /no luck/);
  assert.equal(await cache.get('a', () => Promise.resolve('luck'), never), 'luck');
});
