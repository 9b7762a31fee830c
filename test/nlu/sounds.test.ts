import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSounds, soundDistance, soundsOf } from '../../app/nlu/sounds.ts';

function distance(one: string, other: string): number {
  return soundDistance(encodeSounds(soundsOf(one)), encodeSounds(soundsOf(other)));
}

for (const [one, other] of [
  ['tokio', 'tokyo'],
  ['mosco', 'moscow'],
  ['seaattle', 'seattle'],
  ['filadelfia', 'philadelphia'],
  ['jon', 'john'],
  ['smyth', 'smith'],
  ['nite', 'night'],
  ['kathryn', 'cathrin'],
] as const) {
  test(`"${one}" sounds like "${other}"`, () => {
    assert.ok(
      distance(one, other) <= 0.06,
      `${soundsOf(one)} and ${soundsOf(other)}: ${distance(one, other)}`,
    );
  });
}

for (const [one, other] of [
  ['oslo', 'orlando'],
  ['bob', 'rob'],
  ['feather', 'weather'],
  ['boston', 'houston'],
  ['alex', 'alice'],
] as const) {
  test(`"${one}" does not sound like "${other}"`, () => {
    assert.ok(distance(one, other) > 0.14, `${distance(one, other)}`);
  });
}

test('the distance is the same both ways, 0 to itself and 1 at most', () => {
  for (const [one, other] of [
    ['berlin', 'burlin'],
    ['a', 'philadelphia'],
    ['', 'paris'],
    ['', ''],
  ] as const) {
    assert.ok(Math.abs(distance(one, other) - distance(other, one)) < 1e-6);
    assert.equal(distance(one, one), 0);
    assert.ok(distance(one, other) <= 1);
  }
});

test('whatever is written has sounds that can be compared', () => {
  assert.equal(soundsOf('東京'), '');
  assert.equal(soundsOf("o'hare 42"), soundsOf('ohare'));
  assert.ok(Number.isFinite(distance('x'.repeat(400), 'y'.repeat(300))));
});
